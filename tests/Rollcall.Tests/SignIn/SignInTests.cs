using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Rollcall.Dev;
using Rollcall.Tests.Support;
using Rollcall.Web;

namespace Rollcall.Tests.SignIn;

public sealed class SignInTests(TheApp app)
{
    [Theory] // F12, trust rule 10
    [InlineData("//evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("https:evil.example")]
    [InlineData("https://evil.example/organisations")]
    [InlineData("javascript:alert(1)")]
    public async Task F12_Signing_in_never_leads_to_another_site(string returnUrl)
    {
        var user = await app.Main.MakeUserAsync();
        var client = app.Client();
        var page = await client.GetAsync("/dev/sign-in?returnUrl=" + Uri.EscapeDataString(returnUrl));
        // the client refuses to leave the site
        var after = await page.SubmitAsync("Sign in with this email address", new() { ["Email"] = user.Email });
        Assert.Equal("/no-organisation", after.Path);
        Assert.DoesNotContain(
            "evil",
            (await client.GetAsync("/sign-in?returnUrl=" + Uri.EscapeDataString(returnUrl))).Href("Continue"),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task S0_14_F12_Signing_in_leads_to_the_page_that_was_asked_for()
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        var user = await app.Main.MemberOfAsync(organisation, registered: false);
        var signIn = await app.Client().GetAsync(Links.Organisation(organisation.Id));
        var page = await (await signIn.FollowAsync("Sign in as a demonstration person")).SubmitAsync(
            "Sign in with this email address",
            new() { ["Email"] = user.Email.ToUpperInvariant() }
        );
        Assert.Equal((Links.Organisation(organisation.Id), organisation.Name), (page.Path, page.Heading));
    }

    [Fact]
    public async Task F11_Signing_in_is_recorded_and_the_first_time_makes_the_person_active()
    {
        var user = await app.Main.MakeUserAsync(registered: false);
        await app.Client().SignInAsync(user.Email);
        var first = await app.InDbAsync(db => db.Users.SingleAsync(u => u.Id == user.Id));
        Assert.NotNull(first.LastSignedInAt);
        Assert.Equal(first.LastSignedInAt, first.RegisteredAt);
        await app.Client().SignInAsync(user.Email);
        var second = await app.InDbAsync(db => db.Users.SingleAsync(u => u.Id == user.Id));
        Assert.Equal(first.RegisteredAt, second.RegisteredAt);
        Assert.Equal(
            ["registered", "signed-in", "signed-in"],
            await app.InDbAsync(db =>
                db.AuditEvents.Where(e => e.UserId == user.Id).OrderBy(e => e.Kind).Select(e => e.Kind).ToListAsync()
            )
        );
    }

    [Fact]
    public async Task Trust53_Signing_out_ends_the_session_for_anyone_who_kept_the_cookie()
    {
        var user = await app.Main.MakeUserAsync(support: true);
        var client = await app.Client().SignInAsync(user.Email);
        var thief = app.Client();
        foreach (Cookie cookie in client.Cookies.GetCookies(app.Main.Address))
        {
            thief.Cookies.Add(app.Main.Address, new Cookie(cookie.Name, cookie.Value));
        }

        Assert.Equal("/organisations", (await thief.GetAsync("/organisations")).Path);
        var page = await (await client.GetAsync("/sign-out")).SubmitAsync("Sign out");
        Assert.Equal("You are signed out", page.Heading);
        Assert.StartsWith("/sign-in", (await thief.GetAsync("/organisations")).Path, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trust53_Signing_in_as_another_user_ends_the_old_session_and_begins_one_with_a_new_secret()
    {
        var first = await app.Main.MakeUserAsync();
        var second = await app.Main.MakeUserAsync();
        var client = await app.Client().SignInAsync(first.Email);
        string Secret() =>
            client
                .Cookies.GetCookies(app.Main.Address)
                .Single(c => c.Name.EndsWith("-session", StringComparison.Ordinal))
                .Value;
        var before = Secret();
        await client.SignInAsync(second.Email);
        Assert.NotEqual(before, Secret());
        Assert.Contains(second.Email, (await client.GetAsync("/sign-in")).Text(), StringComparison.Ordinal);
        Assert.Equal(
            0,
            await app.InDbAsync(db =>
                db.Database.SqlQuery<int>($"select count(*)::int as \"Value\" from sessions where user_id = {first.Id}")
                    .SingleAsync()
            )
        );
    }

    [Fact]
    public async Task F12_The_question_in_the_address_survives_signing_in_and_odd_letters_too()
    {
        var user = await app.Main.MakeUserAsync(support: true);
        var signIn = await app.Client().GetAsync("/organisations?search=Tŷ");
        var page = await (await signIn.FollowAsync("Sign in as a demonstration person")).SubmitAsync(
            "Sign in with this email address",
            new() { ["Email"] = user.Email }
        );
        Assert.Equal("Tŷ", page.Document.QuerySelector("#search")!.GetAttribute("value"));
        Assert.Equal(
            "Page not found",
            (
                await (await app.Client().GetAsync("/dev/sign-in?returnUrl=/é")).SubmitAsync(
                    "Sign in with this email address",
                    new() { ["Email"] = user.Email },
                    HttpStatusCode.NotFound
                )
            ).Heading
        );
    }

    [Fact]
    public async Task Trust53_A_session_ends_after_an_hour_of_nothing_and_after_twelve_hours_of_anything()
    {
        var clock = new DevClock();
        await using var host = await app.StartAsync(
            [],
            services: services => services.AddSingleton<TimeProvider>(clock)
        );
        var client = await host.SupportAsync();
        for (var hour = 0; hour < 11; hour++)
        {
            clock.Forward(Session.Idle - TimeSpan.FromMinutes(1));
            Assert.Equal("/organisations", (await client.GetAsync("/organisations")).Path);
        }
        clock.Forward(Session.Longest - (Session.Idle - TimeSpan.FromMinutes(1)) * 11);
        Assert.StartsWith("/sign-in", (await client.GetAsync("/organisations")).Path, StringComparison.Ordinal);

        var idle = await host.SupportAsync();
        clock.Forward(Session.Idle);
        Assert.StartsWith("/sign-in", (await idle.GetAsync("/organisations")).Path, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trust54_Where_the_address_is_https_every_cookie_is_for_this_host_alone()
    {
        await using var host = await app.StartAsync(
            new()
            {
                ["Rollcall:PublicBaseUrl"] = "https://people.example.com",
                ["Rollcall:TrustedProxies:0"] = "127.0.0.1",
                ["Rollcall:TrustedProxies:1"] = "::1",
            }
        );
        using var page = await host.Client()
            .RawAsync(new(HttpMethod.Get, "/dev/sign-in") { Headers = { { "X-Forwarded-Proto", "https" } } });
        var cookie = Assert.Single(page.Headers.GetValues("Set-Cookie"));
        Assert.StartsWith("__Host-rollcall-form=", cookie, StringComparison.Ordinal);
        foreach (var attribute in new[] { "secure", "httponly", "samesite=lax", "path=/" })
        {
            Assert.Contains(attribute, cookie, StringComparison.OrdinalIgnoreCase);
        }

        Assert.DoesNotContain("expires", cookie, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Trust4_The_sessions_table_holds_no_secret_that_signs_in()
    {
        var user = await app.Main.MakeUserAsync();
        var client = await app.Client().SignInAsync(user.Email);
        var cookie = client
            .Cookies.GetCookies(app.Main.Address)
            .Single(c => c.Name.EndsWith("-session", StringComparison.Ordinal))
            .Value;
        var rows = await app.InDbAsync(db =>
            db.Database.SqlQuery<string>(
                    $"""
                    select encode(id_hash, 'escape') || encode(id_hash, 'base64') as "Value"
                    from sessions where user_id = {user.Id}
                    """
                )
                .ToListAsync()
        );
        Assert.DoesNotContain(rows, row => row.Contains(cookie[..20], StringComparison.Ordinal));
    }
}
