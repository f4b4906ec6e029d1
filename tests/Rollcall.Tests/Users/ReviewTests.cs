using Microsoft.EntityFrameworkCore;
using Rollcall.Addresses;
using Rollcall.History;
using Rollcall.Model;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Users;

/// <summary>
/// People who have not signed in for a long time are kept or removed, and the record says who decided and when.
/// </summary>
public sealed class ReviewTests(TheApp app)
{
    private async Task<User> LastSeenAsync(
        Organisation organisation,
        string first,
        int monthsAgo,
        string role = Roles.Member
    )
    {
        var user = await app.Main.MemberOfAsync(organisation, first, "Away", role: role);
        await app.InDbAsync(db =>
            db.Users.Where(u => u.Id == user.Id)
                .ExecuteUpdateAsync(u =>
                    u.SetProperty(x => x.LastSignedInAt, x => x.CreatedAt.AddMonths(-monthsAgo).AddDays(-1))
                )
        );
        return user;
    }

    private async Task<(Organisation Organisation, User Admin, Client Client)> StartAsync()
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        var admin = await app.Main.AdminOfAsync(organisation, "Ann", "Admin");
        return (organisation, admin, await app.Client().SignInAsync(admin.Email));
    }

    private static string Decision(User user) => $"decision-{user.Id}";

    [Fact]
    public async Task Each_is_kept_or_removed_after_a_check_and_the_record_says_who_decided_it()
    {
        var (organisation, admin, client) = await StartAsync();
        var oldest = await LastSeenAsync(organisation, "Olga", 12);
        var middle = await LastSeenAsync(organisation, "Milo", 7);
        var recent = await LastSeenAsync(organisation, "Rita", 4);
        var page = await (await client.GetAsync(Links.Organisation(organisation.Id))).FollowAsync("Review access");
        Assert.Equal(["Olga Away", "Milo Away"], page.Texts("legend"));
        Assert.Equal(
            ["Olga Away", "Milo Away", "Rita Away"],
            (await client.GetAsync(Links.ReviewAccess(organisation.Id, 3))).Texts("legend")
        );
        Assert.Equal(["Select keep or remove for at least one user"], (await page.SubmitAsync("Save")).Errors);

        var check = await page.SubmitAsync(
            "Save",
            new() { [Decision(oldest)] = "remove", [Decision(middle)] = "keep" }
        );
        Assert.Contains("Are you sure you want to remove Olga Away?", check.Heading, StringComparison.Ordinal);
        Assert.Equal(
            3,
            await app.InDbAsync(db =>
                db.Memberships.CountAsync(m =>
                    m.OrganisationId == organisation.Id && m.RemovedAt == null && m.UserId != admin.Id
                )
            )
        ); // G1: nothing yet
        Assert.Contains("1 user kept.", check.Text(), StringComparison.Ordinal);
        // a person who was kept stays kept, whatever happens to the others
        Assert.Equal(["Olga Away"], (await check.FollowAsync("Cancel")).Texts("legend"));
        var done = await check.SubmitAsync("Remove user");
        Assert.Equal("1 user removed. We’ll email the people you removed.", done.Banner);
        Assert.Contains("Everyone", done.Text(), StringComparison.Ordinal);
        Assert.Contains("Ann Admin kept Milo Away", done.Text(), StringComparison.Ordinal);
        Assert.Contains("Ann Admin removed Olga Away", done.Text(), StringComparison.Ordinal);
        Assert.Equal(
            1,
            await app.InDbAsync(db =>
                db.OutgoingMessages.CountAsync(m => m.ToAddress == oldest.Email && m.Kind == "removed")
            )
        );
        Assert.Contains(
            $"Ann Admin reviewed their access to {organisation.Name} and kept them",
            (await client.GetAsync(Links.User(organisation.Id, middle.Id))).Text(),
            StringComparison.Ordinal
        );
        var again = await check.SubmitAsync("Remove user"); // G6
        Assert.Equal(
            1,
            await app.InDbAsync(db =>
                db.AuditEvents.CountAsync(e => e.UserId == oldest.Id && e.Kind == Event.KindOf<MemberRemoved>())
            )
        );
        Assert.DoesNotContain("1 user removed", again.Banner, StringComparison.Ordinal);
        Assert.True(
            await app.InDbAsync(db => db.Memberships.AnyAsync(m => m.UserId == recent.Id && m.RemovedAt == null))
        );
    }

    [Fact]
    public async Task A_user_who_was_kept_comes_back_when_as_much_time_has_passed_again()
    {
        var (organisation, _, client) = await StartAsync();
        var user = await LastSeenAsync(organisation, "Olga", 30);
        var page = await client.GetAsync(Links.ReviewAccess(organisation.Id, 6));
        Assert.Empty((await page.SubmitAsync("Save", new() { [Decision(user)] = "keep" })).Texts("legend"));
        await app.InDbAsync(db =>
            db.Memberships.Where(m => m.UserId == user.Id)
                .ExecuteUpdateAsync(m =>
                    m.SetProperty(x => x.ReviewedAt, x => x.ReviewedAt!.Value.AddMonths(-6).AddDays(-1))
                )
        );
        Assert.Single((await client.GetAsync(Links.ReviewAccess(organisation.Id, 6))).Texts("legend"));
        Assert.Empty((await client.GetAsync(Links.ReviewAccess(organisation.Id, 7))).Texts("legend"));
    }

    [Fact]
    public async Task Trust18_Someone_who_has_not_come_yet_is_not_kept_and_the_record_does_not_name_them()
    {
        var (organisation, admin, _) = await StartAsync();
        var known = await app.Main.MakeUserAsync("Nia", "Lloyd");
        var viewer = Some.AdminOf(organisation, admin);
        Assert.True(EmailAddress.TryParse(known.Email, out var address));
        var now = DateTimeOffset.UtcNow;
        await app.Main.DoAsync<Operations.AddMember, Operations.Access>(async addMember =>
        {
            Operations.Access access = new(Roles.Member, []);
            Assert.Null(
                (await addMember.AddAsync(new(viewer, now), organisation, "Pat", "Person", address, access)).Refusal
            );
            return access;
        });
        Assert.True(await app.InDbAsync(db => db.Memberships.AnyAsync(m => m.UserId == known.Id && m.Awaited)));
        var kept = await app.Main.DoAsync<Operations.AccessReviews, Result<Guid[]>>(reviews =>
            reviews.KeepAsync(new(viewer, now), organisation.Id, [known.Id])
        );
        Assert.Empty(kept.Value!);
        Assert.False(
            await app.InDbAsync(db =>
                db.AuditEvents.AnyAsync(e => e.UserId == known.Id && e.Kind == Event.KindOf<AccessReviewed>())
            )
        );
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("0")]
    [InlineData("61")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("")]
    [InlineData("99999999999")]
    public async Task A_number_of_months_that_is_none_is_an_error_and_stays_as_typed(string typed)
    {
        var (organisation, _, client) = await StartAsync();
        var away = await LastSeenAsync(organisation, "Olga", 12);
        var path = $"{Links.ReviewAccess(organisation.Id)}?months={typed}";
        var page = await client.GetAsync(path);
        Assert.Equal(["Enter a whole number of months between 1 and 60"], page.Errors);
        Assert.Equal(typed, page.Document.QuerySelector("input.govuk-input--error")!.GetAttribute("value") ?? "");
        Assert.Empty(page.Texts("legend")); // a list of another time is not what was asked for
        var fields = (await client.GetAsync(Links.ReviewAccess(organisation.Id))).Form("Save").Fields;
        var posted = await client.PostAsync(path, new(fields) { [Decision(away)] = "remove", ["confirmed"] = "true" });
        Assert.Equal(["Enter a whole number of months between 1 and 60"], posted.Errors);
        Assert.Equal(
            1,
            await app.InDbAsync(db => db.Memberships.CountAsync(m => m.UserId == away.Id && m.RemovedAt == null))
        );
        Assert.Equal(
            ["Olga Away"],
            (await client.GetAsync($"{Links.ReviewAccess(organisation.Id)}?months=+7+")).Texts("legend")
        );
    }

    [Fact]
    public async Task Trust18_J5_G2_The_list_leaves_out_oneself_paused_waiting_and_outside_users_and_dates_from_elsewhere()
    {
        var (organisation, admin, client) = await StartAsync();
        await app.InDbAsync(db =>
            db.Users.Where(u => u.Id == admin.Id)
                .ExecuteUpdateAsync(u => u.SetProperty(x => x.LastSignedInAt, x => x.CreatedAt.AddYears(-2)))
        );
        var here = await LastSeenAsync(organisation, "Only", 12);
        var both = await LastSeenAsync(organisation, "Both", 13);
        var elsewhere = await app.Main.MakeOrganisationAsync();
        var other = await app.Main.MakeOrganisationAsync();
        await app.Main.JoinAsync(both, elsewhere);
        var stranger = await LastSeenAsync(other, "Stranger", 12);
        var paused = await LastSeenAsync(organisation, "Paused", 12);
        await app.InDbAsync(db =>
            db.Memberships.Where(m => m.UserId == paused.Id)
                .ExecuteUpdateAsync(m => m.SetProperty(x => x.PausedAt, x => x.AddedAt))
        );
        await app.Main.InviteAsync(organisation);
        await app.InDbAsync(db =>
            db.Users.Where(u => u.Id == admin.Id)
                .ExecuteUpdateAsync(u => u.SetProperty(x => x.LastSignedInAt, x => x.CreatedAt.AddYears(-2)))
        );
        var page = await client.GetAsync(Links.ReviewAccess(organisation.Id));
        Assert.Equal(["Both Away", "Only Away"], page.Texts("legend"));
        var hints = page.Texts("fieldset .govuk-hint");
        Assert.Contains("Has not signed in for 6 months or longer", hints[0], StringComparison.Ordinal);
        Assert.Contains("Last signed in on ", hints[1], StringComparison.Ordinal);
        Assert.Contains(
            "Last signed in on ",
            (await (await app.SupportAsync()).GetAsync(Links.ReviewAccess(organisation.Id))).Texts(
                "fieldset .govuk-hint"
            )[^2],
            StringComparison.Ordinal
        );

        // J5: choosing other periods does not reveal when a person signed in elsewhere
        var sooner = await client.GetAsync(Links.ReviewAccess(organisation.Id, 3));
        Assert.Contains(
            "Users who also belong to another organisation are on this list when they have not signed in for 6 months.",
            sooner.Text(),
            StringComparison.Ordinal
        );
        Assert.Equal(["Both Away", "Only Away"], sooner.Texts("legend"));
        await app.InDbAsync(db =>
            db.Users.Where(u => u.Id == both.Id)
                .ExecuteUpdateAsync(u => u.SetProperty(x => x.LastSignedInAt, x => x.CreatedAt.AddMonths(-4)))
        );
        Assert.Equal(["Only Away"], (await client.GetAsync(Links.ReviewAccess(organisation.Id, 3))).Texts("legend"));
        await app.InDbAsync(db =>
            db.Users.Where(u => u.Id == both.Id)
                .ExecuteUpdateAsync(u => u.SetProperty(x => x.LastSignedInAt, x => x.CreatedAt.AddMonths(-40)))
        );
        var later = await client.GetAsync(Links.ReviewAccess(organisation.Id, 9));
        Assert.Equal(["Only Away"], later.Texts("legend"));
        Assert.Contains(
            "Users who also belong to another organisation are not on this list.",
            later.Text(),
            StringComparison.Ordinal
        );

        // J2: what the form never offered does nothing.
        var forged = await page.SubmitAsync(
            "Save",
            new()
            {
                [Decision(stranger)] = "remove",
                [Decision(admin)] = "remove",
                [Decision(here)] = "keep",
                ["confirmed"] = "true",
            }
        );
        Assert.Equal("1 user kept, 0 users removed.", forged.Banner);
        Assert.Equal(
            2,
            await app.InDbAsync(db =>
                db.Memberships.CountAsync(m => (m.UserId == stranger.Id || m.UserId == admin.Id) && m.RemovedAt == null)
            )
        );
    }

    [Fact]
    public async Task G4_A_user_with_a_higher_role_stays_and_the_page_says_so_and_no_one_is_half_saved()
    {
        await using var host = await app.StartAsync(
            new()
            {
                ["Rollcall:Roles:0:Key"] = "helper",
                ["Rollcall:Roles:0:Name"] = "Helper",
                ["Rollcall:Roles:0:ManagesUsers"] = "true",
                ["Rollcall:Roles:1:Key"] = "head",
                ["Rollcall:Roles:1:Name"] = "Head",
                ["Rollcall:Roles:1:ManagesUsers"] = "true",
            }
        );
        var organisation = await host.MakeOrganisationAsync();
        var helper = await host.MemberOfAsync(organisation, role: "helper");
        var head = await host.MemberOfAsync(organisation, "Hedda", "Head", role: "head");
        var gone = await host.MemberOfAsync(organisation, "Gone", "Away", role: "helper");
        await host.InDbAsync(db =>
            db.Users.Where(u => u.Id != helper.Id)
                .ExecuteUpdateAsync(u => u.SetProperty(x => x.LastSignedInAt, x => x.CreatedAt.AddYears(-1)))
        );
        var client = await host.Client().SignInAsync(helper.Email);
        var check = await (await client.GetAsync(Links.ReviewAccess(organisation.Id))).SubmitAsync(
            "Save",
            new() { [Decision(head)] = "remove", [Decision(gone)] = "remove" }
        );
        Assert.Contains("Gone Away", check.Heading, StringComparison.Ordinal); // the page offers nothing for the other
        await host.InDbAsync(db =>
            db.Memberships.Where(m => m.UserId == gone.Id).ExecuteUpdateAsync(m => m.SetProperty(x => x.Role, "head"))
        );
        Assert.Equal(
            "0 users removed. Gone Away: you cannot change someone who has more access than you.",
            (await check.SubmitAsync("Remove user")).Banner
        );
        Assert.Equal(
            2,
            await host.InDbAsync(db => db.Memberships.CountAsync(m => m.Role == "head" && m.RemovedAt == null))
        );
    }
}
