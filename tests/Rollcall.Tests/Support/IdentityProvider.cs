using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;

namespace Rollcall.Tests.Support;

/// <summary>
/// The npm package oidc-provider in its own process: a certified OpenID Connect provider from a third party.
/// </summary>
internal sealed class IdentityProvider : IAsyncDisposable
{
    public const string Key = "stand-in",
        Name = "Stand-in";

    private readonly Process process;
    private readonly HttpClient http;
    private int last;

    private IdentityProvider(Process process, int port)
    {
        this.process = process;
        Issuer = $"http://127.0.0.1:{port}";
        http = new(new SocketsHttpHandler { UseProxy = false });
    }

    public string Issuer { get; }

    /// <param name="onlyWay">The one way to prove who a client is, such as client_secret_post.</param>
    public static async Task<IdentityProvider> StartAsync(string? onlyWay = null)
    {
        var node = Process.Start(
            new ProcessStartInfo(
                "node",
                [
                    "--no-warnings",
                    Repository.Path("tests", "Rollcall.Tests", "Support", "oidc-server.mjs"),
                    .. onlyWay is null ? Array.Empty<string>() : [onlyWay],
                ]
            )
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            }
        )!;
        string? line;
        do // the package has warnings of its own to say first
        {
            line =
                await node.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken)
                ?? throw new InvalidOperationException("The provider did not start; is npm ci done?");
        } while (!line.StartsWith('{'));
        using var port = JsonDocument.Parse(line);
        return new(node, port.RootElement.GetProperty("port").GetInt32());
    }

    /// <summary>Settings of an instance whose people may sign in with this provider.</summary>
    public Dictionary<string, string?> Settings(string client = "rollcall") =>
        new(StringComparer.Ordinal)
        {
            ["Rollcall:SignIn:Providers:0:Key"] = Key,
            ["Rollcall:SignIn:Providers:0:Name"] = Name,
            ["Rollcall:SignIn:Providers:0:Issuer"] = Issuer,
            ["Rollcall:SignIn:Providers:0:ClientId"] = client,
            ["Rollcall:SignIn:Providers:0:ClientSecret"] = "a secret: with + / & signs",
        };

    /// <summary>Registers the instance, whose address is known only now.</summary>
    public async Task KnowAsync(Instance instance, string client = "rollcall", string way = "client_secret_basic") =>
        await TellAsync(
            "clients",
            new
            {
                client_id = client,
                client_secret = "a secret: with + / & signs",
                token_endpoint_auth_method = way,
                redirect_uris = new[] { $"{instance.Address}sign-in/callback/{Key}" },
                post_logout_redirect_uris = new[] { $"{instance.Address}sign-out" },
            }
        );

    /// <summary>A person with an account at the provider.</summary>
    /// <param name="variant">What is wrong with their token: a name in oidc-server.mjs.</param>
    /// <returns>Their subject, which they type to log in there.</returns>
    public async Task<string> PersonAsync(
        string? email,
        bool? verified = true,
        string? first = "Ada",
        string? last = "Lovelace",
        string? variant = null,
        string? subject = null
    )
    {
        subject ??= $"subject-{Interlocked.Increment(ref this.last)}";
        var claims = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["email"] = email,
            ["email_verified"] = verified,
            ["given_name"] = first,
            ["family_name"] = last,
        };
        await TellAsync(
            "people",
            new
            {
                sub = subject,
                claims = claims
                    .Where(c => c.Value is not null)
                    .ToDictionary(c => c.Key, c => c.Value, StringComparer.Ordinal),
                variant,
            }
        );
        return subject;
    }

    private async Task TellAsync(string what, object value)
    {
        using var response = await http.PostAsJsonAsync(
            $"{Issuer}/test/{what}",
            value,
            TestContext.Current.CancellationToken
        );
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Presses the button that leads to the provider, and returns where the browser is sent.</summary>
    public static async Task<Uri> LeaveAsync(
        Client client,
        string? returnUrl = null,
        string? invitation = null,
        string key = Key
    )
    {
        var page = await client.GetAsync(Links.SignInWith(key, null, returnUrl));
        var (path, fields) = page.Form("Continue");
        if (invitation is not null)
        {
            fields["Invitation"] = invitation;
        }

        using var response = await client.RawAsync(
            new(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(fields) }
        );
        Assert.Equal(HttpStatusCode.Found, response.StatusCode);
        return response.Headers.Location!;
    }

    /// <summary>
    /// Fills in the provider's own form, in a browser with its cookies, and returns the address that it sends the
    /// browser back to.
    /// </summary>
    public static async Task<string> LogInAsync(Uri at, string subject, CookieContainer? cookies = null)
    {
        using var browser = new HttpClient(
            new SocketsHttpHandler
            {
                CookieContainer = cookies ?? new(),
                AllowAutoRedirect = false,
                UseProxy = false,
            }
        );
        var host = at.Authority;
        var response = await browser.GetAsync(at, TestContext.Current.CancellationToken);
        for (var steps = 0; steps < 10; steps++)
        {
            if (response.Headers.Location is { } to)
            {
                at = new Uri(at, to);
                if (at.Authority != host)
                {
                    return at.PathAndQuery;
                }

                response = await browser.GetAsync(at, TestContext.Current.CancellationToken);
                continue;
            }
            var html = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            using var document = (IHtmlDocument)
                await new HtmlParser().ParseDocumentAsync(html, TestContext.Current.CancellationToken);
            var form =
                document.QuerySelector("form")
                ?? throw new InvalidOperationException($"{at} answers {response.StatusCode}:\n{html}");
            at = new Uri(at, form.GetAttribute("action")!);
            response = await browser.PostAsync(
                at,
                new FormUrlEncodedContent([
                    .. form.QuerySelectorAll("input[type=hidden]")
                        .Select(i => new KeyValuePair<string, string>(
                            i.GetAttribute("name")!,
                            i.GetAttribute("value")!
                        )),
                    new("login", subject),
                    new("password", "anything"),
                    new("logout", "yes"),
                ]),
                TestContext.Current.CancellationToken
            );
        }
        throw new InvalidOperationException("The provider goes round in circles");
    }

    /// <summary>The whole way: to the provider, its form, and back.</summary>
    public static async Task<Page> SignInAsync(
        Client client,
        string subject,
        string? returnUrl = null,
        string? invitation = null,
        CookieContainer? cookies = null
    ) => await client.GetAsync(await LogInAsync(await LeaveAsync(client, returnUrl, invitation), subject, cookies));

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        process.StandardInput.Close();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        process.Dispose();
    }
}
