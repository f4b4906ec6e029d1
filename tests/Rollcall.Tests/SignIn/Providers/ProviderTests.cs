using System.Net;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Rollcall.Dev;
using Rollcall.Model;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.SignIn.Providers;

/// <summary>To a provider and back, and everything that can go wrong on the way.</summary>
public sealed class ProviderTests(TheApp app)
{
    private async Task<(User User, Organisation Organisation, string Subject)> MemberAsync(Instance? host = null)
    {
        host ??= app.Main;
        var organisation = await host.MakeOrganisationAsync();
        var user = await host.MemberOfAsync(organisation, registered: false);
        return (user, organisation, await app.Provider.PersonAsync(user.Email));
    }

    [Fact]
    public async Task S1_28_F1_F11_F14_A_person_with_a_membership_signs_in_and_the_first_time_makes_them_active()
    {
        var (user, organisation, subject) = await MemberAsync();
        var client = app.Client();
        var page = await IdentityProvider.SignInAsync(client, subject);
        Assert.Equal(organisation.Name, page.Heading);
        var now = await app.InDbAsync(db => db.Users.SingleAsync(u => u.Id == user.Id));
        Assert.Equal(now.LastSignedInAt, now.RegisteredAt);
        await client.GetAsync("/organisations");
        await IdentityProvider.SignInAsync(app.Client(), subject);
        Assert.Equal(
            ["identity-linked", "registered", "signed-in", "signed-in"],
            await app.InDbAsync(db =>
                db.AuditEvents.Where(e => e.UserId == user.Id).OrderBy(e => e.Kind).Select(e => e.Kind).ToListAsync()
            )
        );
        Assert.Equal(
            "provider:stand-in",
            await app.InDbAsync(db =>
                db.Database.SqlQuery<string>(
                        $"select distinct method as \"Value\" from sessions where user_id = {user.Id}"
                    )
                    .SingleAsync()
            )
        );
    }

    [Fact]
    public async Task Trust49_What_is_asked_of_the_provider()
    {
        var client = app.Client();
        var asked = await IdentityProvider.LeaveAsync(client, "/help");
        var query = QueryHelpers.ParseQuery(asked.Query);
        Assert.StartsWith(app.Provider.Issuer, asked.AbsoluteUri, StringComparison.Ordinal);
        Assert.Equal(
            ("code", "S256", "rollcall", "openid email profile"),
            (
                (string?)query["response_type"],
                (string?)query["code_challenge_method"],
                (string?)query["client_id"],
                (string?)query["scope"]
            )
        );
        Assert.Equal($"{app.Main.Address}sign-in/callback/stand-in", query["redirect_uri"]);
        Assert.All([query["nonce"], query["code_challenge"]], secret => Assert.Equal(43, secret.ToString().Length));
        Assert.NotEqual(
            query["nonce"],
            QueryHelpers.ParseQuery((await IdentityProvider.LeaveAsync(client)).Query)["nonce"]
        );
        Assert.DoesNotContain("help", asked.Query, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trust10_The_redirect_address_is_the_configured_one_whatever_the_Host_header_says()
    {
        var client = app.Client();
        var (path, fields) = (await client.GetAsync("/sign-in/with/stand-in")).Form("Continue");
        using var response = await client.RawAsync(
            new(HttpMethod.Post, path)
            {
                Content = new FormUrlEncodedContent(fields),
                Headers = { Host = "evil.example" },
            }
        );
        Assert.DoesNotContain("evil", response.Headers.Location!.OriginalString, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("//evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("https:evil.example")]
    [InlineData("https://evil.example/organisations")]
    [InlineData("javascript:alert(1)")]
    [InlineData("/%09/evil.example")]
    [InlineData("/\t/evil.example")]
    public async Task F12_Trust10_Signing_in_through_a_provider_never_leads_to_another_site(string returnUrl)
    {
        var (_, _, subject) = await MemberAsync();
        var client = app.Client();
        var back = await IdentityProvider.LogInAsync(await IdentityProvider.LeaveAsync(client, returnUrl), subject);
        using var response = await client.RawAsync(new(HttpMethod.Get, back));
        var leads = new Uri(app.Main.Address, response.Headers.Location!);
        Assert.Equal(app.Main.Address.Authority, leads.Authority);
        foreach (var problem in new[] { "cancelled", "failed", "unavailable", "nonsense" })
        {
            Assert.DoesNotContain(
                "evil.example",
                (await client.GetAsync(Links.SignInWith("stand-in", problem, returnUrl)))
                    .Field("ReturnUrl")
                    .Replace("/%09/evil.example", "", StringComparison.Ordinal),
                StringComparison.Ordinal
            );
        }
    }

    [Fact]
    public async Task F12_The_page_that_was_asked_for_survives_the_round_trip()
    {
        var (_, organisation, subject) = await MemberAsync();
        var client = app.Client();
        var signIn = await client.GetAsync($"{Links.Organisation(organisation.Id)}?from=Tŷ");
        var (path, fields) = signIn.Form("Sign in with Stand-in");
        using var there = await client.RawAsync(
            new(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(fields) }
        );
        var page = await client.GetAsync(await IdentityProvider.LogInAsync(there.Headers.Location!, subject));
        Assert.Equal(
            (organisation.Name, $"{Links.Organisation(organisation.Id)}?from=T%C5%B7"),
            (page.Heading, page.Path)
        );
    }

    [Fact]
    public async Task Trust50_F10_The_answer_works_once()
    {
        var (_, _, subject) = await MemberAsync();
        var client = app.Client();
        var cookies = client.Cookies;
        var back = await IdentityProvider.LogInAsync(await IdentityProvider.LeaveAsync(client), subject);
        var kept = cookies
            .GetCookies(app.Main.Address)
            .Where(c => c.Name.Contains("provider-", StringComparison.Ordinal))
            .Select(c => (c.Name, c.Value))
            .ToList();
        Assert.Single(kept);
        await client.GetAsync(back);
        Assert.Equal("You could not be signed in", (await client.GetAsync(back)).Heading); // the back button
        // and the session stays
        Assert.StartsWith("/organisations", (await client.GetAsync("/organisations")).Path, StringComparison.Ordinal);

        var thief = app.Client(); // who kept the cookie and the address
        foreach (var (name, value) in kept)
        {
            thief.Cookies.Add(app.Main.Address, new Cookie(name, value));
        }

        // the provider takes its code once
        Assert.Equal("You could not be signed in", (await thief.GetAsync(back)).Heading);
        Assert.StartsWith("/sign-in", (await thief.GetAsync("/organisations")).Path, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trust50_An_attackers_answer_in_a_victims_browser_is_refused()
    {
        var (_, _, subject) = await MemberAsync();
        var attackers = await IdentityProvider.LogInAsync(await IdentityProvider.LeaveAsync(app.Client()), subject);
        foreach (var onTheWay in new[] { false, true })
        {
            var victim = app.Client();
            if (onTheWay)
            {
                await IdentityProvider.LeaveAsync(victim);
            }

            Assert.Equal("You could not be signed in", (await victim.GetAsync(attackers)).Heading);
            Assert.StartsWith("/sign-in", (await victim.GetAsync("/organisations")).Path, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Trust50_The_code_of_one_tab_with_the_state_of_another_is_refused()
    {
        var (_, _, mine) = await MemberAsync();
        var (_, _, other) = await MemberAsync();
        var client = app.Client();
        var first = await IdentityProvider.LeaveAsync(client);
        var second = await IdentityProvider.LeaveAsync(client);
        var one = QueryHelpers.ParseQuery((await IdentityProvider.LogInAsync(first, mine)).Split('?')[1]);
        var two = QueryHelpers.ParseQuery((await IdentityProvider.LogInAsync(second, other)).Split('?')[1]);
        one["code"] = two["code"];
        Assert.Equal(
            "You could not be signed in",
            (await client.GetAsync(QueryHelpers.AddQueryString("/sign-in/callback/stand-in", one))).Heading
        );
    }

    [Fact]
    public async Task Trust50_Two_tabs_do_not_disturb_each_other()
    {
        var (_, organisation, subject) = await MemberAsync();
        var client = app.Client();
        var first = await IdentityProvider.LeaveAsync(client, "/help");
        var second = await IdentityProvider.LeaveAsync(client, "/privacy");
        Assert.Equal("/privacy", (await client.GetAsync(await IdentityProvider.LogInAsync(second, subject))).Path);
        Assert.Equal("/help", (await client.GetAsync(await IdentityProvider.LogInAsync(first, subject))).Path);
    }

    [Theory]
    [InlineData("", "You could not be signed in")]
    [InlineData("?code=x", "You could not be signed in")]
    [InlineData("?state=x&code=x", "You could not be signed in")]
    [InlineData("?error=access_denied", "You could not be signed in")]
    [InlineData("?{state}", "You could not be signed in")]
    [InlineData("?{state}&error=access_denied&{iss}", "You did not finish signing in")]
    [InlineData("?{state}&error=server_error&{iss}", "You could not be signed in")]
    [InlineData("?{state}&code=made-up&{iss}", "You could not be signed in")]
    [InlineData("?{state}&code=made-up", "You could not be signed in")]
    [InlineData("?{state}&code=made-up&iss=https://evil.example", "You could not be signed in")]
    [InlineData("?{state}&{state}&code=x&{iss}", "You could not be signed in")]
    public async Task F10_Every_odd_way_back_ends_at_a_plain_page_with_a_way_to_try_again(string query, string heading)
    {
        var client = app.Client();
        var state = QueryHelpers.ParseQuery((await IdentityProvider.LeaveAsync(client, "/help")).Query)["state"];
        var page = await client.GetAsync(
            "/sign-in/callback/stand-in"
                + query
                    .Replace("{state}", $"state={Uri.EscapeDataString(state!)}", StringComparison.Ordinal)
                    .Replace("{iss}", $"iss={Uri.EscapeDataString(app.Provider.Issuer)}", StringComparison.Ordinal)
        );
        Assert.Equal(heading, page.Heading);
        var (path, fields) = page.Form("Try again");
        using var again = await client.RawAsync(
            new(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(fields) }
        );
        Assert.StartsWith(app.Provider.Issuer, again.Headers.Location!.OriginalString, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trust49_An_answer_that_names_no_issuer_or_another_one_is_refused_though_the_code_is_right()
    {
        var (_, _, subject) = await MemberAsync();
        foreach (var issuer in new[] { null, "https://evil.example", app.Provider.Issuer + "/" })
        {
            var client = app.Client();
            var back = QueryHelpers.ParseQuery(
                (await IdentityProvider.LogInAsync(await IdentityProvider.LeaveAsync(client), subject)).Split('?')[1]
            );
            back.Remove("iss");
            if (issuer is not null)
            {
                back["iss"] = issuer;
            }

            Assert.Equal(
                "You could not be signed in",
                (await client.GetAsync(QueryHelpers.AddQueryString("/sign-in/callback/stand-in", back))).Heading
            );
        }
    }

    [Fact]
    public async Task F10_A_person_who_takes_too_long_begins_again()
    {
        var clock = new DevClock();
        await using var host = await app.StartAsync(
            app.Provider.Settings("slow"),
            services: services => services.AddSingleton<TimeProvider>(clock)
        );
        await app.Provider.KnowAsync(host, "slow");
        var (_, _, subject) = await MemberAsync(host);
        var client = host.Client();
        var back = await IdentityProvider.LogInAsync(await IdentityProvider.LeaveAsync(client), subject);
        clock.Forward(TimeSpan.FromMinutes(16));
        Assert.Equal("You could not be signed in", (await client.GetAsync(back)).Heading);
    }

    [Fact]
    public async Task Trust52_F15_With_the_provider_away_the_program_starts_and_other_ways_are_still_offered()
    {
        var settings = app.Provider.Settings();
        settings["Rollcall:SignIn:Providers:0:Issuer"] = "http://127.0.0.1:1";
        await using var host = await app.StartAsync(settings);
        var client = host.Client();
        var signIn = await client.GetAsync("/sign-in?returnUrl=/help");
        var page = await signIn.SubmitAsync("Sign in with Stand-in");
        Assert.Equal("Stand-in is not available", page.Heading);
        Assert.Equal("Stand-in is not available", (await page.SubmitAsync("Try again")).Heading);
        Assert.Equal("/sign-in?returnUrl=%2Fhelp", page.Href("Sign in another way"));
        Assert.Equal(
            "Stand-in is not available",
            (await client.GetAsync("/sign-in/callback/stand-in?code=x&state=y")).Heading
        );
    }

    [Fact]
    public async Task Trust49_A_provider_that_calls_itself_otherwise_is_not_asked()
    {
        var settings = app.Provider.Settings();
        settings["Rollcall:SignIn:Providers:0:Issuer"] = app.Provider.Issuer.Replace(
            "127.0.0.1",
            "localhost",
            StringComparison.Ordinal
        );
        await using var host = await app.StartAsync(settings);
        Assert.Equal(
            "Stand-in is not available",
            (await (await host.Client().GetAsync("/sign-in/with/stand-in")).SubmitAsync("Continue")).Heading
        );
    }

    [Fact]
    public async Task Trust54_The_cookies_of_the_way_there_are_for_this_host_alone_and_short_lived()
    {
        var settings = app.Provider.Settings("secure");
        settings["Rollcall:PublicBaseUrl"] = "https://people.example.com";
        settings["Rollcall:TrustedProxies:0"] = "127.0.0.1";
        settings["Rollcall:TrustedProxies:1"] = "::1";
        await using var host = await app.StartAsync(settings);
        using var page = await host.Client()
            .RawAsync(new(HttpMethod.Get, "/sign-in/with/stand-in") { Headers = { { "X-Forwarded-Proto", "https" } } });
        var html = await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var token = html.Split("__RequestVerificationToken\" type=\"hidden\" value=\"")[1].Split('"')[0];
        using var post = new HttpRequestMessage(HttpMethod.Post, "/sign-in/with/stand-in")
        {
            Content = new FormUrlEncodedContent([new("__RequestVerificationToken", token)]),
        };
        post.Headers.Add("X-Forwarded-Proto", "https");
        post.Headers.Add("Cookie", page.Headers.GetValues("Set-Cookie").Single().Split(';')[0]);
        using var there = await new Client(host.Address).RawAsync(post);
        var cookie = Assert.Single(there.Headers.GetValues("Set-Cookie"));
        Assert.StartsWith("__Host-rollcall-provider-", cookie, StringComparison.Ordinal);
        foreach (var attribute in new[] { "secure", "httponly", "samesite=lax", "path=/;", "max-age=900" })
        {
            Assert.Contains(attribute, cookie, StringComparison.OrdinalIgnoreCase);
        }

        Assert.DoesNotContain("domain", cookie, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Trust55_The_way_there_needs_our_own_form()
    {
        using var response = await app.Client()
            .RawAsync(new(HttpMethod.Post, "/sign-in/with/stand-in") { Content = new FormUrlEncodedContent([]) });
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(
            "Page not found",
            (await app.Client().GetAsync("/sign-in/with/unknown", HttpStatusCode.NotFound)).Heading
        );
        Assert.Equal(
            "Page not found",
            (await app.Client().GetAsync("/sign-in/callback/unknown", HttpStatusCode.NotFound)).Heading
        );
    }

    [Fact]
    public async Task A_provider_that_wants_the_secret_in_the_body_gets_it_there()
    {
        await using var provider = await IdentityProvider.StartAsync("client_secret_post");
        await using var host = await app.StartAsync(provider.Settings());
        await provider.KnowAsync(host, way: "client_secret_post");
        Assert.Equal(
            "You cannot use this account yet",
            (await IdentityProvider.SignInAsync(host.Client(), await provider.PersonAsync(Some.Email()))).Heading
        );
    }

    [Fact]
    public async Task Trust51_F13_Signing_out_ends_our_session_first_and_then_the_providers()
    {
        var (user, _, subject) = await MemberAsync();
        var client = app.Client();
        var atProvider = new CookieContainer();
        await IdentityProvider.SignInAsync(client, subject, cookies: atProvider);
        var stored = await app.InDbAsync(db =>
            db.Database.SqlQuery<string>(
                    $"select encode(id_token, 'escape') as \"Value\" from sessions where user_id = {user.Id}"
                )
                .SingleAsync()
        );
        Assert.DoesNotContain("eyJ", stored, StringComparison.Ordinal); // sealed
        var (path, fields) = (await client.GetAsync("/sign-out")).Form("Sign out");
        using var response = await client.RawAsync(
            new(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(fields) }
        );
        var there = response.Headers.Location!;
        Assert.StartsWith($"{app.Provider.Issuer}/session/end?", there.AbsoluteUri, StringComparison.Ordinal);
        Assert.Equal($"{app.Main.Address}sign-out", QueryHelpers.ParseQuery(there.Query)["post_logout_redirect_uri"]);
        // The browser never went there: ours is over all the same.
        Assert.StartsWith("/sign-in", (await client.GetAsync("/organisations")).Path, StringComparison.Ordinal);
        Assert.Equal(
            "/sign-out",
            new Uri(app.Main.Address, await IdentityProvider.LogInAsync(there, subject, atProvider)).AbsolutePath
        );
    }

    [Theory]
    [InlineData("Issuer", "http://provider.example", "https")]
    [InlineData("Issuer", "provider", "Issuer")]
    [InlineData("Key", "Ours!", "Key")]
    [InlineData("Key", "password", "Key")]
    [InlineData("Scopes", "email profile", "openid")]
    [InlineData("ClientSecret", "", "ClientSecret")]
    [InlineData("OtherOrigins", "https://a.example/path", "OtherOrigins")]
    [InlineData("OtherOrigins", "'unsafe-inline'", "OtherOrigins")]
    public void Trust49_Settings_that_would_not_be_safe_stop_the_program(string setting, string value, string says)
    {
        var provider = new ProviderOptions
        {
            Key = "ours",
            Name = "Ours",
            Issuer = "https://provider.example",
            ClientId = "us",
            ClientSecret = "secret",
        };
        typeof(ProviderOptions).GetProperty(setting)!.SetValue(provider, value);
        var options = new RollcallOptions
        {
            PublicBaseUrl = new("https://people.example.com"),
            Secret = TheApp.Secret,
            Email = { Sender = EmailSenderKind.Smtp },
            SignIn = { Providers = { provider } },
        };
        var check = new RollcallOptionsCheck(new Production());
        Assert.Contains(
            check.Validate(null, options).Failures!,
            failure => failure.Contains(says, StringComparison.Ordinal)
        );
    }

    private sealed class Production : Microsoft.Extensions.Hosting.IHostEnvironment
    {
        public string EnvironmentName { get; set; } = "Production";
        public string ApplicationName { get; set; } = "";
        public string ContentRootPath { get; set; } = "";
        public Microsoft.Extensions.FileProviders.IFileProvider ContentRootFileProvider { get; set; } = null!;
    }

    [Fact]
    public async Task Someone_who_can_only_come_from_a_provider_is_welcomed_with_its_name()
    {
        var (user, organisation, subject) = await MemberAsync();
        var other = await app.Main.MakeOrganisationAsync();
        await app.Main.JoinAsync(user, other);
        await app.InDbAsync(db =>
            db.Organisations.Where(o => o.Id == organisation.Id || o.Id == other.Id)
                .ExecuteUpdateAsync(o => o.SetProperty(x => x.SignInMethods, new[] { IdentityProvider.Key }))
        );
        await IdentityProvider.SignInAsync(app.Client(), subject);
        var data = await app.InDbAsync(db =>
            db.OutgoingMessages.Where(m => m.ToAddress == user.Email && m.Kind == "welcome")
                .Select(m => m.Data)
                .SingleAsync()
        );
        var welcome = Assert.IsType<Rollcall.Emails.Welcome>(Rollcall.Emails.Email.FromJson("welcome", data));
        Assert.Equal(
            ($"{organisation.Name} and {other.Name}", "Stand-in"),
            (welcome.Organisations, welcome.SignsInWith)
        );

        var (free, _, theirs) = await MemberAsync();
        await IdentityProvider.SignInAsync(app.Client(), theirs);
        data = await app.InDbAsync(db =>
            db.OutgoingMessages.Where(m => m.ToAddress == free.Email && m.Kind == "welcome")
                .Select(m => m.Data)
                .SingleAsync()
        );
        Assert.Null(
            Assert.IsType<Rollcall.Emails.Welcome>(Rollcall.Emails.Email.FromJson("welcome", data)).SignsInWith
        );
    }
}
