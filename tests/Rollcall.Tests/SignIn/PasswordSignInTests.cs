using System.Net;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Rollcall.Dev;
using Rollcall.History;
using Rollcall.Model;
using Rollcall.Security;
using Rollcall.Tests.Register;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.SignIn;

/// <summary>Password, second factor, forgotten password.</summary>
public sealed partial class PasswordSignInTests(TheApp app)
{
    private const string Password = RegisterTests.Password;

    internal static async Task<(User User, Organisation Organisation)> PersonAsync(
        Instance host,
        string role = Roles.Member,
        Action<User>? change = null
    )
    {
        var organisation = await host.MakeOrganisationAsync();
        var user = await host.MemberOfAsync(organisation, role: role);
        await ChangeAsync(
            host,
            user,
            u =>
            {
                u.PasswordHash = host.Services.GetRequiredService<Passwords>().Hash(Password);
                change?.Invoke(u);
            }
        );
        return (user, organisation);
    }

    private static Task<int> ChangeAsync(Instance host, User user, Action<User> change) =>
        host.InDbAsync(async db =>
        {
            change(await db.Users.SingleAsync(u => u.Id == user.Id));
            return await db.SaveChangesAsync();
        });

    internal static async Task<Page> SignInAsync(
        Client client,
        string email,
        string password = Password,
        string? returnUrl = null
    ) =>
        await (await client.GetAsync(Links.SignIn(returnUrl))).SubmitAsync(
            "Sign in",
            new() { ["Email"] = email, ["Password"] = password }
        );

    /// <summary>The newest code sent to this address.</summary>
    internal static async Task<string> CodeAsync(Instance host, string to) =>
        SixDigits().Match(await host.MailAsync(to, " is your security code")).Value;

    [GeneratedRegex(@"\b\d{6}\b", RegexOptions.NonBacktracking)]
    private static partial Regex SixDigits();

    [Fact]
    public async Task F12_S4_14_Email_and_password_lead_to_the_page_that_was_asked_for()
    {
        var (user, organisation) = await PersonAsync(app.Main, Roles.Admin);
        var asked = await app.Client().GetAsync(Links.Users(organisation.Id));
        Assert.Equal("Sign in", asked.Heading);
        var page = await asked.SubmitAsync(
            "Sign in",
            new() { ["Email"] = $" {user.Email.ToUpperInvariant()} ", ["Password"] = Password }
        );
        Assert.Equal(Links.Users(organisation.Id), page.Path);
        var signedIn = await app.InDbAsync(db =>
            db.AuditEvents.SingleAsync(e => e.UserId == user.Id && e.Kind == Event.KindOf<UserSignedIn>())
        );
        Assert.Contains("\"password\"", signedIn.Data, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trust30_A_right_password_costs_its_network_no_try_and_a_wrong_one_does()
    {
        await using var host = await app.StartAsync([]);
        var (user, organisation) = await PersonAsync(host);
        Task<int> TriesAsync() =>
            host.InDbAsync(db =>
                db.Database.SqlQuery<int>($"select coalesce(max(tries), 0) as \"Value\" from throttles").SingleAsync()
            );
        Assert.Equal(Links.Organisation(organisation.Id), (await SignInAsync(host.Client(), user.Email)).Path);
        Assert.Equal(0, await TriesAsync());
        await SignInAsync(host.Client(), user.Email, "another horse battery");
        await SignInAsync(host.Client(), user.Email);
        Assert.Equal(1, await TriesAsync());
    }

    [Theory]
    [InlineData("//evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("https:evil.example")]
    [InlineData("https://evil.example/")]
    [InlineData("javascript:alert(1)")]
    public async Task F12_Trust10_A_return_URL_cannot_lead_away_from_the_service(string returnUrl)
    {
        var (user, organisation) = await PersonAsync(app.Main);
        Assert.Equal(
            Links.Organisation(organisation.Id),
            (await SignInAsync(app.Client(), user.Email, returnUrl: returnUrl)).Path
        );
    }

    [Fact]
    public async Task Trust29_J10_A_wrong_password_and_an_unknown_a_paused_a_pending_and_a_passwordless_account_get_one_answer()
    {
        var (user, _) = await PersonAsync(app.Main);
        var (paused, _) = await PersonAsync(app.Main, change: u => u.PausedAt = u.CreatedAt);
        var invited = await app.Main.InviteAsync();
        var without = await app.Main.MakeUserAsync();
        var answers = new List<string>();
        foreach (var email in new[] { user.Email, paused.Email, invited.User.Email, without.Email, Some.Email() })
        {
            var page = await SignInAsync(app.Client(), email, "wrong horse battery");
            Assert.Equal(email, page.Field("Email"));
            answers.Add(string.Join("|", page.Errors));
        }
        Assert.Equal(
            "The email address or password is incorrect. Check them and try again, or reset your password",
            Assert.Single(answers.Distinct())
        );
    }

    [Fact]
    public async Task Trust26_The_whole_password_counts_in_any_script()
    {
        var password = string.Concat(Enumerable.Repeat("Ŵy🐑 ", 16));
        var (user, organisation) = await PersonAsync(
            app.Main,
            change: u => u.PasswordHash = app.Main.Services.GetRequiredService<Passwords>().Hash(password)
        );
        Assert.NotEmpty((await SignInAsync(app.Client(), user.Email, password[..^1])).Errors);
        Assert.Equal(organisation.Name, (await SignInAsync(app.Client(), user.Email, password)).Heading);
    }

    [Fact]
    public async Task U3_Blank_answers_have_an_error_each() =>
        Assert.Equal(
            ["Enter an email address", "Enter your password"],
            (await SignInAsync(app.Client(), " ", "")).Errors
        );

    [Fact]
    public async Task S4_11_D19_Trust37_A_code_by_text_message_is_asked_for_and_works_once()
    {
        var number = Some.Mobile();
        var (user, organisation) = await PersonAsync(
            app.Main,
            change: u =>
            {
                u.Mobile = number;
                u.MobileConfirmedAt = u.CreatedAt;
            }
        );
        var client = app.Client();
        var page = await SignInAsync(client, user.Email);
        Assert.Equal("Check your phone", page.Heading);
        await CodeAsync(app.Main, number);
        using (var mailbox = await app.Client().RawAsync(new(HttpMethod.Get, "/dev/mailbox.json")))
        {
            var messages = System
                .Text.Json.JsonDocument.Parse(
                    await mailbox.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)
                )
                .RootElement.EnumerateArray();
            Assert.Equal(
                "text",
                messages.First(m => m.GetProperty("to").GetString() == number).GetProperty("channel").GetString()
            );
        }
        Assert.Contains(number[^3..], page.Text(), StringComparison.Ordinal);
        Assert.DoesNotContain(number, page.Text(), StringComparison.Ordinal); // Trust41
        // the password alone opens nothing
        Assert.StartsWith("/sign-in", (await client.GetAsync("/organisations")).Path, StringComparison.Ordinal);
        var code = await CodeAsync(app.Main, number);
        Assert.Equal(["Enter the security code"], (await page.SubmitAsync("Continue", new() { ["Code"] = "" })).Errors);
        Assert.Equal(
            ["The security code is incorrect. Check the message and try again"],
            (await page.SubmitAsync("Continue", new() { ["Code"] = code == "000000" ? "000001" : "000000" })).Errors
        );
        Assert.Equal(
            organisation.Name,
            (await page.SubmitAsync("Continue", new() { ["Code"] = $"{code[..3]} {code[3..]}" })).Heading
        );
        var again = await SignInAsync(app.Client(), user.Email);
        Assert.NotEmpty((await again.SubmitAsync("Continue", new() { ["Code"] = code })).Errors);
    }

    [Fact]
    public async Task S4_11_A_code_by_email_is_asked_for_where_that_was_chosen()
    {
        var (user, organisation) = await PersonAsync(app.Main, change: u => u.EmailCodes = true);
        var page = await SignInAsync(app.Client(), user.Email);
        Assert.Equal("Check your email", page.Heading);
        Assert.Equal(
            organisation.Name,
            (await page.SubmitAsync("Continue", new() { ["Code"] = await CodeAsync(app.Main, user.Email) })).Heading
        );
    }

    [Fact]
    public async Task Trust38_Five_wrong_codes_end_the_sign_in()
    {
        var (user, _) = await PersonAsync(app.Main, change: u => u.EmailCodes = true);
        var page = await SignInAsync(app.Client(), user.Email);
        var code = await CodeAsync(app.Main, user.Email);
        for (var i = 0; i < 5; i++)
        {
            page = await page.SubmitAsync("Continue", new() { ["Code"] = code == "111111" ? "222222" : "111111" });
        }

        var end = await page.SubmitAsync("Continue", new() { ["Code"] = code });
        Assert.Equal("Sign in", end.Heading);
        Assert.Equal(["You entered too many incorrect codes. Wait a few minutes before you sign in again"], end.Errors);
    }

    [Fact]
    public async Task Trust45_A_sign_in_waits_ten_minutes_for_its_second_factor()
    {
        var clock = new DevClock();
        await using var host = await app.StartAsync(
            [],
            services: services => services.AddSingleton<TimeProvider>(clock)
        );
        var (user, _) = await PersonAsync(host, change: u => u.EmailCodes = true);
        var page = await SignInAsync(host.Client(), user.Email);
        var code = await CodeAsync(host, user.Email);
        clock.Forward(TimeSpan.FromMinutes(10));
        var end = await page.SubmitAsync("Continue", new() { ["Code"] = code });
        Assert.Equal("Sign in", end.Heading);
        Assert.StartsWith(
            "You did not finish signing in within 10 minutes",
            Assert.Single(end.Errors),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Trust43_A_recovery_code_signs_in_once_and_the_person_hears_of_it()
    {
        var (user, organisation) = await PersonAsync(app.Main, change: u => u.EmailCodes = true);
        IReadOnlyList<string> codes;
        await using (var scope = app.Main.Services.CreateAsyncScope())
        {
            codes = await scope
                .ServiceProvider.GetRequiredService<RecoveryCodes>()
                .ReplaceAsync(user.Id, TestContext.Current.CancellationToken);
        }

        var recover = await (await SignInAsync(app.Client(), user.Email)).FollowAsync("Use a recovery code");
        Assert.Equal(
            organisation.Name,
            (await recover.SubmitAsync("Continue", new() { ["Code"] = codes[3].ToUpperInvariant() })).Heading
        );
        Assert.Equal(
            1,
            await app.InDbAsync(db =>
                db.OutgoingMessages.CountAsync(m => m.ToAddress == user.Email && m.Kind == "sign-in-changed")
            )
        );
        recover = await (await SignInAsync(app.Client(), user.Email)).FollowAsync("Use a recovery code");
        Assert.Equal(
            ["The recovery code is incorrect, or you have used it already. Enter another one"],
            (await recover.SubmitAsync("Continue", new() { ["Code"] = codes[3] })).Errors
        );
    }

    [Fact]
    public async Task S4_11_D19_D20_Where_it_is_demanded_every_page_leads_to_setting_it_up_until_it_is()
    {
        var invited = await app.Main.InviteAsync(role: Roles.Admin, secondFactor: true);
        var client = app.Client();
        var choose = await (await (await client.GetAsync(invited.Link)).FollowAsync("Create an account")).SubmitAsync(
            "Continue",
            RegisterTests.Answers("twelve chars")
        );
        Assert.Equal("Choose how to get security codes", choose.Heading);
        foreach (
            var path in new[]
            {
                "/",
                "/organisations",
                Links.Organisation(invited.Organisation.Id),
                Links.Users(invited.Organisation.Id),
                "/account",
                "/account/password",
                "/account/finish",
            }
        )
        {
            Assert.Equal("Choose how to get security codes", (await client.GetAsync(path)).Heading);
        }

        Assert.Equal(["Select how to get security codes"], (await choose.SubmitAsync("Continue")).Errors);
        var text = await choose.SubmitAsync("Continue", new() { ["Way"] = "text" });
        Assert.Contains("07700 900123", text.Text(), StringComparison.Ordinal); // as they gave it a moment ago
        var number = Some.Mobile();
        var shown = await (await text.FollowAsync("use a different number")).SubmitAsync(
            "Send a code",
            new() { ["Mobile"] = $"+44 (0){number[3..]}" }
        );
        // before anything is sent
        Assert.Contains($"We’ll text a code to 0{number[3..7]} {number[7..]}", shown.Text(), StringComparison.Ordinal);
        var check = await shown.SubmitAsync("Send a code");
        Assert.Equal("Check your phone", check.Heading);
        Assert.Equal(
            ["The security code is incorrect. Check the message and try again"],
            (await check.SubmitAsync("Continue", new() { ["Code"] = "12345" })).Errors
        );
        var codes = await check.SubmitAsync("Continue", new() { ["Code"] = await CodeAsync(app.Main, number) });
        Assert.Equal("Save your recovery codes", codes.Heading);
        Assert.Equal(10, codes.Texts(".app-codes li").Count);
        Assert.Equal("Your account is ready", (await codes.FollowAsync("I have saved the codes")).Heading);
        Assert.NotNull(
            await app.InDbAsync(db =>
                db.Users.Where(u => u.Id == invited.User.Id).Select(u => u.RegisteredAt).SingleAsync()
            )
        );
        await app.Client().GetAsync(invited.Link);

        // D20: a signed-in person is asked at the next request after one of their organisations starts to require it.
        var (member, organisation) = await PersonAsync(app.Main);
        var theirs = app.Client();
        await SignInAsync(theirs, member.Email);
        await app.InDbAsync(db =>
            db.Organisations.Where(o => o.Id == organisation.Id)
                .ExecuteUpdateAsync(o => o.SetProperty(x => x.SecondFactorRequired, true))
        );
        Assert.Equal(
            "Choose how to get security codes",
            (await theirs.GetAsync(Links.Organisation(organisation.Id))).Heading
        );
    }

    [Fact]
    public async Task D10_A_person_who_stopped_half_way_goes_on_by_signing_in()
    {
        var invited = await app.Main.InviteAsync(secondFactor: true);
        await (await (await app.Client().GetAsync(invited.Link)).FollowAsync("Create an account")).SubmitAsync(
            "Continue",
            RegisterTests.Answers()
        );
        Assert.Equal("Choose how to get security codes", (await SignInAsync(app.Client(), invited.User.Email)).Heading);
        await app.InDbAsync(db =>
            db.Organisations.Where(o => o.Id == invited.Organisation.Id)
                .ExecuteUpdateAsync(o => o.SetProperty(x => x.SecondFactorRequired, false))
        );
        var finish = await SignInAsync(app.Client(), invited.User.Email);
        Assert.Equal("Finish creating your account", finish.Heading);
        Assert.Equal("Your account is ready", (await finish.SubmitAsync("Create account")).Heading);
    }

    [Fact]
    public async Task S4_17_D11_A_person_who_comes_back_after_the_link_ran_out_gets_a_new_one()
    {
        var invited = await app.Main.InviteAsync(secondFactor: true);
        await (await (await app.Client().GetAsync(invited.Link)).FollowAsync("Create an account")).SubmitAsync(
            "Continue",
            RegisterTests.Answers()
        );
        await app.InDbAsync(db =>
            db.Invitations.Where(i => i.UserId == invited.User.Id)
                .ExecuteUpdateAsync(i => i.SetProperty(x => x.ExpiresAt, x => DateTimeOffset.UtcNow.AddMinutes(-1)))
        );
        await app.Main.LetTimePassAsync(invited.User.Id, TimeSpan.FromDays(8));
        await app.InDbAsync(db =>
            db.Organisations.Where(o => o.Id == invited.Organisation.Id)
                .ExecuteUpdateAsync(o => o.SetProperty(x => x.SecondFactorRequired, false))
        );
        var expired = await SignInAsync(app.Client(), invited.User.Email);
        Assert.Equal("Your invitation has expired", expired.Heading);
        var sent = await expired.SubmitAsync("Send a new link");
        Assert.Contains(invited.User.Email, sent.Banner, StringComparison.Ordinal);
        Assert.StartsWith(
            "Create an account",
            (await app.Client().GetAsync(await app.Main.LinkAsync(invited.User))).Heading,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Trust31_A_forgotten_password_is_replaced_through_the_mailbox_and_every_session_ends()
    {
        var (user, organisation) = await PersonAsync(app.Main);
        var elsewhere = app.Client();
        await SignInAsync(elsewhere, user.Email);
        var client = app.Client();
        var asked = await (
            await (await client.GetAsync("/sign-in")).FollowAsync("Forgotten your password?")
        ).SubmitAsync("Send link", new() { ["Email"] = user.Email });
        Assert.Equal("Check your email", asked.Heading);
        var link = await ResetLinkAsync(user);
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal("Choose a new password", (await app.Client().GetAsync(link)).Heading); // Trust1
        }

        var form = await client.GetAsync(link);
        Assert.Equal(
            ["Password must be 15 characters or more"],
            (await form.SubmitAsync("Save password", new() { ["Password"] = "too short" })).Errors
        );
        Assert.Equal(organisation.Name, (await elsewhere.GetAsync("/")).Heading); // nothing has changed yet
        var done = await form.SubmitAsync("Save password", new() { ["Password"] = "purple monkey dishwasher" });
        Assert.Equal(
            ("Sign in", "Your password has been changed. Sign in with your new password."),
            (done.Heading, done.Banner)
        );
        Assert.StartsWith("/sign-in", (await elsewhere.GetAsync("/organisations")).Path, StringComparison.Ordinal);
        Assert.NotEmpty((await SignInAsync(app.Client(), user.Email)).Errors);
        Assert.Equal(
            organisation.Name,
            (await SignInAsync(app.Client(), user.Email, "purple monkey dishwasher")).Heading
        );
        Assert.Equal("This link does not work", (await client.GetAsync(link)).Heading);
        Assert.Equal(
            "This link does not work",
            (await form.SubmitAsync("Save password", new() { ["Password"] = "purple monkey dishwasher" })).Heading
        );
        Assert.Equal(
            1,
            await app.InDbAsync(db =>
                db.OutgoingMessages.CountAsync(m => m.ToAddress == user.Email && m.Kind == "sign-in-changed")
            )
        );
    }

    private Task<string> ResetLinkAsync(User user) => app.Main.LinkInMailAsync(user.Email, "/reset-password/");

    [Fact]
    public async Task Trust31_The_link_works_for_an_hour_and_only_the_newest_use_counts()
    {
        var (user, _) = await PersonAsync(app.Main);
        await (await app.Client().GetAsync("/forgot-password")).SubmitAsync(
            "Send link",
            new() { ["Email"] = user.Email }
        );
        var link = await ResetLinkAsync(user);
        await app.InDbAsync(db =>
            db.PasswordResets.Where(r => r.UserId == user.Id)
                .ExecuteUpdateAsync(r => r.SetProperty(x => x.CreatedAt, x => x.CreatedAt.AddMinutes(-60)))
        );
        Assert.Equal("This link does not work", (await app.Client().GetAsync(link)).Heading);
    }

    [Fact]
    public async Task Trust29_J10_Asking_for_a_new_password_has_one_answer_and_changes_nothing()
    {
        var (user, _) = await PersonAsync(app.Main);
        var before = await app.InDbAsync(db =>
            db.Users.Where(u => u.Id == user.Id).Select(u => u.PasswordHash).SingleAsync()
        );
        var pages = new List<string>();
        foreach (var email in new[] { user.Email, Some.Email() })
        {
            pages.Add(
                (
                    await (await app.Client().GetAsync("/forgot-password")).SubmitAsync(
                        "Send link",
                        new() { ["Email"] = email }
                    )
                ).Text()
            );
        }

        Assert.Single(pages.Distinct());
        await ResetLinkAsync(user);
        Assert.Equal(
            before,
            await app.InDbAsync(db => db.Users.Where(u => u.Id == user.Id).Select(u => u.PasswordHash).SingleAsync())
        );
        Assert.Equal(
            ["Enter an email address in the correct format, like name@example.com"],
            (
                await (await app.Client().GetAsync("/forgot-password")).SubmitAsync(
                    "Send link",
                    new() { ["Email"] = "not an address" },
                    HttpStatusCode.OK
                )
            ).Errors
        );
    }

    [Fact]
    public async Task D22_An_invited_person_who_asks_for_a_password_gets_the_invitation_again()
    {
        var invited = await app.Main.InviteAsync();
        await app.Main.LetTimePassAsync(invited.User.Id, TimeSpan.FromMinutes(5));
        await (await app.Client().GetAsync("/forgot-password")).SubmitAsync(
            "Send link",
            new() { ["Email"] = invited.User.Email }
        );
        await Wait.UntilAsync(
            async () =>
                await app.InDbAsync(db =>
                    db.OutgoingMessages.CountAsync(m => m.ToAddress == invited.User.Email && m.Kind == "added")
                ) == 2,
            "No second email"
        );
        Assert.StartsWith(
            "Create an account",
            (await app.Client().GetAsync(invited.Link)).Heading,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Trust40_After_a_reset_through_the_mailbox_a_code_to_the_same_mailbox_is_not_enough()
    {
        var (user, organisation) = await PersonAsync(app.Main, change: u => u.EmailCodes = true);
        IReadOnlyList<string> codes;
        await using (var scope = app.Main.Services.CreateAsyncScope())
        {
            codes = await scope
                .ServiceProvider.GetRequiredService<RecoveryCodes>()
                .ReplaceAsync(user.Id, TestContext.Current.CancellationToken);
        }

        await (await app.Client().GetAsync("/forgot-password")).SubmitAsync(
            "Send link",
            new() { ["Email"] = user.Email }
        );
        await (await app.Client().GetAsync(await ResetLinkAsync(user))).SubmitAsync(
            "Save password",
            new() { ["Password"] = "purple monkey dishwasher" }
        );
        var page = await SignInAsync(app.Client(), user.Email, "purple monkey dishwasher");
        Assert.Equal("Enter a recovery code", page.Heading);
        Assert.False(page.HasLink("Get a code by email"));
        Assert.Equal(organisation.Name, (await page.SubmitAsync("Continue", new() { ["Code"] = codes[0] })).Heading);
        Assert.Equal(
            "Check your email",
            (await SignInAsync(app.Client(), user.Email, "purple monkey dishwasher")).Heading
        );
    }
}
