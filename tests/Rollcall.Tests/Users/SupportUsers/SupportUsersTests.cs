using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.History;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Tests.Account;
using Rollcall.Tests.Register;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Users.SupportUsers;

/// <summary>Support manages its own team: who belongs, how they join, how they leave.</summary>
public sealed class SupportUsersTests(TheApp app)
{
    private static Dictionary<string, string> Answers(string email, string first = "Ann", string last = "Other") =>
        new(StringComparer.Ordinal)
        {
            ["FirstName"] = first,
            ["LastName"] = last,
            ["Email"] = email,
        };

    private static async Task<Page> CheckAsync(Client support, string email) =>
        await (await support.GetAsync("/support-users/add")).SubmitAsync("Continue", Answers(email));

    private Task<User> UserAsync(string email) =>
        app.InDbAsync(db => db.Users.AsNoTracking().SingleAsync(u => u.Email == email));

    private Task<List<OutgoingMessage>> MailsAsync(string email) =>
        app.InDbAsync(db =>
            db.OutgoingMessages.AsNoTracking().Where(m => m.ToAddress == email).OrderBy(m => m.Id).ToListAsync()
        );

    private async Task<User> InvitedAsync(Client support)
    {
        var email = Some.Email();
        await (await CheckAsync(support, email)).SubmitAsync("Add support user");
        return await UserAsync(email);
    }

    private Task<Result<User>> RemoveAsync(User by, User who) =>
        app.Main.DoAsync<SupportTeam, Result<User>>(team =>
            team.RemoveAsync(new(new(by.Id, by.DisplayName, by.Email, true, []), DateTimeOffset.UtcNow), who.Id)
        );

    [Fact]
    public async Task Trust24_Support_adds_a_support_user_who_is_told_and_gets_in_with_a_second_factor_that_is_not_email()
    {
        var support = await app.SupportAsync();
        var email = Some.Email();
        var check = await CheckAsync(support, email);
        // nothing before it is confirmed
        Assert.Equal(0, await app.InDbAsync(db => db.Users.CountAsync(u => u.Email == email)));
        var list = await check.SubmitAsync("Add support user");
        Assert.Equal(
            ("Support users", $"Ann Other has been added to the support users. We’ll email {email}."),
            (list.Heading, list.Banner)
        );
        var row = list.Texts("tbody tr").Single(text => text.Contains(email, StringComparison.Ordinal));
        Assert.Equal(
            $"Ann Other {email} Pending Never signed in Resend invitation to Ann Other How they sign in: "
                + "Ann Other Remove Ann Other",
            row
        );
        var user = await UserAsync(email);
        Assert.Equal(["support-added"], (await MailsAsync(email)).Select(m => m.Kind));

        var client = app.Client();
        var start = await client.GetAsync(await app.Main.LinkAsync(user));
        Assert.Equal("Create an account to join the Rollcall support team", start.Heading);
        var choose = await (await start.FollowAsync("Create an account")).SubmitAsync(
            "Continue",
            RegisterTests.Answers()
        );
        Assert.Equal("/account/second-factor", choose.Path.Split('?')[0]);
        Assert.Empty(choose.Document.QuerySelectorAll("input[value=email]"));
        Assert.StartsWith(
            "/account/second-factor",
            (await client.GetAsync("/support-users")).Path,
            StringComparison.Ordinal
        );
        var form = await choose.SubmitAsync("Continue", new() { ["Way"] = "authenticator" });
        await form.SubmitAsync(
            "Continue",
            new() { ["Code"] = AuthenticatorApp.Code(form.Text(".app-key"), DateTimeOffset.UtcNow) }
        );
        Assert.Contains(
            "Active",
            (await client.GetAsync("/support-users"))
                .Texts("tbody tr")
                .Single(text => text.Contains(email, StringComparison.Ordinal)),
            StringComparison.Ordinal
        );
        var kinds = await app.InDbAsync(db =>
            db.AuditEvents.Where(e => e.UserId == user.Id && e.Kind == Event.KindOf<SupportUserAdded>()).CountAsync()
        );
        Assert.Equal(1, kinds);
    }

    [Fact]
    public async Task Someone_who_is_known_keeps_their_name_and_hears_of_it_without_a_link()
    {
        var support = await app.SupportAsync();
        var organisation = await app.Main.MakeOrganisationAsync();
        var known = await app.Main.MemberOfAsync(organisation, "Grace", "Hopper");
        var check = await CheckAsync(support, known.Email);
        Assert.Contains(
            $"{known.Email} already has an account, as Grace Hopper. We’ll use that name.",
            check.Text(),
            StringComparison.Ordinal
        );
        await check.SubmitAsync("Add support user");
        var user = await UserAsync(known.Email);
        Assert.Equal(("Grace", "Hopper"), (user.FirstName, user.LastName));
        Assert.NotNull(user.SupportSince);
        var mail = Assert.Single(await MailsAsync(known.Email));
        Assert.Equal("support-added", mail.Kind);
        Assert.Null(((SupportAdded)Email.FromJson(mail.Kind, mail.Data)).InvitationId);
        Assert.Equal(
            1,
            await app.InDbAsync(db => db.Memberships.CountAsync(m => m.UserId == user.Id && m.RemovedAt == null))
        );
    }

    [Fact]
    public async Task Wrong_answers_and_an_existing_support_user_are_refused_beside_the_field()
    {
        var support = await app.SupportAsync();
        var already = await app.Main.MakeUserAsync(support: true);
        var paused = await app.Main.MakeUserAsync();
        await app.Main.PauseAsync(paused);
        Assert.Equal(
            ["Enter a first name", "Enter a last name", "Enter an email address"],
            (await (await support.GetAsync("/support-users/add")).SubmitAsync("Continue")).Errors
        );
        Assert.Equal(
            [SupportTeam.Already.Message],
            (await CheckAsync(support, already.Email.ToUpperInvariant())).Errors
        );
        Assert.Equal([SupportTeam.Paused.Message], (await CheckAsync(support, paused.Email)).Errors);
        Assert.Null((await UserAsync(paused.Email)).SupportSince);
    }

    [Fact]
    public async Task R11_R13_Adding_a_support_user_twice_at_once_adds_and_tells_them_once()
    {
        var support = await app.SupportAsync();
        var other = await app.SupportAsync();
        var email = Some.Email();
        var one = await CheckAsync(support, email);
        var two = await CheckAsync(other, email);
        var pages = await Task.WhenAll(
            Enumerable.Range(0, 10).Select(i => (i % 2 == 0 ? one : two).SubmitAsync("Add support user"))
        );
        Assert.All(
            pages,
            page =>
                Assert.True(
                    page.Heading == "Support users" || page.Errors.SequenceEqual([SupportTeam.Already.Message]),
                    page.Text()
                )
        );
        Assert.Single(await MailsAsync(email));
        Assert.Equal(1, await app.InDbAsync(db => db.Invitations.CountAsync(i => i.Email == email)));
    }

    [Fact]
    public async Task Trust21_Removing_a_support_user_signs_them_out_at_the_next_request_and_tells_them()
    {
        var support = await app.SupportAsync();
        var leaver = await app.Main.MakeUserAsync("Lee", "Ver", support: true);
        var organisation = await app.Main.MakeOrganisationAsync();
        await app.Main.JoinAsync(leaver, organisation);
        var them = await app.Client().SignInAsync(leaver.Email);
        await them.GetAsync("/support-users");
        var confirm = await support.GetAsync(Links.RemoveSupportUser(leaver.Id));
        Assert.Contains(
            $"We’ll email {leaver.Email} to tell them they have been removed from the support team.",
            confirm.Text(),
            StringComparison.Ordinal
        );
        Assert.NotNull((await UserAsync(leaver.Email)).SupportSince); // looking changes nothing
        var list = await confirm.SubmitAsync("Remove support user");
        Assert.Contains("Lee Ver has been removed from the support users", list.Banner, StringComparison.Ordinal);
        Assert.StartsWith("/sign-in", (await them.GetAsync("/support-users")).Path, StringComparison.Ordinal);
        await them.SignInAsync(leaver.Email);
        await them.GetAsync("/support-users", HttpStatusCode.Forbidden);
        Assert.Equal(organisation.Name, (await them.GetAsync("/")).Heading); // what they belong to stays
        Assert.Equal(
            "The support user has already been removed.",
            (await confirm.SubmitAsync("Remove support user")).Banner
        );
        Assert.Equal(["support-removed"], (await MailsAsync(leaver.Email)).Select(m => m.Kind));
        Assert.Equal(
            1,
            await app.InDbAsync(db =>
                db.AuditEvents.CountAsync(e => e.UserId == leaver.Id && e.Kind == Event.KindOf<SupportUserRemoved>())
            )
        );
        await support.GetAsync(Links.RemoveSupportUser(leaver.Id), HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task G2_Trust20_No_one_can_remove_themselves()
    {
        var me = await app.Main.MakeUserAsync(support: true);
        var support = await app.Client().SignInAsync(me.Email);
        var list = await support.GetAsync("/support-users");
        Assert.EndsWith(
            "This is you",
            list.Texts("tbody tr").Single(text => text.Contains(me.Email, StringComparison.Ordinal)),
            StringComparison.Ordinal
        );
        Assert.Equal(
            "You cannot remove yourself",
            (await support.GetAsync(Links.RemoveSupportUser(me.Id), HttpStatusCode.Forbidden)).Heading
        );
        var form = await support.GetAsync("/support-users/add"); // any form has the token
        Assert.Equal(
            "You cannot remove yourself",
            (
                await support.PostAsync(
                    Links.RemoveSupportUser(me.Id),
                    form.Form("Continue").Fields,
                    HttpStatusCode.Forbidden
                )
            ).Heading
        );
        Assert.NotNull((await UserAsync(me.Email)).SupportSince);
    }

    [Fact]
    public async Task G5_Trust20_F15_Of_two_who_remove_each_other_at_the_same_instant_one_stays_a_hundred_times()
    {
        for (var i = 0; i < 100; i++)
        {
            var one = await app.Main.MakeUserAsync(support: true);
            var other = await app.Main.MakeUserAsync(support: true);
            var outcomes = await Task.WhenAll(RemoveAsync(one, other), RemoveAsync(other, one));
            Assert.Single(outcomes, outcome => outcome.Value is not null);
            Assert.Single(outcomes, outcome => outcome.Refusal == SupportTeam.NoLonger);
            Assert.Equal(
                1,
                await app.InDbAsync(db =>
                    db.Users.CountAsync(u => (u.Id == one.Id || u.Id == other.Id) && u.SupportSince != null)
                )
            );
        }
    }

    [Fact]
    public async Task G4_Trust20_A_support_user_paused_or_removed_a_moment_ago_can_remove_no_one()
    {
        var actor = await app.Main.MakeUserAsync(support: true);
        var other = await app.Main.MakeUserAsync(support: true);
        await app.Main.PauseAsync(actor);
        Assert.Equal(SupportTeam.NoLonger, (await RemoveAsync(actor, other)).Refusal);
        Assert.NotNull((await UserAsync(other.Email)).SupportSince);
    }

    [Fact]
    public async Task Trust5_D12_Removing_an_invited_person_ends_their_link()
    {
        var support = await app.SupportAsync();
        var invited = await InvitedAsync(support);
        var link = await app.Main.LinkAsync(invited);
        var client = app.Client();
        var form = await (await client.GetAsync(link)).FollowAsync("Create an account");
        var confirm = await support.GetAsync(Links.RemoveSupportUser(invited.Id));
        Assert.Contains(
            "their invitation to the support team has been withdrawn",
            confirm.Text(),
            StringComparison.Ordinal
        );
        await confirm.SubmitAsync("Remove support user");
        Assert.Equal(
            "Your invitation has been withdrawn",
            (await form.SubmitAsync("Continue", RegisterTests.Answers())).Heading
        );
        Assert.Null((await UserAsync(invited.Email)).PasswordHash);
        Assert.Equal(["support-added", "support-removed"], (await MailsAsync(invited.Email)).Select(m => m.Kind));
    }

    [Fact]
    public async Task D7_A_pending_support_user_is_sent_the_invitation_again_within_the_limits_and_it_is_recorded()
    {
        var support = await app.SupportAsync();
        var invited = await InvitedAsync(support);
        var old = await app.Main.LinkAsync(invited);
        var list = await support.GetAsync(Links.SupportUsers);
        var path = $"{Links.SupportUsers}/{invited.Id}/resend";
        Assert.Contains(path, list.Document.QuerySelectorAll("tbody a").Select(a => a.GetAttribute("href")));
        var page = await support.GetAsync(path);
        Assert.Contains(invited.Email, page.Text(), StringComparison.Ordinal);
        Assert.Equal(Links.SupportUsers, page.Href("Cancel"));
        Assert.StartsWith(
            "There is already a new invitation",
            Assert.Single((await page.SubmitAsync("Resend invitation")).Errors),
            StringComparison.Ordinal
        );
        Assert.Single(await MailsAsync(invited.Email));

        await LongAgoAsync(invited);
        Assert.Equal(
            $"We’ll email a new link to {invited.Email}.",
            (await page.SubmitAsync("Resend invitation")).Banner
        );
        Assert.Equal(2, (await MailsAsync(invited.Email)).Count);
        Assert.Equal("There is a newer link for you", (await app.Client().GetAsync(old)).Heading);
        Assert.Equal(
            1,
            await app.InDbAsync(db =>
                db.AuditEvents.CountAsync(e =>
                    e.UserId == invited.Id && e.Kind == Event.KindOf<InvitationResent>() && e.ActorId != null
                )
            )
        );
        for (var i = 0; i < 3; i++)
        {
            await LongAgoAsync(invited);
            await page.SubmitAsync("Resend invitation");
        }

        await LongAgoAsync(invited);
        Assert.Equal( // the sixth in a day
            [$"We cannot send another invitation to {invited.Email} for you today. Try again tomorrow"],
            (await page.SubmitAsync("Resend invitation")).Errors
        );
        Assert.Equal(5, (await MailsAsync(invited.Email)).Count);

        await app.InDbAsync(db =>
            db.Users.Where(u => u.Id == invited.Id)
                .ExecuteUpdateAsync(u => u.SetProperty(x => x.RegisteredAt, x => x.CreatedAt))
        );
        Assert.Equal(Links.SupportUsers, (await support.GetAsync(path)).Path);
        await page.SubmitAsync("Resend invitation", null, HttpStatusCode.Conflict);
        Assert.DoesNotContain(
            path,
            (await support.GetAsync(Links.SupportUsers))
                .Document.QuerySelectorAll("tbody a")
                .Select(a => a.GetAttribute("href"))
        );
        await support.GetAsync(
            $"{Links.SupportUsers}/{(await app.Main.MakeUserAsync()).Id}/resend",
            HttpStatusCode.NotFound
        );
    }

    private Task LongAgoAsync(User invited) => app.Main.LetTimePassAsync(invited.Id, TimeSpan.FromMinutes(2));

    [Fact]
    public async Task S1_6_The_name_in_the_banner_leads_to_the_person()
    {
        var support = await app.SupportAsync();
        var email = Some.Email();
        var list = await (await CheckAsync(support, email)).SubmitAsync("Add support user");
        var added = await UserAsync(email);
        var link = list.Document.QuerySelector(
            ".govuk-notification-banner__heading a.govuk-notification-banner__link"
        )!;
        Assert.Equal(("Ann Other", Links.Person(added.Id)), (link.TextContent, link.GetAttribute("href")));
        Assert.Equal($"Ann Other has been added to the support users. We’ll email {email}.", list.Banner);
    }

    [Fact]
    public async Task Trust5_D3_D4_A_link_to_the_support_team_that_has_run_out_is_sent_again_by_one_button()
    {
        var invited = await InvitedAsync(await app.SupportAsync());
        var old = await app.Main.LinkAsync(invited);
        await app.InDbAsync(db =>
            db.Invitations.Where(i => i.UserId == invited.Id)
                .ExecuteUpdateAsync(i => i.SetProperty(x => x.ExpiresAt, x => x.SentAt))
        );
        await app.Main.LetTimePassAsync(invited.Id, TimeSpan.FromHours(1));
        var again = await (await app.Client().GetAsync(old)).SubmitAsync("Send a new link");
        Assert.Equal(
            ("There is a newer link for you", "We’ll email you a link. It can take a few minutes to arrive."),
            (again.Heading, again.Banner)
        );
        Assert.Equal(
            [
                "There is already a link for you. It can take a few minutes to arrive. Check your spam or "
                    + "junk folder before you ask for another one",
            ],
            (await again.SubmitAsync("Resend the newest link")).Errors
        );
        Assert.NotEqual(old, await app.Main.LinkAsync(invited));
        Assert.Equal(
            "Create an account to join the Rollcall support team",
            (await app.Client().GetAsync(await app.Main.LinkAsync(invited))).Heading
        );
    }

    [Fact]
    public async Task H5_Trust5_Correcting_the_address_of_an_invited_support_user_ends_the_link_that_went_to_the_old_one()
    {
        var support = await app.SupportAsync();
        var organisation = await app.Main.MakeOrganisationAsync();
        var invited = await InvitedAsync(support);
        await app.Main.JoinAsync(invited, organisation);
        var old = await app.Main.LinkAsync(invited);
        var better = Some.Email();
        var edit = await support.GetAsync(Links.EditUser(organisation.Id, invited.Id));
        await (await edit.SubmitAsync("Continue", new() { ["Email"] = better })).SubmitAsync("Save changes");
        Assert.Equal("There is a newer link for you", (await app.Client().GetAsync(old)).Heading);
        Assert.Contains("support-added", (await MailsAsync(better)).Select(m => m.Kind));
    }

    [Fact]
    public async Task Trust24_Trust22_Joining_an_organisation_makes_no_one_a_support_user_and_its_admins_cannot_reach_one()
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        var email = Some.Email();
        var admin = await app.Main.AdminOfAsync(organisation);
        var client = await app.Client().SignInAsync(admin.Email);
        var answers = Answers(email);
        answers["SupportSince"] = "2020-01-01";
        answers["IsSupport"] = "true";
        await (
            await (await client.GetAsync(Links.AddUser(organisation.Id)))
                .SubmitAsync("Continue", answers)
                .ThenRoleAsync()
        ).SubmitAsync("Add user");
        Assert.Null((await UserAsync(email)).SupportSince);
        foreach (var path in new[] { "/support-users", "/support-users/add", Links.RemoveSupportUser(admin.Id) })
        {
            await client.GetAsync(path, HttpStatusCode.Forbidden);
        }

        var invited = await InvitedAsync(await app.SupportAsync());
        await app.Main.JoinAsync(invited, organisation);
        var details = await client.GetAsync(Links.User(organisation.Id, invited.Id));
        // anyone who can change the address could take over the account
        Assert.False(details.HasLink("Change email address"));
    }

    [Fact]
    public async Task Only_the_navigation_of_support_has_the_support_users_and_the_terms()
    {
        var member = await app.Main.MakeUserAsync();
        string[] Items(Page page) => [.. page.Texts(".govuk-service-navigation__list a")];
        Assert.Equal(
            ["Organisations", "All users", "Support users", "Terms", "Your account", "Sign out"],
            Items(await (await app.SupportAsync()).GetAsync("/organisations"))
        );
        Assert.Equal(
            ["Your organisations", "Your account", "Sign out"],
            Items(await (await app.Client().SignInAsync(member.Email)).GetAsync("/organisations"))
        );
    }
}
