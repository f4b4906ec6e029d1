using System.Net;
using Microsoft.EntityFrameworkCore;
using Rollcall.History;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Tests.Support;
using static Rollcall.Tests.Users.AddPages;

namespace Rollcall.Tests.Users;

/// <summary>What people may do in an organisation, and who may give it.</summary>
public sealed class RolesTests(TheApp app)
{
    private static Dictionary<string, string?> Three() =>
        new()
        {
            ["Rollcall:Roles:0:Key"] = "viewer",
            ["Rollcall:Roles:0:Name"] = "Viewer",
            ["Rollcall:Roles:1:Key"] = "manager",
            ["Rollcall:Roles:1:Name"] = "Manager",
            ["Rollcall:Roles:1:Description"] = "Can add people",
            ["Rollcall:Roles:1:ManagesUsers"] = "true",
            ["Rollcall:Roles:2:Key"] = "owner",
            ["Rollcall:Roles:2:Name"] = "Owner",
            ["Rollcall:Roles:2:ManagesUsers"] = "true",
        };

    [Fact]
    public async Task S0_9_The_role_is_asked_for_shown_and_kept()
    {
        var support = await app.SupportAsync();
        var organisation = await app.Main.MakeOrganisationAsync();
        var person = Person();
        var role = await (await support.GetAsync(Links.AddUser(organisation.Id))).SubmitAsync("Continue", person);
        Assert.EndsWith("Ada Lovelace’s access", role.Heading, StringComparison.Ordinal);
        Assert.EndsWith(
            "Ada Lovelace’s access",
            (await support.GetAsync(role.Path.Replace("/access", "/check", StringComparison.Ordinal))).Heading,
            StringComparison.Ordinal
        ); // no step is skipped by its address
        Assert.Equal(["Select a role for Ada Lovelace"], (await role.SubmitAsync("Continue")).Errors);
        Assert.Equal(
            ["Select a role for Ada Lovelace"],
            (await role.SubmitAsync("Continue", new() { ["Role"] = "king" })).Errors
        );
        var check = await role.SubmitAsync("Continue", new() { ["Role"] = Roles.Member });
        Assert.Equal("Member", check.Value("Role"));
        check = await (await check.FollowAsync("Change role")).SubmitAsync(
            "Continue",
            new() { ["Role"] = Roles.Admin }
        );
        Assert.Equal("Admin", check.Value("Role"));
        await check.SubmitAsync("Add user");
        Assert.Equal(
            Roles.Admin,
            await app.InDbAsync(db =>
                (
                    from u in db.Users
                    where u.Email == person["Email"]
                    join m in db.Memberships on u.Id equals m.UserId
                    select m.Role
                ).SingleAsync()
            )
        );
    }

    [Fact]
    public async Task S1_11_S3_6_With_one_role_no_one_is_asked_and_everyone_manages_users()
    {
        await using var host = await app.StartAsync(
            new() { ["Rollcall:Roles:0:Key"] = "member", ["Rollcall:Roles:0:Name"] = "Member" }
        );
        var organisation = await host.MakeOrganisationAsync();
        var member = await host.MemberOfAsync(organisation);
        var client = await host.Client().SignInAsync(member.Email);
        var check = await (await client.GetAsync(Links.AddUser(organisation.Id))).SubmitAsync("Continue", Person());
        Assert.Equal("Check your answers", check.Document.QuerySelector("h1")!.LastChild!.TextContent.Trim());
        Assert.DoesNotContain("Role", check.Texts("dt"));
        Assert.Contains("has been added", (await check.SubmitAsync("Add user")).Banner, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trust20_No_one_can_give_more_than_they_have()
    {
        await using var host = await app.StartAsync(Three());
        var organisation = await host.MakeOrganisationAsync();
        var manager = await host.MemberOfAsync(organisation, role: "manager");
        var owner = await host.MemberOfAsync(organisation, role: "owner");
        var theirs = await host.Client().SignInAsync(manager.Email);
        var person = Person();
        var role = await (await theirs.GetAsync(Links.AddUser(organisation.Id))).SubmitAsync("Continue", person);
        Assert.Equal(["Viewer", "Manager"], role.Texts(".govuk-radios__label"));
        Assert.Equal(
            ["Select a role for Ada Lovelace"],
            (await role.SubmitAsync("Continue", new() { ["Role"] = "owner" })).Errors
        );
        var all = await (
            await (await host.Client().SignInAsync(owner.Email)).GetAsync(Links.AddUser(organisation.Id))
        ).SubmitAsync("Continue", Person());
        Assert.Equal(["Viewer", "Manager", "Owner"], all.Texts(".govuk-radios__label"));

        // What they may give is looked at once more when it is confirmed: they may have less by then.
        var check = await role.SubmitAsync("Continue", new() { ["Role"] = "manager" });
        await host.InDbAsync(db =>
            db.Database.ExecuteSqlAsync($"update memberships set role = 'owner' where user_id = {manager.Id}")
        );
        check = await (await check.FollowAsync("Change role")).SubmitAsync("Continue", new() { ["Role"] = "owner" });
        await host.InDbAsync(db =>
            db.Database.ExecuteSqlAsync($"update memberships set role = 'manager' where user_id = {manager.Id}")
        );
        Assert.EndsWith(
            "Ada Lovelace’s access",
            (await check.SubmitAsync("Add user")).Heading,
            StringComparison.Ordinal
        );
        Assert.Equal(0, await host.InDbAsync(db => db.Users.CountAsync(u => u.Email == person["Email"])));
    }

    [Fact]
    public async Task Trust20_A_role_that_is_no_longer_among_the_settings_manages_no_one()
    {
        await using var host = await app.StartAsync(Three());
        var organisation = await host.MakeOrganisationAsync();
        var admin = await host.AdminOfAsync(organisation);
        Assert.Equal(
            403,
            (int)
                (
                    await (await host.Client().SignInAsync(admin.Email)).GetAsync(
                        Links.Users(organisation.Id),
                        System.Net.HttpStatusCode.Forbidden
                    )
                )
                    .Response
                    .StatusCode
        );
    }

    [Fact]
    public async Task S0_6_S0_7_S0_8_S0_9_Support_begins_with_the_person_and_chooses_the_organisation_and_the_role_after()
    {
        var support = await app.SupportAsync();
        var organisation = await app.Main.MakeOrganisationAsync(Some.Name("Ysgol Gŵyr"));
        var other = await app.Main.MakeOrganisationAsync();
        var person = Person();
        var form = await (await support.GetAsync("/users")).FollowAsync("Add user");
        Assert.Equal(3, (await form.SubmitAsync("Continue")).Errors.Count);
        var choose = await form.SubmitAsync("Continue", person);
        Assert.Equal(
            "Which organisation does Ada Lovelace belong to?",
            choose.Document.QuerySelector("h1")!.LastChild!.TextContent.Trim()
        );
        var found = await support.GetAsync(
            $"{choose.Path}?search={Uri.EscapeDataString(organisation.Name.Replace('ŵ', 'w').ToUpperInvariant())}"
        );
        Assert.Equal([organisation.Name], found.Texts(".govuk-radios__label"));
        Assert.Equal(["Select an organisation"], (await found.SubmitAsync("Continue")).Errors);
        var role = await found.SubmitAsync("Continue", new() { ["OrganisationId"] = organisation.Id.ToString() });
        var check = await role.SubmitAsync("Continue", new() { ["Role"] = Roles.Member });
        Assert.Contains(organisation.Name, check.Heading, StringComparison.Ordinal);
        Assert.Contains(
            "Ada Lovelace has been added",
            (await check.SubmitAsync("Add user")).Banner,
            StringComparison.Ordinal
        );

        // Once more: where they belong is said, and the same organisation is refused.
        found = await support.GetAsync(
            $"{(await form.SubmitAsync("Continue", person)).Path}?search={Uri.EscapeDataString(organisation.Name)}"
        );
        Assert.Contains($"already belongs to {organisation.Name}", found.Text(), StringComparison.Ordinal);
        Assert.Equal(
            [$"{person["Email"]} already belongs to {organisation.Name}"],
            (await found.SubmitAsync("Continue", new() { ["OrganisationId"] = organisation.Id.ToString() })).Errors
        );
        Assert.EndsWith(
            "Ada Lovelace’s access",
            (await found.SubmitAsync("Continue", new() { ["OrganisationId"] = other.Id.ToString() })).Heading,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "create an organisation",
            (await support.GetAsync($"{choose.Path}?search=nowhere")).Text(),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("other", false)]
    [InlineData("both", false)]
    [InlineData("all", false)]
    [InlineData("same", true)]
    public async Task Trust20_Trust22_An_admin_limited_to_a_part_cannot_reach_a_user_who_may_use_more(
        string theirs,
        bool may
    )
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        var admin = await app.Main.AdminOfAsync(organisation);
        var invited = await app.Main.InviteAsync(organisation);
        var north = await app.Main.MakeAreaAsync(organisation, "North");
        var south = await app.Main.MakeAreaAsync(organisation, "South");
        await app.Main.LimitAsync(admin, north);
        await app.Main.LimitAsync(
            invited.User,
            theirs switch
            {
                "same" => [north],
                "other" => [south],
                "both" => [north, south],
                _ => Array.Empty<ServiceArea>(),
            }
        );
        var client = await app.Client().SignInAsync(admin.Email);
        var details = await client.GetAsync(Links.User(organisation.Id, invited.User.Id));
        Assert.Equal(may, details.HasLink("Change email address"));
        var edit = Links.EditUser(organisation.Id, invited.User.Id);
        var access = Links.ChangeAccess(organisation.Id, invited.User.Id);
        await client.GetAsync(edit, may ? HttpStatusCode.OK : HttpStatusCode.Forbidden);
        await client.GetAsync(access, may ? HttpStatusCode.OK : HttpStatusCode.Forbidden);
        var viewer = Some.AdminOf(organisation, admin);
        var now = DateTimeOffset.UtcNow;
        var changed = await app.Main.DoAsync<ChangeAccess, Result>(g =>
            g.ChangeAsync(new(viewer, now), organisation.Id, invited.User.Id, Roles.Admin, [north.Id])
        );
        Assert.Equal(may ? Result.Done : MemberPolicy.Above, changed);
        var before = Details.Of(invited.User);
        var outcome = await app.Main.DoAsync<ChangeDetails, Result<User>>(c =>
            c.ChangeAsync(
                new(viewer, now),
                new() { EditEmail = EditPolicy.Always, EditName = EditPolicy.Always },
                organisation,
                invited.User.Id,
                before,
                before with
                {
                    Email = Some.Email(),
                }
            )
        );
        Assert.Equal(may ? null : ChangeDetails.NotAllowed, outcome.Refusal);
        Assert.Equal(may, outcome.Value is not null);
    }
}
