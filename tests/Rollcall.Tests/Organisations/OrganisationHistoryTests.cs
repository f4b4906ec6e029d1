using System.Net;
using Microsoft.EntityFrameworkCore;
using Rollcall.Model;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Organisations;

/// <summary>The history of an organisation: what happened to it, and not to one of its users.</summary>
public sealed class OrganisationHistoryTests(TheApp app)
{
    private static IReadOnlyList<string> Sentences(Page page) =>
        [
            .. page
                .Document.QuerySelectorAll("main ul.govuk-list--spaced li")
                .Select(line => Page.Squish(line.LastChild!.TextContent)),
        ];

    [Fact]
    public async Task J6_What_happened_to_the_organisation_is_told_newest_first_and_support_staff_only_to_support()
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        var admin = await app.Main.MakeUserAsync("Ann", "Admin");
        await app.Main.JoinAsync(admin, organisation, Roles.Admin);
        var helper = await app.Main.MakeUserAsync("Secret", "Helper", support: true);
        using var client = await app.Client().SignInAsync(admin.Email);
        using var support = await app.Client().SignInAsync(helper.Email);
        var page = await (await client.GetAsync(Links.Organisation(organisation.Id))).FollowAsync("History");
        Assert.Contains("Nothing has been recorded yet.", page.Text(), StringComparison.Ordinal);

        var name = Some.Name("Renamed");
        await (await support.GetAsync(Links.EditOrganisation(organisation.Id))).SubmitAsync(
            "Save",
            new() { ["Name"] = name }
        );
        await (
            await (await client.GetAsync(Links.InviteUsers(organisation.Id))).SubmitAsync(
                "Continue",
                new() { ["Addresses"] = $"{Some.Email()} {Some.Email()}", ["Role"] = Roles.Member }
            )
        ).SubmitAsync("Send 2 invitations");
        await (await client.GetAsync(Links.Areas(organisation.Id))).SubmitAsync("Add", new() { ["Name"] = "Finance" });
        await client.RawAsync(new(HttpMethod.Get, Links.Users(organisation.Id, status: null, csv: true)));

        string[] expected =
        [
            "Ann Admin downloaded a list of 3 users (CSV)",
            "Ann Admin added the service area Finance",
            "Ann Admin invited 2 people: 2 were added",
        ];
        var change = $"changed the name from {organisation.Name} to {name}";
        var history = Links.History(organisation.Id);
        Assert.Equal([.. expected, $"The support team {change}"], Sentences(await client.GetAsync(history)));
        Assert.Equal([.. expected, $"Secret Helper {change}"], Sentences(await support.GetAsync(history)));

        // Someone who leaves the support team is not named for what they did as part of it.
        await app.InDbAsync(db =>
            db.Users.Where(u => u.Id == helper.Id)
                .ExecuteUpdateAsync(u => u.SetProperty(x => x.SupportSince, (DateTimeOffset?)null))
        );
        Assert.Equal([.. expected, $"The support team {change}"], Sentences(await client.GetAsync(history)));
    }

    [Fact]
    public async Task J6_Only_support_and_its_own_admins_read_the_history_of_an_organisation()
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        var other = await app.Main.MakeOrganisationAsync();
        var member = await app.Main.MakeUserAsync();
        var stranger = await app.Main.MakeUserAsync();
        await app.Main.JoinAsync(member, organisation);
        await app.Main.JoinAsync(stranger, other, Roles.Admin);
        var history = Links.History(organisation.Id);

        using var client = await app.Client().SignInAsync(member.Email);
        Assert.False((await client.GetAsync(Links.Organisation(organisation.Id))).HasLink("History"));
        await client.GetAsync(history, HttpStatusCode.Forbidden);
        var limited = await app.Main.AdminOfAsync(organisation);
        await app.Main.LimitAsync(limited, await app.Main.MakeAreaAsync(organisation, "North"));
        using var northern = await app.Client().SignInAsync(limited.Email);
        Assert.False((await northern.GetAsync(Links.Organisation(organisation.Id))).HasLink("History"));
        await northern.GetAsync(history, HttpStatusCode.Forbidden);
        using var elsewhere = await app.Client().SignInAsync(stranger.Email);
        await elsewhere.GetAsync(history, HttpStatusCode.NotFound);
        using var support = await app.SupportAsync();
        await support.GetAsync(history);
    }

    [Fact]
    public async Task J6_A_row_of_another_version_does_not_break_a_history()
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        await app.InDbAsync(async db =>
        {
            db.AddRange(
                Row("from-a-newer-version", """{"what":1}""", minute: 2),
                Row("area-named", """{"named":"Finance"}""", minute: 1),
                Row("organisation-created", """{"name":7}""", minute: 0)
            );
            return await db.SaveChangesAsync();
        });
        using var support = await app.SupportAsync();
        Assert.Equal(
            ["Bo: from-a-newer-version", "Bo added a service area", "Bo created the organisation"],
            Sentences(await support.GetAsync(Links.History(organisation.Id)))
        );

        AuditEvent Row(string kind, string data, int minute) =>
            new()
            {
                At = organisation.CreatedAt.AddMinutes(minute),
                Kind = kind,
                ActorName = "Bo",
                OrganisationId = organisation.Id,
                Data = data,
            };
    }
}
