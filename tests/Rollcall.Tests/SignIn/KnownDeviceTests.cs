using Microsoft.EntityFrameworkCore;
using Rollcall.Addresses;
using Rollcall.History;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Security;
using Rollcall.Tests.Account;
using Rollcall.Tests.Register;
using Rollcall.Tests.Support;
using static Rollcall.Tests.SignIn.PasswordSignInTests;

namespace Rollcall.Tests.SignIn;

/// <summary>Guesses block strangers and not the owner.</summary>
public sealed class KnownDeviceTests(TheApp app)
{
    private const string NewPassword = "purple monkey dishwasher";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Blocks the account for fifteen minutes, as ten wrong passwords would.</summary>
    private async Task BlockAsync(Instance host, User user)
    {
        await SignInAsync(host.Client(), user.Email, "wrong horse battery");
        await host.InDbAsync(db =>
            db.Database.ExecuteSqlAsync(
                $"update throttles set tries = 10, blocked_until = now() + interval '15 minutes' where tries > 0"
            )
        );
        Assert.NotEmpty((await SignInAsync(host.Client(), user.Email)).Errors);
    }

    [Fact]
    public async Task Trust30_A_device_that_signed_in_before_gets_in_while_guesses_stay_blocked()
    {
        await using var host = await app.StartAsync([]);
        var (user, organisation) = await PersonAsync(host);
        var own = host.Client();
        await SignInAsync(own, user.Email);
        await (await own.GetAsync("/sign-out")).SubmitAsync("Sign out");
        await BlockAsync(host, user);
        Assert.Equal(organisation.Name, (await SignInAsync(own, user.Email)).Heading);
        Assert.NotEmpty((await SignInAsync(host.Client(), user.Email)).Errors); // still, though the owner was right
    }

    [Fact]
    public async Task Trust30_A_known_device_that_guesses_is_blocked_by_itself()
    {
        await using var host = await app.StartAsync([]);
        var (user, organisation) = await PersonAsync(host);
        var own = host.Client();
        await SignInAsync(own, user.Email);
        await (await own.GetAsync("/sign-out")).SubmitAsync("Sign out");
        for (var i = 0; i < 7; i++)
        {
            await SignInAsync(own, user.Email, "wrong horse battery");
        }

        Assert.NotEmpty((await SignInAsync(own, user.Email)).Errors);
        Assert.Equal(organisation.Name, (await SignInAsync(host.Client(), user.Email)).Heading);
    }

    [Fact]
    public async Task Trust30_A_device_is_known_to_the_account_that_signed_in_and_to_no_other()
    {
        await using var host = await app.StartAsync([]);
        var (user, _) = await PersonAsync(host);
        var (attacker, _) = await PersonAsync(host);
        var theirs = host.Client();
        await SignInAsync(theirs, attacker.Email);
        await (await theirs.GetAsync("/sign-out")).SubmitAsync("Sign out");
        await BlockAsync(host, user);
        Assert.NotEmpty((await SignInAsync(theirs, user.Email)).Errors);
        foreach (System.Net.Cookie cookie in theirs.Cookies.GetAllCookies())
        {
            if (cookie.Name.EndsWith("device", StringComparison.Ordinal))
            {
                cookie.Value = cookie.Value[..^4] + "AAAA"; // a cookie that was changed is ignored
            }
        }
        Assert.NotEmpty((await SignInAsync(theirs, attacker.Email)).Errors);
    }

    [Fact]
    public async Task Trust30_A_shared_computer_knows_each_of_its_people()
    {
        await using var host = await app.StartAsync([]);
        var people = new[] { await PersonAsync(host), await PersonAsync(host), await PersonAsync(host) };
        var shared = host.Client();
        foreach (var (user, _) in people)
        {
            await SignInAsync(shared, user.Email);
            await (await shared.GetAsync("/sign-out")).SubmitAsync("Sign out");
        }
        await BlockAsync(host, people[0].User);
        Assert.Equal(people[0].Organisation.Name, (await SignInAsync(shared, people[0].User.Email)).Heading);
    }

    [Fact]
    public async Task Trust30_Trust31_A_reset_lets_the_owner_in_where_they_made_it_while_guesses_stay_blocked()
    {
        await using var host = await app.StartAsync([]);
        var (user, organisation) = await PersonAsync(host);
        await BlockAsync(host, user);
        var own = host.Client();
        await (await own.GetAsync("/forgot-password")).SubmitAsync("Send link", new() { ["Email"] = user.Email });
        var form = await own.GetAsync(await host.LinkInMailAsync(user.Email, "/reset-password/"));
        await form.SubmitAsync("Save password", new() { ["Password"] = NewPassword });
        Assert.NotEmpty((await SignInAsync(host.Client(), user.Email, NewPassword)).Errors);
        Assert.Equal(organisation.Name, (await SignInAsync(own, user.Email, NewPassword)).Heading);
    }

    [Fact]
    public async Task Trust30_The_owner_changes_their_password_while_strangers_guess_it()
    {
        await using var host = await app.StartAsync([]);
        var (user, _) = await PersonAsync(host);
        var own = host.Client();
        await SignInAsync(own, user.Email);
        await BlockAsync(host, user);
        var form = await own.GetAsync("/account/password");
        Assert.Equal(
            "Your password has been changed.",
            (
                await form.SubmitAsync(
                    "Save password",
                    new() { ["CurrentPassword"] = RegisterTests.Password, ["NewPassword"] = NewPassword }
                )
            ).Banner
        );
    }

    [Fact]
    public async Task Trust30_Any_number_of_known_devices_does_not_give_any_number_of_guesses()
    {
        await using var host = await app.StartAsync([]);
        var (user, organisation) = await PersonAsync(host);
        var own = host.Client();
        await SignInAsync(own, user.Email);
        await (await own.GetAsync("/sign-out")).SubmitAsync("Sign out");
        var guesses = 0;
        while (
            guesses < 100
            && await host.DoAsync<Throttle, bool>(t =>
                t.TryKnownAsync(Tries.Account, $"device {guesses / 5}", user.Id, Stop)
            )
        )
        {
            guesses++;
        }

        Assert.Equal(Tries.FreeForKnownDevices + 1, guesses); // the last begins the wait
        Assert.NotEmpty((await SignInAsync(own, user.Email)).Errors);
        Assert.Equal(organisation.Name, (await SignInAsync(host.Client(), user.Email)).Heading);
    }

    [Theory]
    [InlineData("nothing", true)]
    [InlineData("another password", false)]
    [InlineData("a new second factor", false)]
    [InlineData("reset by support", false)]
    [InlineData("signed out everywhere", false)]
    [InlineData("their own new password", true)]
    public async Task Trust30_A_device_is_forgotten_when_how_its_owner_signs_in_changes(string what, bool known)
    {
        await using var host = await app.StartAsync([]);
        var (user, _) = await PersonAsync(host);
        var own = host.Client();
        var password = RegisterTests.Password;
        var now = DateTimeOffset.UtcNow;
        await SignInAsync(own, user.Email);
        var support = new Viewer(Guid.NewGuid(), "Sam Support", "sam@example.org", true, []);
        switch (what)
        {
            case "another password":
                await host.InDbAsync(db =>
                    db.Users.Where(u => u.Id == user.Id)
                        .ExecuteUpdateAsync(u => u.SetProperty(x => x.PasswordSetAt, DateTimeOffset.UtcNow))
                );
                break;
            case "a new second factor":
                var key = Totp.NewSecret();
                var setUp = new NewSecondFactor(user.Id, SecondFactorKind.Authenticator.Key, null, key, now);
                now = DateTimeOffset.UtcNow;
                var code = AuthenticatorApp.Code(Totp.Base32(key), now);
                Assert.Null(
                    (
                        await host.DoAsync<SecondFactorSetUp, SetUpOutcome>(s =>
                            s.FinishAsync(new(Viewer.Of(user), now), Guid.NewGuid(), setUp, code)
                        )
                    ).Error
                );
                break;
            case "reset by support":
                await host.DoAsync<SignInRepair, Result>(r =>
                    r.RemoveAsync(new(support, DateTimeOffset.UtcNow), user, true, [], "By phone")
                );
                break;
            case "signed out everywhere":
                var elsewhere = host.Client();
                await SignInAsync(elsewhere, user.Email);
                var page = await elsewhere.GetAsync(Links.SignOutEverywhere);
                await page.SubmitAsync(page.Texts("main button")[0]);
                break;
            case "their own new password":
                password = NewPassword;
                await (await own.GetAsync("/account/password")).SubmitAsync(
                    "Save password",
                    new() { ["CurrentPassword"] = RegisterTests.Password, ["NewPassword"] = password }
                );
                break;
        }
        own
            .Cookies.GetAllCookies()
            .Single(c => c.Name == "rollcall" || c.Name.EndsWith("session", StringComparison.Ordinal))
            .Expired = true;
        await SignInAsync(host.Client(), user.Email, "wrong horse battery");
        await host.InDbAsync(db =>
            db.Database.ExecuteSqlAsync(
                $"update throttles set tries = 10, blocked_until = now() + interval '15 minutes' where tries > 0"
            )
        );
        Assert.Equal(known, (await SignInAsync(own, user.Email, password)).Errors.Count == 0);
    }

    [Fact]
    public async Task Trust38_A_link_that_begins_a_registration_makes_no_device_known_for_second_factors()
    {
        var client = app.Client();
        var invited = await app.Main.InviteAsync(secondFactor: true);
        await (await (await client.GetAsync(invited.Link)).FollowAsync("Create an account")).SubmitAsync(
            "Continue",
            RegisterTests.Answers()
        );
        var cookie = client.Cookies.GetAllCookies().Single(c => c.Name.EndsWith("device", StringComparison.Ordinal));
        var box = Microsoft.AspNetCore.WebUtilities.WebEncoders.Base64UrlDecode(cookie.Value);
        var secret = (Rollcall.Security.Secret)app.Main.Services.GetService(typeof(Rollcall.Security.Secret))!;
        var device = System.Text.Encoding.UTF8.GetString(secret.Unprotect("known device", box));
        Assert.Contains(invited.User.Id.ToString(), device, StringComparison.Ordinal);
        Assert.Contains("\"SignedIn\":false", device, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trust38_Someone_who_knows_the_password_and_guesses_codes_does_not_keep_the_owner_out()
    {
        await using var host = await app.StartAsync([]);
        var (user, organisation) = await PersonAsync(host);
        var secret = Totp.NewSecret();
        await host.DoAsync<Authenticators, int>(async a =>
        {
            await a.SaveAsync(user.Id, secret, 1, TestContext.Current.CancellationToken);
            return 0;
        });
        string Code(int step) =>
            AuthenticatorApp.Code(Totp.Base32(secret), DateTimeOffset.UtcNow.AddSeconds(30 * step));
        var own = host.Client();
        await (await SignInAsync(own, user.Email)).SubmitAsync("Continue", new() { ["Code"] = Code(-1) });
        await (await own.GetAsync("/sign-out")).SubmitAsync("Sign out");
        var guess = await SignInAsync(host.Client(), user.Email);
        await guess.SubmitAsync("Continue", new() { ["Code"] = "000000" });
        await host.InDbAsync(db =>
            db.Database.ExecuteSqlAsync(
                $"update throttles set tries = 10, blocked_until = now() + interval '15 minutes' where tries > 0"
            )
        );
        Assert.Equal(
            organisation.Name,
            (await (await SignInAsync(own, user.Email)).SubmitAsync("Continue", new() { ["Code"] = Code(0) })).Heading
        );
    }

    [Fact]
    public async Task Trust31_Forgotten_password_sends_a_pending_person_the_same_link_and_ends_no_registration()
    {
        var invited = await app.Main.InviteAsync(secondFactor: true);
        var client = app.Client();
        var choose = await (await (await client.GetAsync(invited.Link)).FollowAsync("Create an account")).SubmitAsync(
            "Continue",
            RegisterTests.Answers()
        );
        Assert.Equal("Choose how to get security codes", choose.Heading);
        await app.Main.LetTimePassAsync(invited.User.Id, TimeSpan.FromMinutes(5));
        Task<int> AgainAsync() =>
            app.InDbAsync(db =>
                db.AuditEvents.CountAsync(e =>
                    e.UserId == invited.User.Id && e.Kind == Event.KindOf<InvitationResent>()
                )
            );
        await (await app.Client().GetAsync("/forgot-password")).SubmitAsync(
            "Send link",
            new() { ["Email"] = invited.User.Email }
        );
        await Wait.UntilAsync(async () => await AgainAsync() == 1, "Nothing was sent");
        Assert.Equal("Choose how to get security codes", (await client.GetAsync("/account")).Heading);
        Assert.Equal(1, await app.InDbAsync(db => db.Invitations.CountAsync(i => i.UserId == invited.User.Id)));
        Assert.Equal(
            "Create an account",
            (await (await app.Client().GetAsync(invited.Link)).FollowAsync("Create an account")).Text("h1")[^17..]
        );
    }

    [Fact]
    public async Task Trust15_The_same_link_is_sent_at_most_once_a_minute_and_five_times_a_day()
    {
        var invited = await app.Main.InviteAsync();
        Assert.True(EmailAddress.TryParse(invited.User.Email, out var address));
        var start = DateTimeOffset.UtcNow;
        async Task<int> SentAsync(TimeSpan later)
        {
            await app.Main.DoAsync<Operations.Invitations, int>(async i =>
            {
                await i.SendAgainToAsync(address, start + later, TestContext.Current.CancellationToken);
                return 0;
            });
            return await app.InDbAsync(db =>
                db.OutgoingMessages.CountAsync(m => m.ToAddress == invited.User.Email && m.Kind == "added")
            );
        }
        Assert.Equal(1, await SentAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal(2, await SentAsync(TimeSpan.FromMinutes(2)));
        Assert.Equal(2, await SentAsync(TimeSpan.FromMinutes(2.5)));
        for (var i = 0; i < 6; i++)
        {
            await SentAsync(TimeSpan.FromMinutes(10 + (2 * i)));
        }

        Assert.Equal(5, await SentAsync(TimeSpan.FromHours(1)));
    }
}
