using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Rollcall.Addresses;
using Rollcall.History;
using Rollcall.Model;
using Rollcall.Security;
using Rollcall.Tests.Account;
using Rollcall.Tests.Register;
using Rollcall.Tests.Support;
using static Rollcall.Tests.SignIn.PasswordSignInTests;

namespace Rollcall.Tests.SignIn;

/// <summary>
/// Ordinary mishaps: an old tab, a late code, a lost phone. Each page says what happened, and what it tells people to
/// do works.
/// </summary>
public sealed class WaysBackTests(TheApp app)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Trust30_A_network_that_tried_too_often_costs_no_account_a_try()
    {
        await using var host = await app.StartAsync([]);
        var (user, _) = await PersonAsync(host);
        await SignInAsync(host.Client(), user.Email, "wrong horse battery");
        await host.InDbAsync(db =>
            db.Database.ExecuteSqlAsync(
                $"update throttles set tries = 200, blocked_until = now() + interval '1 minute'"
            )
        );
        Task<int> CountedAsync() =>
            host.InDbAsync(db =>
                db.Database.SqlQuery<int>($"select count(*)::int as \"Value\" from throttles").SingleAsync()
            );
        Assert.Equal(2, await CountedAsync()); // the account and the network
        await SignInAsync(host.Client(), Some.Email(), "wrong horse battery");
        Assert.Equal(2, await CountedAsync());
    }

    [Fact]
    public async Task D19_After_too_many_wrong_codes_waiting_helps_as_the_page_says()
    {
        var clock = new Dev.DevClock();
        await using var host = await app.StartAsync(
            [],
            services: services => services.AddSingleton<TimeProvider>(clock)
        );
        var (user, organisation) = await PersonAsync(host);
        var secret = Totp.NewSecret();
        await using (var scope = host.Services.CreateAsyncScope())
        {
            await scope.ServiceProvider.GetRequiredService<Authenticators>().SaveAsync(user.Id, secret, 1, Stop);
        }

        Page page = null!;
        for (var i = 0; i < 2; i++)
        {
            page = await SignInAsync(host.Client(), user.Email);
            for (var j = 0; j < 6 && page.Heading != "Sign in"; j++)
            {
                page = await page.SubmitAsync("Continue", new() { ["Code"] = "000000" });
            }
        }
        Assert.Equal(
            ["You entered too many incorrect codes. Wait a few minutes before you sign in again"],
            page.Errors
        );
        clock.Forward(TimeSpan.FromMinutes(5));
        var again = await SignInAsync(host.Client(), user.Email);
        Assert.Equal(
            organisation.Name,
            (
                await again.SubmitAsync(
                    "Continue",
                    new() { ["Code"] = AuthenticatorApp.Code(Totp.Base32(secret), clock.GetUtcNow()) }
                )
            ).Heading
        );
    }

    [Fact]
    public async Task D19_A_code_that_comes_too_late_leads_to_signing_in_again_and_then_to_the_page_that_was_asked_for()
    {
        var (user, _) = await PersonAsync(app.Main, change: u => u.EmailCodes = true);
        var page = await SignInAsync(app.Client(), user.Email, returnUrl: "/account/name");
        await app.InDbAsync(db =>
            db.Database.ExecuteSqlAsync(
                $"update pending_sign_ins set created_at = created_at - interval '11 minutes' where user_id = {user.Id}"
            )
        );
        var again = await page.SubmitAsync("Continue", new() { ["Code"] = "123456" });
        Assert.StartsWith(
            "You did not finish signing in within 10 minutes",
            Assert.Single(again.Errors),
            StringComparison.Ordinal
        );
        Assert.Contains("returnUrl=%2Faccount%2Fname", again.Path, StringComparison.Ordinal);
    }

    [Fact]
    public async Task F10_The_form_in_another_tab_says_that_one_is_signed_in_by_now()
    {
        var (user, organisation) = await PersonAsync(app.Main);
        var client = app.Client();
        var one = await client.GetAsync("/sign-in");
        var two = await client.GetAsync("/sign-in");
        await one.SubmitAsync("Sign in", new() { ["Email"] = user.Email, ["Password"] = RegisterTests.Password });
        var page = await two.SubmitAsync(
            "Sign in",
            new() { ["Email"] = user.Email, ["Password"] = RegisterTests.Password }
        );
        Assert.Equal("Sign in", page.Heading);
        Assert.Contains($"You are signed in as {user.Email}.", page.Text(), StringComparison.Ordinal);
        Assert.Equal(organisation.Name, (await page.FollowAsync("Continue")).Heading);
    }

    [Fact]
    public async Task F13_Signing_out_when_the_session_is_over_already_says_that_one_is_signed_out()
    {
        var (user, _) = await PersonAsync(app.Main);
        var client = app.Client();
        await SignInAsync(client, user.Email);
        var form = await client.GetAsync("/sign-out");
        await app.InDbAsync(db => db.Database.ExecuteSqlAsync($"delete from sessions where user_id = {user.Id}"));
        Assert.Equal("You are signed out", (await form.SubmitAsync("Sign out")).Heading);
    }

    [Fact]
    public async Task U3_A_browser_that_introduces_itself_at_length_signs_in()
    {
        var (user, _) = await PersonAsync(app.Main);
        using var http = new HttpClient(
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseProxy = false,
                RequestHeaderEncodingSelector = (_, _) => System.Text.Encoding.UTF8,
            }
        )
        {
            BaseAddress = app.Main.Address,
        };
        http.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", new string('a', 499) + "😀");
        var form = await new AngleSharp.Html.Parser.HtmlParser().ParseDocumentAsync(
            await http.GetStringAsync("/sign-in", Stop),
            Stop
        );
        var token = form.QuerySelector("form input[name=__RequestVerificationToken]")!.GetAttribute("value")!;
        var response = await http.PostAsync(
            "/sign-in",
            new FormUrlEncodedContent(
                new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    ["Email"] = user.Email,
                    ["Password"] = RegisterTests.Password,
                    ["__RequestVerificationToken"] = token,
                }
            ),
            Stop
        );
        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        Assert.Equal(
            499,
            (
                await app.InDbAsync(db =>
                    db.Database.SqlQuery<string>(
                            $"select user_agent as \"Value\" from sessions where user_id = {user.Id}"
                        )
                        .SingleAsync()
                )
            ).Length
        );
    }

    [Fact]
    public async Task J6_A_changed_mobile_number_is_recorded()
    {
        var (user, _) = await PersonAsync(app.Main);
        var client = app.Client();
        await SignInAsync(client, user.Email);
        await (await client.GetAsync("/account/mobile")).SubmitAsync("Save", new() { ["Mobile"] = "07700 900456" });
        Assert.Equal(
            1,
            await app.InDbAsync(db =>
                db.AuditEvents.CountAsync(e => e.UserId == user.Id && e.Kind == Event.KindOf<MobileChanged>())
            )
        );
    }

    [Fact]
    public async Task Trust43_A_user_with_no_way_left_is_told_so_and_support_lets_them_in_again()
    {
        var (user, organisation) = await PersonAsync(
            app.Main,
            change: u =>
            {
                u.EmailCodes = true;
                u.PasswordResetAt = u.CreatedAt;
            }
        );
        Assert.Equal("Ask for help to sign in", (await SignInAsync(app.Client(), user.Email)).Heading);
        var support = await app.Client()
            .SignInAsync((await app.Main.MakeUserAsync("Sam", "Support", support: true)).Email);
        var page = await (await support.GetAsync(Links.User(organisation.Id, user.Id))).FollowAsync(
            "See how they sign in"
        );
        Assert.Equal($"How {user.DisplayName} signs in", page.Heading);
        Assert.Equal(
            ["Select what to remove", "Enter how you checked it is them"],
            (await page.SubmitAsync("Remove")).Errors
        );
        var done = await page.SubmitAsync(
            "Remove",
            new() { ["What"] = "codes", ["HowChecked"] = "Called the school’s office" }
        );
        Assert.Equal(
            (
                user.DisplayName,
                $"{user.DisplayName} can now sign in without what you removed. We’ll email {user.Email}."
            ),
            (done.Document.QuerySelector("h1")!.LastChild!.TextContent.Trim(), done.Banner)
        );
        Assert.Contains(
            "removed their security codes, passkeys and recovery codes. How they checked who asked: "
                + "Called the school’s office",
            done.Text(),
            StringComparison.Ordinal
        );
        Assert.Equal(
            1,
            await app.InDbAsync(db =>
                db.OutgoingMessages.CountAsync(m => m.ToAddress == user.Email && m.Kind == "sign-in-changed")
            )
        );
        Assert.Equal(organisation.Name, (await SignInAsync(app.Client(), user.Email)).Heading);
    }

    [Fact]
    public async Task S3_1_Support_ends_a_link_to_a_provider_and_every_session_but_never_its_own()
    {
        var (user, organisation) = await PersonAsync(app.Main);
        await app.InDbAsync(db =>
            db.Database.ExecuteSqlAsync(
                $"""
                insert into sign_in_identities (issuer, subject, user_id, email, linked_at, last_used_at)
                values ('https://other.example', {user.Id.ToString()}, {user.Id}, {user.Email}, now(), now())
                """
            )
        );
        var theirs = app.Client();
        await SignInAsync(theirs, user.Email);
        var me = await app.Main.MakeUserAsync("Sam", "Support", support: true);
        var support = await app.Client().SignInAsync(me.Email);
        var page = await support.GetAsync(Links.ResetSignIn(user.Id, Links.User(organisation.Id, user.Id)));
        await page.SubmitAsync(
            "Remove",
            new() { ["What"] = $"https://other.example {user.Id}", ["HowChecked"] = "In person" }
        );
        Assert.Equal(
            0,
            await app.InDbAsync(db =>
                db.Database.SqlQuery<int>(
                        $"select count(*)::int as \"Value\" from sign_in_identities where user_id = {user.Id}"
                    )
                    .SingleAsync()
            )
        );
        Assert.Equal("Sign in", (await theirs.GetAsync("/account")).Heading);
        Assert.Contains(
            "This is you",
            (await support.GetAsync(Links.ResetSignIn(me.Id, "/"))).Text(),
            StringComparison.Ordinal
        );
        var (path, fields) = page.Form("Remove");
        fields["What"] = "codes";
        fields["HowChecked"] = "I know myself";
        Assert.Contains(
            "You cannot do this for yourself",
            (
                await support.PostAsync(
                    path.Replace(user.Id.ToString(), me.Id.ToString(), StringComparison.Ordinal),
                    fields
                )
            ).Text(),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task R13_A_person_invited_to_two_organisations_asks_for_their_links_while_both_send_them_again()
    {
        for (var round = 0; round < 20; round++)
        {
            var first = await app.Main.InviteAsync();
            var other = await app.Main.MakeOrganisationAsync();
            var second = await app.Main.JoinAsync(first.User, other);
            Assert.True(EmailAddress.TryParse(first.User.Email, out var address));
            Task<int> SendAsync(Membership membership) =>
                Task.Run(
                    () =>
                        app.Main.DoAsync<Operations.Invitations, int>(async i =>
                        {
                            await i.SendAgainAsync(new(null, DateTimeOffset.UtcNow), membership);
                            return 0;
                        }),
                    Stop
                );
            // In the order of the organisations, or two of them would each wait for what the other holds.
            await Task.WhenAll(
                SendAsync(second),
                SendAsync(first.Membership),
                Task.Run(
                    () =>
                        app.Main.DoAsync<Operations.PasswordResets, int>(async r =>
                        {
                            await r.AskAsync(address, DateTimeOffset.UtcNow);
                            return 0;
                        }),
                    Stop
                ),
                SendAsync(second),
                SendAsync(first.Membership)
            );
        }
    }
}
