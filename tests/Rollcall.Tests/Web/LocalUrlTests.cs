using FsCheck.Fluent;
using Rollcall.Model;
using Rollcall.Tests.Support;
using Rollcall.Web;

namespace Rollcall.Tests.Web;

/// <summary>No door of the service sends a browser to another site, however the address is spelled.</summary>
public sealed class LocalUrlTests(TheApp app, Browser browser)
{
    private static readonly string[] Hostile =
    [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\\/evil.example",
        "https:evil.example",
        "https://evil.example/organisations",
        "javascript:alert(1)",
        "evil.example",
        "~//evil.example",
        "/.//evil.example",
        "/./\\evil.example",
        "/x/..//evil.example",
        "/x/../\\evil.example",
        "/%2e//evil.example",
        "/%2E/%2e//evil.example",
        "/x/%2e%2e//evil.example",
        "/x/.%2e//evil.example",
        "/.//./evil.example",
        "/..//evil.example",
        "/%2f/evil.example",
        "/%2F%2Fevil.example",
        "/.%2f/evil.example",
        "/%5cevil.example",
        "/%5C%5Cevil.example",
        "/.%5cevil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "/\r\n/evil.example",
        "/.\t//evil.example",
        "\t//evil.example",
        " //evil.example",
        "/\0/evil.example",
        "/\u007f/evil.example",
        "/@evil.example//",
        "/ //evil.example",
        "/.;//evil.example",
        "//evil.example/..//",
        "/\u2028//evil.example",
        "/x\\..\\..\\evil.example",
    ];

    public static TheoryData<string> Doors =>
        [
            "/sign-in",
            "/sign-in, signed in",
            "/dev/sign-in",
            "/sign-in/with",
            "/sign-in/passkey",
            "/sign-out",
            "/terms/accept",
            "/terms/declined",
            "/users/…/sign-in",
            "/account/second-factor",
            "/account/second-factor/authenticator",
            "/account/passkeys/add",
        ];

    [Theory, MemberData(nameof(Doors))]
    public async Task F12_Trust10_No_spelling_of_another_site_gets_through(string door)
    {
        var user = await app.Main.MakeUserAsync(support: true);
        var client = await app.Client().SignInAsync(user.Email);
        foreach (var url in Hostile)
        {
            foreach (var target in await LeadsToAsync(door, client, user, Uri.EscapeDataString(url)))
            {
                var leads = new Uri(app.Main.Address, target);
                Assert.Equal(
                    (app.Main.Address.Authority, false),
                    (leads.Authority, leads.AbsolutePath.Contains("//", StringComparison.Ordinal))
                );
            }
        }
    }

    /// <summary>Every address on the way from a door: redirects, and links and fields of the page.</summary>
    private async Task<IReadOnlyList<string>> LeadsToAsync(string door, Client client, User user, string url)
    {
        var query = $"?returnUrl={url}";
        switch (door)
        {
            case "/sign-in, signed in":
                return AllOf(await client.GetAsync("/sign-in" + query));
            case "/sign-in":
                return AllOf(await app.Client().GetAsync(door + query), "/sign-in");
            case "/dev/sign-in":
                return await LocationAsync(
                    app.Client(),
                    door,
                    "Sign in with this email address",
                    new() { ["Email"] = user.Email, ["returnUrl"] = Uri.UnescapeDataString(url) }
                );
            case "/sign-in/with":
                return AllOf(await app.Client().GetAsync("/sign-in/with/stand-in" + query));
            case "/sign-in/passkey":
                return AllOf(await app.Client().GetAsync(door + query), "/sign-in");
            case "/sign-out":
                return await LocationAsync(
                    await app.Client().SignInAsync(user.Email),
                    door,
                    "Sign out",
                    new() { ["returnUrl"] = Uri.UnescapeDataString(url) }
                );
            case "/terms/accept":
                return [(await client.GetAsync(door + query)).Path];
            case "/terms/declined":
                return AllOf(await app.Client().GetAsync(door + query));
            case "/users/…/sign-in":
                return AllOf(await client.GetAsync($"/users/{user.Id}/sign-in{query}"));
            default:
                return AllOf(await client.GetAsync(door + query), door);
        }
    }

    /// <summary>Where the form leads; nowhere if it is refused, as one with a NUL is.</summary>
    private static async Task<IReadOnlyList<string>> LocationAsync(
        Client client,
        string path,
        string button,
        Dictionary<string, string> values
    )
    {
        var (address, fields) = (await client.GetAsync(path)).Form(button);
        foreach (var (name, value) in values)
        {
            fields[name] = value;
        }

        using var response = await client.RawAsync(
            new(HttpMethod.Post, address) { Content = new FormUrlEncodedContent(fields) }
        );
        return response.Headers.Location is { } location ? [location.OriginalString] : [];
    }

    /// <param name="own">A form of the page that goes back to the page: the address that was asked for stands in it, to
    /// be checked once more.</param>
    private static List<string> AllOf(Page page, string? own = null) =>
        [
            .. page
                .Document.QuerySelectorAll("a[href], form[action], input[name=returnUrl], input[name=ReturnUrl]")
                .Select(e => e.GetAttribute("href") ?? e.GetAttribute("action") ?? e.GetAttribute("value") ?? "")
                .Where(url =>
                    url.Length > 0
                    && !url.StartsWith("mailto:", StringComparison.Ordinal)
                    // opens an app, and holds no return address
                    && !url.StartsWith("otpauth://", StringComparison.Ordinal)
                    && (own is null || !url.StartsWith(own + "?", StringComparison.Ordinal))
                ),
        ];

    [Fact]
    public async Task F12_Trust10_Signing_in_with_a_password_or_through_a_provider_leads_nowhere_else()
    {
        foreach (var url in Hostile)
        {
            var organisation = await app.Main.MakeOrganisationAsync();
            var user = await app.Main.MemberOfAsync(organisation, registered: false);
            var subject = await app.Provider.PersonAsync(user.Email);
            var client = app.Client();
            using var back = await client.RawAsync(
                new(
                    HttpMethod.Get,
                    await IdentityProvider.LogInAsync(await IdentityProvider.LeaveAsync(client, url), subject)
                )
            );
            Assert.Equal("/", back.Headers.Location!.OriginalString);
        }
    }

    [Theory]
    [InlineData("/organisations?search=a%20b&page=2", "/organisations?search=a%20b&page=2")]
    [InlineData("/organisations?search=Tŷ", "/organisations?search=T%C5%B7")]
    [InlineData("/organisations?next=https://www.example.com//x", "/organisations?next=https://www.example.com//x")]
    [InlineData("/account#Email", "/account")]
    [InlineData("/x/../account", "/account")]
    [InlineData("/", "/")]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void F12_A_page_of_this_service_is_kept(string? url, string? expected) =>
        Assert.Equal(expected, LocalUrl.Of(url));

    [Fact]
    public async Task F12_Trust10_What_is_let_through_means_this_site_to_a_browser_too_and_stays_what_it_is()
    {
        var letters = Gen.Elements(
            "/",
            "/",
            "\\",
            ".",
            "..",
            "%2e",
            "%2E",
            "%2f",
            "%5c",
            "\t",
            "\n",
            "\r",
            "@",
            ":",
            "?",
            "#",
            "evil.example",
            "x",
            " ",
            "é",
            "%",
            ";",
            "\u00a0"
        );
        var urls = Gen.ArrayOf(letters).Select(parts => "/" + string.Concat(parts)).Sample(5000);
        var through = urls.Select(LocalUrl.Of).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        Assert.NotEmpty(through);
        Assert.Equal([], through.Where(url => LocalUrl.Of(url) != url));
        Assert.Equal([], through.Where(url => url.Split('?')[0].Contains("//", StringComparison.Ordinal)));

        // as WHATWG's URL standard reads them, once as they are and once more after what it makes of them
        await using var window = await browser.OpenAsync(app.Main.Address, Device.Desktop);
        await window.GoAsync("/help");
        var elsewhere = await window.Page.EvaluateAsync<string[]>(
            """
            urls => urls.filter(url => {
              const once = new URL(url, location)
              return once.origin !== location.origin || new URL(once.pathname, location).origin !== location.origin
            })
            """,
            through
        );
        Assert.Empty(elsewhere);
    }
}
