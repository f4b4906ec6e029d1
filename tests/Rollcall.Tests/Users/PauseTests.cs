using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Rollcall.History;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Users;

/// <summary>
/// Pausing and resuming, sending again, roles; and what an organisation's people may not do to each other.
/// </summary>
public sealed class PauseTests(TheApp app)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static Viewer ViewerOf(User user, Organisation organisation, string role) =>
        new(user.Id, user.DisplayName, user.Email, false, [new(organisation.Id, role, true, [])]);

    private async Task<(Organisation Organisation, User Admin, User Member)> StartAsync(bool registered = true)
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        var admin = await app.Main.AdminOfAsync(organisation, "Ann", "Admin");
        var member = await app.Main.MemberOfAsync(organisation, "Mo", "Member", registered: registered);
        return (organisation, admin, member);
    }

    private async Task<TResult> WithAsync<T, TResult>(Func<T, Task<TResult>> work)
        where T : notnull
    {
        await using var scope = app.Main.Services.CreateAsyncScope();
        return await work(scope.ServiceProvider.GetRequiredService<T>());
    }

    [Fact]
    public async Task S4_15_G9_Trust21_Pausing_takes_the_organisation_away_at_the_next_request_and_resuming_gives_it_back()
    {
        var (organisation, admin, member) = await StartAsync();
        var theirs = await app.Client().SignInAsync(member.Email);
        Assert.Equal(organisation.Name, (await theirs.GetAsync("/")).Heading);
        var client = await app.Client().SignInAsync(admin.Email);
        var list = await client.GetAsync(Links.Users(organisation.Id));
        var confirm = await client.GetAsync(
            list.Document.QuerySelectorAll("a")
                .Single(a => a.TextContent.Trim() == "Pause Mo Member")
                .GetAttribute("href")!
        );
        Assert.Contains("Are you sure you want to pause Mo Member?", confirm.Heading, StringComparison.Ordinal);
        Assert.Equal(organisation.Name, (await theirs.GetAsync("/")).Heading); // looking changed nothing
        var details = await confirm.SubmitAsync("Pause user", new() { ["Reason"] = "On leave until March" });
        Assert.Equal("Mo Member has been paused.", details.Banner);
        Assert.StartsWith("Inactive Paused by Ann Admin at ", details.Value("Status"), StringComparison.Ordinal);
        Assert.Equal("You cannot use this service at the moment", (await theirs.GetAsync("/")).Heading);
        var again = await confirm.SubmitAsync("Pause user"); // G6: twice is once
        Assert.StartsWith("Inactive", again.Value("Status"), StringComparison.Ordinal);
        Assert.Equal(
            1,
            await app.InDbAsync(db =>
                db.AuditEvents.CountAsync(e => e.UserId == member.Id && e.Kind == Event.KindOf<MemberPaused>())
            )
        );
        Assert.Equal(0, await app.InDbAsync(db => db.OutgoingMessages.CountAsync(m => m.ToAddress == member.Email)));
        Assert.Contains(
            "paused their access to",
            (await (await app.SupportAsync()).GetAsync(Links.User(organisation.Id, member.Id))).Text(),
            StringComparison.Ordinal
        );

        var resume = await again.FollowAsync("Resume user Mo Member");
        Assert.Contains("with the same role as before", resume.Text(), StringComparison.Ordinal);
        var resumed = await resume.SubmitAsync("Resume user");
        Assert.Equal(("Mo Member has been resumed.", "Active"), (resumed.Banner, resumed.Value("Status")));
        Assert.Equal(organisation.Name, (await theirs.GetAsync("/")).Heading);
    }

    [Fact]
    public async Task E_A_pending_person_who_is_paused_cannot_use_the_link_until_resumed_and_is_then_what_the_clock_says()
    {
        var invited = await app.Main.InviteAsync();
        var admin = await app.Main.AdminOfAsync(invited.Organisation);
        var by = ViewerOf(admin, invited.Organisation, Roles.Admin);
        var now = DateTimeOffset.UtcNow;
        Assert.True(
            (
                await WithAsync<PauseMember, Result>(p =>
                    p.PauseAsync(new(by, now), invited.Organisation.Id, invited.User.Id, null)
                )
            ).IsDone
        );
        Assert.Equal("Your access has been paused", (await app.Client().GetAsync(invited.Link)).Heading);
        Assert.True(
            (
                await WithAsync<PauseMember, Result>(p =>
                    p.ResumeAsync(new(by, now), invited.Organisation.Id, invited.User.Id)
                )
            ).IsDone
        );
        Assert.StartsWith(
            "Create an account",
            (await app.Client().GetAsync(invited.Link)).Heading,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task S4_18_D7_An_invitation_is_sent_again_from_the_list_for_pending_and_expired_and_for_no_one_else()
    {
        var invited = await app.Main.InviteAsync();
        var admin = await app.Main.AdminOfAsync(invited.Organisation);
        var client = await app.Client().SignInAsync(admin.Email);
        var list = await client.GetAsync(Links.Users(invited.Organisation.Id));
        var send = list
            .Document.QuerySelectorAll("a")
            .Single(a => a.TextContent.Trim() == $"Resend invitation to {invited.User.DisplayName}")
            .GetAttribute("href")!;
        var page = await client.GetAsync(send);
        Assert.StartsWith(
            "There is already a new invitation",
            Assert.Single((await page.SubmitAsync("Resend invitation")).Errors),
            StringComparison.Ordinal
        ); // a moment ago
        await app.InDbAsync(db =>
            db.Invitations.Where(i => i.UserId == invited.User.Id)
                .ExecuteUpdateAsync(i => i.SetProperty(x => x.ExpiresAt, x => x.SentAt))
        );
        await app.Main.LetTimePassAsync(invited.User.Id, TimeSpan.FromMinutes(2));
        await app.InDbAsync(db =>
            db.Memberships.Where(m => m.Id == invited.Membership.Id)
                .ExecuteUpdateAsync(m => m.SetProperty(x => x.ExpiresAt, x => x.AddedAt))
        );
        Assert.Equal(
            "Expired",
            (await client.GetAsync(Links.User(invited.Organisation.Id, invited.User.Id))).Value("Status")
        );
        var sent = await page.SubmitAsync("Resend invitation");
        Assert.Equal(
            ($"We’ll email the invitation to {invited.User.Email} again.", "Pending"),
            (sent.Banner, sent.Value("Status"))
        );
        Assert.DoesNotContain("Sent on", sent.Value("Invitation"), StringComparison.Ordinal);
        Assert.Equal("There is a newer link for you", (await app.Client().GetAsync(invited.Link)).Heading);
        await app.InDbAsync(db =>
            db.Users.Where(u => u.Id == invited.User.Id)
                .ExecuteUpdateAsync(u => u.SetProperty(x => x.RegisteredAt, DateTimeOffset.UtcNow))
        );
        Assert.Equal("Active", (await client.GetAsync(send)).Value("Status")); // to their page
        await page.SubmitAsync("Resend invitation", null, HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task S4_18_J7_All_expired_invitations_are_sent_again_at_once_in_the_name_of_who_added_them()
    {
        var (organisation, admin, _) = await StartAsync();
        var now = DateTimeOffset.UtcNow;
        var adder = await app.Main.AdminOfAsync(organisation, "Original", "Adder");
        var theirs = await app.Client().SignInAsync(adder.Email);
        var emails = Enumerable.Range(0, 3).Select(_ => Some.Email()).ToList();
        await (
            await (await theirs.GetAsync(Links.InviteUsers(organisation.Id))).SubmitAsync(
                "Continue",
                new() { ["Addresses"] = string.Join('\n', emails), ["Role"] = Roles.Member }
            )
        ).SubmitAsync("Send 3 invitations");
        var old = await app.Main.LinkAsync(await app.InDbAsync(db => db.Users.SingleAsync(u => u.Email == emails[0])));
        await app.InDbAsync(db =>
            db.Memberships.Where(m => m.OrganisationId == organisation.Id && m.ExpiresAt != null)
                .ExecuteUpdateAsync(m => m.SetProperty(x => x.ExpiresAt, now.AddMinutes(-1)))
        );
        await app.InDbAsync(db =>
            db.Invitations.Where(i => i.InvitedBy == adder.Id)
                .ExecuteUpdateAsync(i => i.SetProperty(x => x.ExpiresAt, now.AddMinutes(-1)))
        );
        // One of them got a link a moment ago.
        await app.InDbAsync(db =>
            db.Invitations.Where(i => i.InvitedBy == adder.Id && i.Email != emails[2])
                .ExecuteUpdateAsync(i => i.SetProperty(x => x.SentAt, x => x.SentAt.AddMinutes(-2)))
        );
        var client = await app.Client().SignInAsync(admin.Email);
        var page = await (await client.GetAsync(Links.Users(organisation.Id, MembershipStatus.Expired))).FollowAsync(
            "Resend all expired invitations"
        );
        var sent = await page.SubmitAsync("Resend 3 invitations");
        Assert.Equal("We’ll resend the invitation to 2 people. 1 person cannot get another one yet.", sent.Banner);
        Assert.Equal(
            ["All (6)", "Active (3)", "Pending (2)", "Expired (1)", "Inactive (0)"],
            sent.Texts(".rollcall-filters a")
        );
        Assert.Equal(
            "We’ll resend the invitation to 0 people. 1 person cannot get another one yet.",
            (await page.SubmitAsync("Resend 3 invitations")).Banner
        );
        var message = await app.InDbAsync(db =>
            db.OutgoingMessages.Where(m => m.ToAddress == emails[0])
                .OrderByDescending(m => m.CreatedAt)
                .Select(m => m.Data)
                .FirstAsync()
        );
        Assert.Contains("Original Adder", message, StringComparison.Ordinal);
        Assert.Equal("There is a newer link for you", (await app.Client().GetAsync(old)).Heading);
        Assert.Equal(
            2,
            await app.InDbAsync(db =>
                db.AuditEvents.CountAsync(e =>
                    e.OrganisationId == organisation.Id
                    && e.Kind == Event.KindOf<InvitationResent>()
                    && e.ActorId == admin.Id
                )
            )
        );
    }

    [Theory]
    [InlineData("pause", "You cannot pause yourself")]
    [InlineData("remove", "You cannot remove yourself")]
    [InlineData("access", "You cannot change your own role")]
    public async Task G2_Trust20_No_one_can_pause_remove_or_demote_themselves(string what, string words)
    {
        var (organisation, admin, member) = await StartAsync();
        await app.Main.AdminOfAsync(organisation); // not for being the last
        var client = await app.Client().SignInAsync(admin.Email);
        var own = $"{Links.User(organisation.Id, admin.Id)}/{what}";
        Assert.Equal(words, (await client.GetAsync(own, HttpStatusCode.Forbidden)).Heading);
        var (_, fields) = (await client.GetAsync($"{Links.User(organisation.Id, member.Id)}/{what}")).Form(
            what switch
            {
                "pause" => "Pause user",
                "remove" => "Remove user",
                _ => "Save",
            }
        );
        fields["Role"] = Roles.Member;
        Assert.Equal(words, (await client.PostAsync(own, fields, HttpStatusCode.Forbidden)).Heading);
        Assert.Equal(
            Roles.Admin,
            await app.InDbAsync(db =>
                db.Memberships.Where(m => m.UserId == admin.Id && m.RemovedAt == null && m.PausedAt == null)
                    .Select(m => m.Role)
                    .SingleAsync()
            )
        );
    }

    [Fact]
    public async Task G5_G4_Two_admins_who_act_on_each_other_at_the_same_instant_leave_one()
    {
        for (var round = 0; round < 100; round++)
        {
            var organisation = await app.Main.MakeOrganisationAsync();
            var one = await app.Main.AdminOfAsync(organisation);
            var two = await app.Main.AdminOfAsync(organisation);
            var a = ViewerOf(one, organisation, Roles.Admin);
            var b = ViewerOf(two, organisation, Roles.Admin);
            var now = DateTimeOffset.UtcNow;
            Func<Viewer, User, Task<Refusal?>>[] acts =
            [
                async (by, whom) =>
                    (
                        await WithAsync<RemoveMember, Result<User>>(l =>
                            l.RemoveAsync(new(by, now), organisation, whom.Id)
                        )
                    ).Refusal,
                async (by, whom) =>
                    (
                        await WithAsync<PauseMember, Result>(p =>
                            p.PauseAsync(new(by, now), organisation.Id, whom.Id, null)
                        )
                    ).Refusal,
                async (by, whom) =>
                    (
                        await WithAsync<ChangeAccess, Result>(g =>
                            g.ChangeAsync(new(by, now), organisation.Id, whom.Id, Roles.Member, [])
                        )
                    ).Refusal,
            ];
            var refusals = await Task.WhenAll(
                Task.Run(() => acts[round % 3](a, two), Stop),
                Task.Run(() => acts[round / 3 % 3](b, one), Stop)
            );
            Assert.Single(refusals, refusal => refusal == MemberPolicy.NoLonger);
            Assert.Single(refusals, refusal => refusal is null);
            Assert.Equal(
                1,
                await app.InDbAsync(db =>
                    db.Memberships.CountAsync(m =>
                        m.OrganisationId == organisation.Id
                        && m.RemovedAt == null
                        && m.PausedAt == null
                        && m.Role == Roles.Admin
                    )
                )
            );
        }
    }

    [Fact]
    public async Task G16_G4_Support_is_warned_before_it_takes_the_last_one_who_manages_users_and_pending_or_paused_ones_do_not_count()
    {
        var (organisation, admin, member) = await StartAsync();
        await app.Main.AdminOfAsync(organisation, registered: false);
        var paused = await app.Main.AdminOfAsync(organisation);
        await app.Main.PauseAsync(paused);
        var support = await app.SupportAsync();
        foreach (var what in new[] { "pause", "remove", "access" })
        {
            Assert.Contains(
                "is the only person who can manage users at",
                (await support.GetAsync($"{Links.User(organisation.Id, admin.Id)}/{what}")).Text(),
                StringComparison.Ordinal
            );
            Assert.DoesNotContain(
                "is the only person",
                (await support.GetAsync($"{Links.User(organisation.Id, member.Id)}/{what}")).Text(),
                StringComparison.Ordinal
            );
        }
        Assert.Contains(
            $"is the only person who can manage users at {organisation.Name}",
            (await support.GetAsync($"{Links.Person(admin.Id)}/pause")).Text(),
            StringComparison.Ordinal
        );
        Assert.DoesNotContain(
            "is the only person",
            (await support.GetAsync($"{Links.Person(member.Id)}/pause")).Text(),
            StringComparison.Ordinal
        );
        await app.InDbAsync(db =>
            db.Users.Where(u => u.Id == admin.Id || u.Id == member.Id)
                .ExecuteUpdateAsync(u => u.SetProperty(x => x.LastSignedInAt, x => x.CreatedAt.AddYears(-1)))
        );
        var review = await support.GetAsync(Links.ReviewAccess(organisation.Id));
        Assert.Contains(
            "No one else can manage users at",
            (
                await review.SubmitAsync(
                    "Save",
                    new() { [$"decision-{admin.Id}"] = "remove", [$"decision-{member.Id}"] = "remove" }
                )
            ).Text(),
            StringComparison.Ordinal
        );
        Assert.DoesNotContain(
            "No one else can manage users at",
            (await review.SubmitAsync("Save", new() { [$"decision-{member.Id}"] = "remove" })).Text(),
            StringComparison.Ordinal
        );
        Assert.Equal(
            "Ann Admin has been paused.",
            (
                await (await support.GetAsync(Links.PauseUser(organisation.Id, admin.Id))).SubmitAsync("Pause user")
            ).Banner
        );
    }

    [Fact]
    public async Task G17_No_one_can_remove_pause_or_change_a_user_who_may_do_more()
    {
        await using var host = await app.StartAsync(
            new()
            {
                ["Rollcall:Roles:0:Key"] = "viewer",
                ["Rollcall:Roles:0:Name"] = "Viewer",
                ["Rollcall:Roles:1:Key"] = "manager",
                ["Rollcall:Roles:1:Name"] = "Manager",
                ["Rollcall:Roles:1:ManagesUsers"] = "true",
                ["Rollcall:Roles:2:Key"] = "owner",
                ["Rollcall:Roles:2:Name"] = "Owner",
                ["Rollcall:Roles:2:ManagesUsers"] = "true",
            }
        );
        var organisation = await host.MakeOrganisationAsync();
        var manager = await host.MemberOfAsync(organisation, role: "manager");
        var owner = await host.MemberOfAsync(organisation, role: "owner");
        var client = await host.Client().SignInAsync(manager.Email);
        var viewer = await host.MemberOfAsync(organisation, role: "viewer");
        foreach (var (what, button) in new[] { ("pause", "Pause user"), ("remove", "Remove user") })
        {
            // Neither the page nor a form that was made for another person.
            var page = $"{Links.User(organisation.Id, owner.Id)}/{what}";
            var (_, form) = (await client.GetAsync($"{Links.User(organisation.Id, viewer.Id)}/{what}")).Form(button);
            Assert.Equal(
                "You cannot change someone who has more access than you",
                (await client.GetAsync(page, HttpStatusCode.Forbidden)).Heading
            );
            Assert.Equal(
                "You cannot change someone who has more access than you",
                (await client.PostAsync(page, form, HttpStatusCode.Forbidden)).Heading
            );
        }
        var (path, fields) = (await client.GetAsync(Links.ChangeAccess(organisation.Id, viewer.Id))).Form("Save");
        fields["Role"] = "viewer";
        Assert.Equal(
            "You cannot change someone who has more access than you",
            (await client.GetAsync(Links.ChangeAccess(organisation.Id, owner.Id), HttpStatusCode.Forbidden)).Heading
        );
        Assert.Equal(
            "You cannot change someone who has more access than you",
            (
                await client.PostAsync(
                    path.Replace(viewer.Id.ToString(), owner.Id.ToString(), StringComparison.Ordinal),
                    fields,
                    HttpStatusCode.Forbidden
                )
            ).Heading
        );
        Assert.Equal(
            "owner",
            await host.InDbAsync(db =>
                db.Memberships.Where(m => m.UserId == owner.Id && m.PausedAt == null).Select(m => m.Role).SingleAsync()
            )
        );
    }

    [Fact]
    public async Task S0_9_J6_A_role_is_changed_recorded_and_counts_at_the_next_request()
    {
        var (organisation, admin, member) = await StartAsync();
        var theirs = await app.Client().SignInAsync(member.Email);
        await theirs.GetAsync(Links.Users(organisation.Id), HttpStatusCode.Forbidden);
        var client = await app.Client().SignInAsync(admin.Email);
        var details = await (
            await (await client.GetAsync(Links.User(organisation.Id, member.Id))).FollowAsync("Change role")
        ).SubmitAsync("Save", new() { ["Role"] = Roles.Admin });
        Assert.Equal(("Mo Member is now an admin.", "Admin"), (details.Banner, details.Value("Role")));
        await theirs.GetAsync(Links.Users(organisation.Id));
        Assert.Equal(
            1,
            await app.InDbAsync(db =>
                db.AuditEvents.CountAsync(e => e.UserId == member.Id && e.Kind == Event.KindOf<AccessChanged>())
            )
        );
    }

    [Fact]
    public async Task G4_Support_pauses_a_whole_account_which_ends_every_session_and_link()
    {
        var (_, _, member) = await StartAsync();
        var support = await app.Main.MakeUserAsync(support: true);
        var theirs = await app.Client().SignInAsync(member.Email);
        var by = Viewer.Of(support);
        Assert.True(
            (
                await WithAsync<PauseMember, Result>(p =>
                    p.SetAccountAsync(new(by, DateTimeOffset.UtcNow), member.Id, true, "Asked to")
                )
            ).IsDone
        );
        Assert.Equal(
            0,
            await app.InDbAsync(db =>
                db.Database.SqlQuery<int>(
                        $"select count(*)::int as \"Value\" from sessions where user_id = {member.Id}"
                    )
                    .SingleAsync()
            )
        );
        Assert.Equal("Sign in", (await theirs.GetAsync("/account")).Heading);
        Assert.False(
            (
                await WithAsync<PauseMember, Result>(p =>
                    p.SetAccountAsync(new(by, DateTimeOffset.UtcNow), member.Id, true, null)
                )
            ).IsDone
        );
        Assert.Equal(
            PauseMember.Yourself,
            (
                await WithAsync<PauseMember, Result>(p =>
                    p.SetAccountAsync(new(by, DateTimeOffset.UtcNow), support.Id, true, null)
                )
            ).Refusal
        );
    }

    [Fact]
    public async Task G5_Of_two_support_users_who_pause_each_other_at_the_same_instant_one_stays()
    {
        for (var round = 0; round < 50; round++)
        {
            var one = await app.Main.MakeUserAsync(support: true);
            var two = await app.Main.MakeUserAsync(support: true);
            Task<Result> PauseAsync(User by, User whom) =>
                Task.Run(
                    () =>
                        app.Main.DoAsync<PauseMember, Result>(p =>
                            p.SetAccountAsync(
                                new(new(by.Id, by.DisplayName, by.Email, true, []), DateTimeOffset.UtcNow),
                                whom.Id,
                                true,
                                null
                            )
                        ),
                    Stop
                );
            var done = await Task.WhenAll(PauseAsync(one, two), PauseAsync(two, one));
            Assert.Single(done, d => d.IsDone);
            Assert.Single(done, d => d.Refusal == SupportTeam.NoLonger);
        }
    }

    [Fact]
    public async Task S4_18_C_Of_more_than_ten_thousand_expired_invitations_the_page_sends_the_first_and_says_so()
    {
        await using var host = await app.StartAsync([]);
        var organisation = await host.MakeOrganisationAsync();
        var support = await host.SupportAsync();
        await host.InDbAsync(db =>
            db.Database.ExecuteSqlAsync(
                $"""
                with people as (
                  insert into users (id, email, email_key, created_at)
                  select gen_random_uuid(), e, e, now()
                  from (select 'late' || i || '@example.org' as e from generate_series(1, 10001) i) n returning id)
                insert into memberships (id, organisation_id, user_id, role, added_at, expires_at)
                select gen_random_uuid(), {organisation.Id}, id, 'member', now(), now() - interval '1 day' from people
                """
            )
        );
        var page = await support.GetAsync(Links.ResendExpired(organisation.Id));
        Assert.Contains(
            "We’ll resend the invitation to the first 10,000 of 10,001 people whose invitation has expired.",
            page.Text(),
            StringComparison.Ordinal
        );
        Assert.Equal(
            "We’ll resend the invitation to 10,000 people.",
            (await page.SubmitAsync("Resend 10,000 invitations")).Banner
        );
        Assert.Contains(
            "1 person whose invitation has expired",
            (await support.GetAsync(page.Path)).Text(),
            StringComparison.Ordinal
        );
    }
}
