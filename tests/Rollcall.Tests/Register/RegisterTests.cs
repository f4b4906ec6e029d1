using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Rollcall.Dev;
using Rollcall.History;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Tests.Support;
using Rollcall.Tests.Users;

namespace Rollcall.Tests.Register;

/// <summary>From the link to the organisation's page, whatever happens to the link on the way.</summary>
public sealed class RegisterTests(TheApp app)
{
    internal const string Password = "correct horse battery";

    internal static Dictionary<string, string> Answers(string password = Password) =>
        new(StringComparer.Ordinal)
        {
            ["FirstName"] = "Zoë",
            ["LastName"] = "O’Brien",
            ["Mobile"] = "07700 900123",
            ["Password"] = password,
        };

    private static async Task<Page> RegisterAsync(Client client, string link) =>
        await (await (await client.GetAsync(link)).FollowAsync("Create an account")).SubmitAsync("Continue", Answers());

    [Fact]
    public async Task S0_5_S0_12_S0_14_S4_10_S4_14_Following_the_link_leads_through_the_account_to_the_organisations_page()
    {
        var invited = await app.Main.InviteAsync();
        var start = await app.Client().GetAsync(invited.Link);
        Assert.Equal($"Create an account to join {invited.Organisation.Name}", start.Heading);
        Assert.Contains(invited.User.Email, start.Text(), StringComparison.Ordinal);
        var details = await start.FollowAsync("Create an account");
        Assert.Equal("Jo", details.Field("FirstName"));
        Assert.Contains(invited.User.Email, details.Text(), StringComparison.Ordinal);
        var end = await details.SubmitAsync("Continue", Answers());
        Assert.Equal("Your account is ready", end.Heading);
        Assert.Equal(invited.Organisation.Name, (await end.FollowAsync("Continue")).Heading);

        var user = await app.InDbAsync(db => db.Users.AsNoTracking().SingleAsync(u => u.Id == invited.User.Id));
        Assert.Equal(("Zoë", "O’Brien", "+447700900123"), (user.FirstName, user.LastName, user.Mobile));
        Assert.NotNull(user.RegisteredAt);
        Assert.NotNull(user.LastSignedInAt);
        var kinds = await app.InDbAsync(db =>
            db.AuditEvents.Where(e => e.UserId == user.Id).OrderBy(e => e.Id).Select(e => e.Kind).ToListAsync()
        );
        // S0-5: each step is recorded
        Assert.Equal(
            [Event.KindOf<RegistrationStarted>(), Event.KindOf<Registered>(), Event.KindOf<UserSignedIn>()],
            kinds
        );
    }

    [Fact]
    public async Task S0_16_D25_One_email_welcomes_with_the_address_to_come_back_to()
    {
        var invited = await app.Main.InviteAsync();
        await RegisterAsync(app.Client(), invited.Link);
        var mails = await app.InDbAsync(db =>
            db.OutgoingMessages.Where(m => m.ToAddress == invited.User.Email && m.Kind == "welcome").ToListAsync()
        );
        Assert.Single(mails);
        await app.Client().SignInAsync(invited.User.Email);
        Assert.Equal(
            1,
            await app.InDbAsync(db =>
                db.OutgoingMessages.CountAsync(m => m.ToAddress == invited.User.Email && m.Kind == "welcome")
            )
        );
    }

    [Fact]
    public async Task S4_10_Every_answer_is_required_and_nothing_but_the_password_is_lost()
    {
        var invited = await app.Main.InviteAsync();
        var page = await (await app.Client().GetAsync(invited.Link)).FollowAsync("Create an account");
        var empty = await page.SubmitAsync(
            "Continue",
            new()
            {
                ["FirstName"] = " ",
                ["LastName"] = "",
                ["Mobile"] = "",
                ["Password"] = "",
            }
        );
        Assert.Equal(
            ["Enter a first name", "Enter a last name", "Enter a mobile phone number", "Enter a password"],
            empty.Errors
        );
        var wrong = await empty.SubmitAsync("Continue", Answers(password: "short"));
        Assert.Equal(["Password must be 15 characters or more"], wrong.Errors);
        Assert.Equal(
            ("Zoë", "07700 900123", ""),
            (wrong.Field("FirstName"), wrong.Field("Mobile"), wrong.Field("Password"))
        );
    }

    [Fact]
    public async Task S4_10_D13_Trust7_Trust2_The_address_the_organisation_and_the_role_are_those_that_were_invited_whatever_is_posted()
    {
        var invited = await app.Main.InviteAsync();
        var other = await app.Main.MakeOrganisationAsync();
        var form = await (await app.Client().GetAsync(invited.Link)).FollowAsync("Create an account");
        var answers = Answers();
        foreach (
            var (name, value) in new[]
            {
                ("Email", "evil@example.com"),
                ("email", "evil@example.com"),
                ("username", "evil@example.com"),
                ("OrganisationId", other.Id.ToString()),
                ("Role", "admin"),
                ("SupportSince", "2020-01-01"),
                ("RegisteredAt", "2020-01-01"),
            }
        )
        {
            answers[name] = value;
        }

        await form.SubmitAsync("Continue", answers);
        var user = await app.InDbAsync(db => db.Users.AsNoTracking().SingleAsync(u => u.Id == invited.User.Id));
        Assert.Equal((invited.User.Email, null), (user.Email, user.SupportSince));
        var membership = Assert.Single(
            await app.InDbAsync(db => db.Memberships.Where(m => m.UserId == user.Id).ToListAsync())
        );
        Assert.Equal((invited.Organisation.Id, Roles.Member), (membership.OrganisationId, membership.Role));
    }

    [Fact]
    public async Task D1_Trust1_J3_Looking_at_the_link_twenty_times_changes_nothing()
    {
        var invited = await app.Main.InviteAsync();
        var before = await SnapshotAsync(invited);
        for (var i = 0; i < 20; i++)
        {
            foreach (var method in new[] { HttpMethod.Get, HttpMethod.Head })
            {
                using var request = new HttpRequestMessage(
                    method,
                    i % 2 == 0 ? invited.Link : invited.Link + "/details"
                );
                request.Headers.Add("Sec-Purpose", "prefetch");
                using var response = await app.Client().RawAsync(request);
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
                Assert.Equal(["no-store"], response.Headers.GetValues("Cache-Control"));
                Assert.Equal(["no-referrer"], response.Headers.GetValues("Referrer-Policy")); // Trust11
            }
        }
        Assert.Equal(before, await SnapshotAsync(invited));
        Assert.Equal("Your account is ready", (await RegisterAsync(app.Client(), invited.Link)).Heading);
    }

    private Task<string> SnapshotAsync(Invited invited) =>
        app.InDbAsync(async db =>
            string.Join(
                "\n",
                await db
                    .Database.SqlQuery<string>(
                        $"""
                        select row_to_json(u)::text as "Value" from users u where id = {invited.User.Id}
                        union all select row_to_json(i)::text from invitations i where user_id = {invited.User.Id}
                        union all select row_to_json(m)::text from memberships m where user_id = {invited.User.Id}
                        union all select count(*)::text from audit_events where user_id = {invited.User.Id}
                        union all select count(*)::text from outgoing_messages where to_address = {invited.User.Email}
                        union all select count(*)::text from sessions where user_id = {invited.User.Id}
                        """
                    )
                    .ToListAsync()
            )
        );

    [Fact]
    public async Task D9_Trust8_Fifty_people_who_finish_at_once_make_one_account()
    {
        var invited = await app.Main.InviteAsync();
        var forms = await Task.WhenAll(
            Enumerable
                .Range(0, 50)
                .Select(async _ => await (await app.Client().GetAsync(invited.Link)).FollowAsync("Create an account"))
        );
        var ends = await Task.WhenAll(forms.Select(form => form.SubmitAsync("Continue", Answers())));
        // A person who was overtaken by a moment sees the invitation once more; after that it has been used.
        Assert.All(
            ends,
            end =>
                Assert.Contains(
                    end.Heading,
                    (string[])
                        [
                            "Your account is ready",
                            invited.Organisation.Name,
                            "You have already used this link",
                            "Sign in",
                            $"Create an account to join {invited.Organisation.Name}",
                        ]
                )
        );
        Assert.Contains(ends, end => end.Heading == "Your account is ready");
        Assert.Equal(
            1,
            await app.InDbAsync(db =>
                db.AuditEvents.CountAsync(e => e.UserId == invited.User.Id && e.Kind == Event.KindOf<Registered>())
            )
        );
        Assert.Equal(
            1,
            await app.InDbAsync(db =>
                db.OutgoingMessages.CountAsync(m => m.ToAddress == invited.User.Email && m.Kind == "welcome")
            )
        );
        Assert.Equal(1, await app.InDbAsync(db => db.Memberships.CountAsync(m => m.UserId == invited.User.Id)));
    }

    [Fact]
    public async Task D8_S0_15_S0_4_The_same_link_later_leads_to_signing_in_and_a_signed_in_person_straight_to_the_organisation()
    {
        var invited = await app.Main.InviteAsync();
        var client = app.Client();
        await RegisterAsync(client, invited.Link);
        Assert.Equal(invited.Organisation.Name, (await client.GetAsync(invited.Link)).Heading);
        var again = await app.Client().GetAsync(invited.Link);
        Assert.Equal("You have already used this link", again.Heading);
        var signIn = await again.FollowAsync("Sign in");
        Assert.Equal(
            invited.Organisation.Name,
            (
                await signIn.SubmitAsync("Sign in", new() { ["Email"] = invited.User.Email, ["Password"] = Password })
            ).Heading
        );
    }

    [Fact]
    public async Task D5_D4_Trust12_A_link_that_is_not_ours_says_so_and_leads_on()
    {
        var invited = await app.Main.InviteAsync();
        var token = invited.Link.Split('/')[^1];
        foreach (
            var wrong in new[]
            {
                token[..^1],
                token[1..],
                new string('0', 32),
                token[..^1] + (token[^1] == 'a' ? 'b' : 'a'),
                "null",
                "%20",
                "undefined",
                "a",
            }
        )
        {
            var page = await app.Client().GetAsync("/register/" + wrong);
            Assert.Equal("This link does not work", page.Heading);
            Assert.True(page.HasLink("Sign in"));
        }
    }

    [Fact]
    public async Task D4_A_link_that_mail_programs_have_changed_still_works()
    {
        var invited = await app.Main.InviteAsync();
        var token = invited.Link.Split('/')[^1];
        foreach (
            var changed in new[]
            {
                token.ToUpperInvariant(),
                token + ".",
                token + "=",
                token[..10] + "%0D%0A" + token[10..],
                token[..5] + "%20" + token[5..],
                token + "%3E",
            }
        )
        {
            Assert.StartsWith(
                "Create an account",
                (await app.Client().GetAsync("/register/" + changed)).Heading,
                StringComparison.Ordinal
            );
        }
    }

    [Fact]
    public async Task D3_S4_17_Trust6_The_link_works_for_seven_days_to_the_second_and_one_button_sends_a_new_one()
    {
        var clock = new DevClock();
        await using var host = await app.StartAsync(
            [],
            services: services => services.AddSingleton<TimeProvider>(clock)
        );
        var invited = await host.InviteAsync();
        var form = await (await host.Client().GetAsync(invited.Link)).FollowAsync("Create an account");
        var sent = await host.InDbAsync(db =>
            db.Invitations.Where(i => i.UserId == invited.User.Id).Select(i => i.SentAt).SingleAsync()
        );
        clock.Forward(sent.AddDays(7) - clock.GetUtcNow() - TimeSpan.FromSeconds(5));
        Assert.StartsWith(
            "Create an account",
            (await host.Client().GetAsync(invited.Link)).Heading,
            StringComparison.Ordinal
        );
        clock.Forward(TimeSpan.FromSeconds(5));
        var expired = await form.SubmitAsync("Continue", Answers()); // D11: it expired while the form was open
        Assert.Equal("Your invitation has expired", expired.Heading);
        Assert.Null(
            await host.InDbAsync(db =>
                db.Users.Where(u => u.Id == invited.User.Id).Select(u => u.PasswordHash).SingleAsync()
            )
        );
        var list = await (await host.SupportAsync()).GetAsync(Links.Users(invited.Organisation.Id));
        Assert.Contains("Expired", list.Text(), StringComparison.Ordinal);

        var newer = await expired.SubmitAsync("Send a new link");
        Assert.Equal(
            ("There is a newer link for you", "We’ll email you a link. It can take a few minutes to arrive."),
            (newer.Heading, newer.Banner)
        );
        var link = await host.LinkAsync(invited.User);
        Assert.NotEqual(invited.Link, link);
        Assert.Equal("Your account is ready", (await RegisterAsync(host.Client(), link)).Heading);
        Assert.Equal("You have already used this link", (await host.Client().GetAsync(link)).Heading);
    }

    [Fact]
    public async Task D7_Trust5_Trust15_A_new_link_ends_the_old_one_and_is_not_sent_twice_in_a_minute()
    {
        var invited = await app.Main.InviteAsync();
        Assert.NotNull((await SendAgainAsync(invited)).Refusal);
        await app.Main.LetTimePassAsync(invited.User.Id, TimeSpan.FromMinutes(2));
        Assert.True((await SendAgainAsync(invited)).IsDone);
        var old = await app.Client().GetAsync(invited.Link);
        Assert.Equal("There is a newer link for you", old.Heading);
        Assert.StartsWith(
            "Create an account",
            (await app.Client().GetAsync(await app.Main.LinkAsync(invited.User))).Heading,
            StringComparison.Ordinal
        );
        var tooSoon = await old.SubmitAsync("Resend the newest link");
        Assert.Single(tooSoon.Errors);
    }

    private async Task<Result> SendAgainAsync(Invited invited)
    {
        await using var scope = app.Main.Services.CreateAsyncScope();
        return await scope
            .ServiceProvider.GetRequiredService<Invitations>()
            .SendAgainAsync(
                new(new((await app.Main.MakeUserAsync(support: true)).Id, "Sam", "", true, []), DateTimeOffset.UtcNow),
                invited.Membership
            );
    }

    [Fact]
    public async Task D12_G10_Trust5_Removing_a_user_ends_their_link_even_with_the_form_open_and_adding_them_makes_another()
    {
        var invited = await app.Main.InviteAsync();
        var support = await app.SupportAsync();
        var form = await (await app.Client().GetAsync(invited.Link)).FollowAsync("Create an account");
        await (await support.GetAsync(Links.RemoveUser(invited.Organisation.Id, invited.User.Id))).SubmitAsync(
            "Remove user"
        );
        Assert.Equal("Your invitation has been withdrawn", (await form.SubmitAsync("Continue", Answers())).Heading);
        Assert.Null(
            await app.InDbAsync(db =>
                db.Users.Where(u => u.Id == invited.User.Id).Select(u => u.PasswordHash).SingleAsync()
            )
        );

        var add = await support.GetAsync(Links.AddUser(invited.Organisation.Id));
        await (
            await add.SubmitAsync(
                    "Continue",
                    new()
                    {
                        ["FirstName"] = "Jo",
                        ["LastName"] = "Bloggs",
                        ["Email"] = invited.User.Email,
                    }
                )
                .ThenRoleAsync()
        ).SubmitAsync("Add user");
        Assert.Equal("Your invitation has been withdrawn", (await app.Client().GetAsync(invited.Link)).Heading);
        Assert.Equal(
            "Your account is ready",
            (await RegisterAsync(app.Client(), await app.Main.LinkAsync(invited.User))).Heading
        );
    }

    [Fact]
    public async Task H5_H12_Trust5_Correcting_the_address_ends_the_old_link_and_forgets_what_was_begun_with_it()
    {
        var invited = await app.Main.InviteAsync(secondFactor: true);
        var support = await app.SupportAsync();
        var wrongPerson = app.Client();
        await RegisterAsync(wrongPerson, invited.Link); // someone who reads the wrong mailbox has chosen a password
        var edit = await support.GetAsync(Links.EditUser(invited.Organisation.Id, invited.User.Id));
        var right = Some.Email();
        await (await edit.SubmitAsync("Continue", new() { ["Email"] = right })).SubmitAsync("Save changes");
        Assert.Equal("Your invitation has been withdrawn", (await app.Client().GetAsync(invited.Link)).Heading);
        Assert.StartsWith("/sign-in", (await wrongPerson.GetAsync("/organisations")).Path, StringComparison.Ordinal);
        var signIn = await (await app.Client().GetAsync("/sign-in")).SubmitAsync(
            "Sign in",
            new() { ["Email"] = right, ["Password"] = Password }
        );
        Assert.Equal("Sign in", signIn.Heading);
        var start = await app.Client().GetAsync(await app.Main.LinkAsync(invited.User));
        Assert.Contains(right, start.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task D14_Trust9_Another_person_who_is_signed_in_is_told_so_and_gets_nothing()
    {
        var invited = await app.Main.InviteAsync();
        var organisation = await app.Main.MakeOrganisationAsync();
        var member = await app.Main.MemberOfAsync(organisation);
        var client = await app.Client().SignInAsync(member.Email);
        var page = await client.GetAsync(invited.Link);
        Assert.Equal("You are signed in as someone else", page.Heading);
        Assert.Contains(member.Email, page.Text(), StringComparison.Ordinal);
        Assert.Contains(invited.User.Email, page.Text(), StringComparison.Ordinal);
        await client.GetAsync(invited.Link + "/details"); // leads back to this page
        Assert.Equal(1, await app.InDbAsync(db => db.Memberships.CountAsync(m => m.UserId == member.Id)));
        var after = await page.SubmitAsync("Sign out and continue");
        Assert.StartsWith("Create an account", after.Heading, StringComparison.Ordinal);
    }

    [Fact]
    public async Task D16_D17_Registering_once_answers_every_invitation()
    {
        var invited = await app.Main.InviteAsync();
        var second = await app.Main.MakeOrganisationAsync();
        var support = await app.SupportAsync();
        var add = await support.GetAsync(Links.AddUser(second.Id));
        await (
            await add.SubmitAsync(
                    "Continue",
                    new()
                    {
                        ["FirstName"] = "Jo",
                        ["LastName"] = "Bloggs",
                        ["Email"] = invited.User.Email,
                    }
                )
                .ThenRoleAsync()
        ).SubmitAsync("Add user");
        var secondLink = await app.Main.LinkAsync(invited.User);
        var client = app.Client();
        await RegisterAsync(client, secondLink);
        Assert.Equal(second.Name, (await client.GetAsync(secondLink)).Heading);
        Assert.Equal("You have already used this link", (await app.Client().GetAsync(invited.Link)).Heading);
        var choose = await client.GetAsync("/");
        Assert.Contains(invited.Organisation.Name, choose.Text(), StringComparison.Ordinal);
        Assert.Contains(second.Name, choose.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trust3_Trust4_A_membership_that_waits_is_not_to_be_had_without_the_link_and_no_table_holds_it()
    {
        var invited = await app.Main.InviteAsync();
        var token = invited.Link.Split('/')[^1];
        var signIn = await (await app.Client().GetAsync("/sign-in")).SubmitAsync(
            "Sign in",
            new() { ["Email"] = invited.User.Email, ["Password"] = Password }
        );
        Assert.Equal("Sign in", signIn.Heading);
        var tables = await app.InDbAsync(db =>
            db.Database.SqlQuery<string>(
                    $"""
                    select table_name as "Value"
                    from information_schema.tables
                    where table_schema = 'public' and table_type = 'BASE TABLE' and table_name <> 'mailbox'
                    """
                )
                .ToListAsync()
        );
        Assert.Contains("outgoing_messages", tables);
        foreach (var table in tables)
        {
#pragma warning disable EF1002 // the names come from the catalogue
            Assert.Equal(
                0,
                await app.InDbAsync(db =>
                    db.Database.SqlQueryRaw<int>(
                            $"select count(*)::int as \"Value\" from {table} t where t::text ilike '%{token}%'"
                        )
                        .SingleAsync()
                )
            );
#pragma warning restore EF1002
        }
        var support = await app.SupportAsync();
        foreach (
            var page in new[]
            {
                Links.Users(invited.Organisation.Id),
                Links.User(invited.Organisation.Id, invited.User.Id),
            }
        )
        {
            Assert.DoesNotContain(
                token,
                (await support.GetAsync(page)).Document.DocumentElement.OuterHtml,
                StringComparison.Ordinal
            );
        }
    }

    [Fact]
    public async Task E_A_paused_invitation_says_so_and_works_again_when_it_is_resumed()
    {
        var invited = await app.Main.InviteAsync();
        await app.Main.PauseAsync(invited.Membership);
        Assert.Equal("Your access has been paused", (await app.Client().GetAsync(invited.Link)).Heading);
        await app.Client().PostAsync(invited.Link + "/details", [], HttpStatusCode.BadRequest);
        await app.InDbAsync(db =>
            db.Memberships.Where(m => m.Id == invited.Membership.Id)
                .ExecuteUpdateAsync(m => m.SetProperty(x => x.PausedAt, (DateTimeOffset?)null))
        );
        Assert.StartsWith(
            "Create an account",
            (await app.Client().GetAsync(invited.Link)).Heading,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task D10_Beginning_again_in_another_browser_ends_what_was_begun_in_the_first()
    {
        var invited = await app.Main.InviteAsync(secondFactor: true);
        var first = app.Client();
        var second = app.Client();
        await RegisterAsync(first, invited.Link);
        await RegisterAsync(second, invited.Link);
        Assert.StartsWith("/sign-in", (await first.GetAsync("/account/second-factor")).Path, StringComparison.Ordinal);
        Assert.Equal("Choose how to get security codes", (await second.GetAsync("/organisations")).Heading);
        Assert.Null(
            await app.InDbAsync(db =>
                db.Users.Where(u => u.Id == invited.User.Id).Select(u => u.RegisteredAt).SingleAsync()
            )
        );
    }
}
