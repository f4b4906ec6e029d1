using System.Net;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;

namespace Rollcall.Tests.Support;

/// <summary>
/// A browser without scripts: keeps cookies, follows redirects, and submits forms as they are on the page. Checks every
/// page it gets.
/// </summary>
internal sealed class Client(Uri address) : IDisposable
{
    /// <summary>
    /// With room for as many cookies as a browser keeps for a site (Chromium: 180). The default of 20 drops the session
    /// when twenty banners arrive at once.
    /// </summary>
    public CookieContainer Cookies { get; } = new() { PerDomainCapacity = 180 };

    private HttpClient Http =>
        field ??= new(
            new SocketsHttpHandler
            {
                CookieContainer = Cookies,
                AllowAutoRedirect = false,
                UseProxy = false,
            }
        )
        {
            BaseAddress = address,
        };

    /// <summary>Signs in as the person with this address, through the developers' page.</summary>
    public async Task<Client> SignInAsync(string email)
    {
        var page = await GetAsync("/dev/sign-in");
        var after = await page.SubmitAsync(
            "Sign in with this email address",
            new(StringComparer.Ordinal) { ["Email"] = email }
        );
        Assert.DoesNotContain("/dev/sign-in", after.Path, StringComparison.Ordinal);
        return this;
    }

    public Task<Page> GetAsync(string path, HttpStatusCode expected = HttpStatusCode.OK) =>
        SendAsync(new(HttpMethod.Get, path), expected);

    public Task<Page> PostAsync(
        string path,
        Dictionary<string, string> fields,
        HttpStatusCode expected = HttpStatusCode.OK
    ) => SendAsync(new(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(fields) }, expected);

    /// <summary>Sends one request without following redirects or checking the page.</summary>
    public Task<HttpResponseMessage> RawAsync(HttpRequestMessage request) =>
        Http.SendAsync(request, TestContext.Current.CancellationToken);

    public async Task<Page> SendAsync(HttpRequestMessage request, HttpStatusCode expected = HttpStatusCode.OK)
    {
        var path = request.RequestUri!.OriginalString;
        var response = await RawAsync(request);
        for (var hops = 0; (int)response.StatusCode is 301 or 302 or 303 or 307; hops++)
        {
            Assert.True(hops < 5, $"{path} redirects in circles");
            path = new Uri(new Uri(address, path), response.Headers.Location!).PathAndQuery;
            // never to another host, and //evil.example is one
            Assert.Matches(@"^/([^/\\]|$)", response.Headers.Location!.OriginalString);
            response = await RawAsync(new(HttpMethod.Get, path));
        }
        var html = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(
            response.StatusCode == expected,
            $"{request.Method} {path} answered {(int)response.StatusCode}, not {(int)expected}:\n{html}"
        );
        var page = new Page(
            this,
            path,
            response,
            (IHtmlDocument)await new HtmlParser().ParseDocumentAsync(html, TestContext.Current.CancellationToken)
        );
        HouseRules.Check(page);
        return page;
    }

    public void Dispose() => Http.Dispose();
}

/// <summary>A response.</summary>
internal sealed record Page(Client Client, string Path, HttpResponseMessage Response, IHtmlDocument Document)
{
    public string Heading => Text("h1");
    public string? Banner => Document.QuerySelector(".govuk-notification-banner__heading")?.TextContent.Trim();

    /// <summary>The error summary's texts, in order.</summary>
    public IReadOnlyList<string> Errors =>
        [.. Document.QuerySelectorAll(".govuk-error-summary__list li").Select(e => e.TextContent.Trim())];

    /// <summary>The text of the first matching element, with whitespace as a person sees it.</summary>
    public string Text(string selector = "main") =>
        Squish(
            Document.QuerySelector(selector)?.TextContent
                ?? throw new InvalidOperationException($"{Path} has no {selector}")
        );

    public IReadOnlyList<string> Texts(string selector) =>
        [.. Document.QuerySelectorAll(selector).Select(e => Squish(e.TextContent))];

    /// <summary>The value of this key in a summary list, without its actions.</summary>
    public string Value(string key) =>
        Squish(
            Document
                .QuerySelectorAll(".govuk-summary-list__row")
                .Single(row => Squish(row.QuerySelector("dt")!.TextContent) == key)
                .QuerySelector(".govuk-summary-list__value")!
                .TextContent
        );

    public string Field(string name) =>
        Document.QuerySelector<IHtmlInputElement>($"input[name='{name}']")?.Value
        ?? Document.QuerySelector<IHtmlTextAreaElement>($"textarea[name='{name}']")!.Value;

    /// <summary>The target of the link with this text, hidden words included.</summary>
    public string Href(string text) =>
        Document.QuerySelectorAll("a").FirstOrDefault(a => Squish(a.TextContent) == text)?.GetAttribute("href")
        ?? throw new InvalidOperationException($"{Path} has no link \"{text}\", only: {string.Join("; ", Texts("a"))}");

    public bool HasLink(string text) => Document.QuerySelectorAll("a").Any(a => Squish(a.TextContent) == text);

    public Task<Page> FollowAsync(string linkText, HttpStatusCode expected = HttpStatusCode.OK) =>
        Client.GetAsync(Href(linkText), expected);

    /// <summary>The fields of the form with this button, as a browser would send them.</summary>
    public (string Path, Dictionary<string, string> Fields) Form(string button)
    {
        var form = (IHtmlFormElement)(
            Document
                .QuerySelectorAll("form button")
                .FirstOrDefault(b => Squish(b.TextContent) == button)
                ?.Closest("form")
            ?? throw new InvalidOperationException(
                $"{Path} has no button \"{button}\", only: {string.Join("; ", Texts("button"))}"
            )
        );
        var fields = form.QuerySelectorAll<IHtmlInputElement>("input[name]")
            .Where(i => i.Type is not ("checkbox" or "radio") || i.IsChecked)
            .DistinctBy(i => i.Name, StringComparer.Ordinal)
            .ToDictionary(i => i.Name!, i => i.Value, StringComparer.Ordinal);
        foreach (var area in form.QuerySelectorAll<IHtmlTextAreaElement>("textarea[name]"))
        {
            fields[area.Name!] = area.Value;
        }

        return (form.GetAttribute("action") is { Length: > 0 } action ? action : Path, fields);
    }

    public Task<Page> SubmitAsync(
        string button,
        Dictionary<string, string>? values = null,
        HttpStatusCode expected = HttpStatusCode.OK
    )
    {
        var (path, fields) = Form(button);
        foreach (var (name, value) in values ?? [])
        {
            fields[name] = value;
        }

        return Client.PostAsync(path, fields, expected);
    }

    public static string Squish(string text) =>
        string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
