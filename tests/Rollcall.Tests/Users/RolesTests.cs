using System.Net;
using Microsoft.EntityFrameworkCore;
using Rollcall.History;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Users;

/// <summary>What people may do in an organisation, and who may give it.</summary>
public sealed class RolesTests(TheApp app)
{
    private static Dictionary<string, string> Person(string? email = null) =>
        new()
        {
            ["FirstName"] = "Ada",
            ["LastName"] = "Lovelace",
            ["Email"] = email ?? Some.Email(),
        };

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
        var (support, organisation, person) = (
            await app.SupportAsync(),
            await app.Main.MakeOrganisationAsync(),
            Person()
        );
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
    public async Task S1_11_S3_6_With_one_role_nobody_is_asked_and_everybody_manages_users()
    {
        await using var host = await app.StartAsync(
            new() { ["Rollcall:Roles:0:Key"] = "member", ["Rollcall:Roles:0:Name"] = "Member" }
        );
        var (organisation, member) = (await host.MakeOrganisationAsync(), await host.MakeUserAsync());
        await host.JoinAsync(member, organisation);
        var client = await host.Client().SignInAsync(member.Email);
        var check = await (await client.GetAsync(Links.AddUser(organisation.Id))).SubmitAsync("Continue", Person());
        Assert.Equal("Check your answers", check.Document.QuerySelector("h1")!.LastChild!.TextContent.Trim());
        Assert.DoesNotContain("Role", check.Texts("dt"));
        Assert.Contains("has been added", (await check.SubmitAsync("Add user")).Banner, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trust20_Nobody_gives_more_than_they_have()
    {
        await using var host = await app.StartAsync(Three());
        var (organisation, manager, owner) = (
            await host.MakeOrganisationAsync(),
            await host.MakeUserAsync(),
            await host.MakeUserAsync()
        );
        await host.JoinAsync(manager, organisation, "manager");
        await host.JoinAsync(owner, organisation, "owner");
        var (theirs, person) = (await host.Client().SignInAsync(manager.Email), Person());
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
    public async Task Trust20_A_role_that_is_no_longer_among_the_settings_manages_nobody()
    {
        await using var host = await app.StartAsync(Three());
        var (organisation, admin) = (await host.MakeOrganisationAsync(), await host.MakeUserAsync());
        await host.JoinAsync(admin, organisation, Roles.Admin);
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
        var (support, organisation, other) = (
            await app.SupportAsync(),
            await app.Main.MakeOrganisationAsync(Some.Name("Ysgol Gŵyr")),
            await app.Main.MakeOrganisationAsync()
        );
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
    public async Task Trust20_Trust22_Whoever_is_limited_to_a_part_reaches_nobody_who_may_use_more(
        string theirs,
        bool may
    )
    {
        var (organisation, admin) = (await app.Main.MakeOrganisationAsync(), await app.Main.MakeUserAsync());
        var mine = await app.Main.JoinAsync(admin, organisation, Roles.Admin);
        var invited = await app.Main.InviteAsync(organisation);
        var areas = new[] { "North", "South" }
            .Select(name => new ServiceArea
            {
                OrganisationId = organisation.Id,
                Name = name,
                CreatedAt = admin.CreatedAt,
            })
            .ToArray();
        await app.InDbAsync(async db =>
        {
            db.AddRange(areas);
            await db.SaveChangesAsync();
            db.Add(
                new AccessGrant
                {
                    OrganisationId = areas[0].OrganisationId,
                    MembershipId = mine.Id,
                    ServiceAreaId = areas[0].Id,
                }
            );
            foreach (
                var area in theirs switch
                {
                    "same" => [areas[0]],
                    "other" => [areas[1]],
                    "both" => areas,
                    _ => Array.Empty<ServiceArea>(),
                }
            )
            {
                db.Add(
                    new AccessGrant
                    {
                        OrganisationId = area.OrganisationId,
                        MembershipId = invited.Membership.Id,
                        ServiceAreaId = area.Id,
                    }
                );
            }

            return await db.SaveChangesAsync();
        });
        var client = await app.Client().SignInAsync(admin.Email);
        var details = await client.GetAsync(Links.User(organisation.Id, invited.User.Id));
        Assert.Equal(may, details.HasLink("Change email address"));
        var (edit, access) = (
            Links.EditUser(organisation.Id, invited.User.Id),
            Links.ChangeAccess(organisation.Id, invited.User.Id)
        );
        await client.GetAsync(edit, may ? HttpStatusCode.OK : HttpStatusCode.Forbidden);
        await client.GetAsync(access, may ? HttpStatusCode.OK : HttpStatusCode.Forbidden);
        var viewer = new Viewer(
            admin.Id,
            admin.DisplayName,
            admin.Email,
            false,
            [new(organisation.Id, Roles.Admin, true)]
        );
        var now = DateTimeOffset.UtcNow;
        var changed = await app.Main.DoAsync<ChangeAccess, Result>(g =>
            g.ChangeAsync(new(viewer, now), organisation.Id, invited.User.Id, Roles.Admin, [areas[0].Id])
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
