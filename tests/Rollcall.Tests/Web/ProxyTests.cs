using System.Net;
using Microsoft.EntityFrameworkCore;
using Rollcall.Tests.Support;
using Rollcall.Web;

namespace Rollcall.Tests.Web;

/// <summary>Which proxies are trusted about where a request comes from, and which hosts are served.</summary>
public sealed class ProxyTests(TheApp app)
{
    [Theory]
    [InlineData("", "203.0.113.7", "127.0.0.1")] // no proxy is trusted, so nothing is believed
    [InlineData("127.0.0.1", "203.0.113.7", "203.0.113.7")]
    // the person's own value comes first and is ignored
    [InlineData("127.0.0.1", "6.6.6.6, 203.0.113.7", "203.0.113.7")]
    [InlineData("127.0.0.1 10.0.0.1", "6.6.6.6, 203.0.113.7, 10.0.0.1", "203.0.113.7")] // a chain of two
    [InlineData("127.0.0.0/8", "127.6.6.6, 127.0.0.9", "127.0.0.9")] // a network that people are in too
    [InlineData("10.0.0.1", "203.0.113.7", "127.0.0.1")] // the request did not come from the proxy
    public async Task Trust61_A_forwarded_address_is_believed_only_from_a_trusted_proxy(
        string proxies,
        string claimed,
        string expected
    )
    {
        // what the framework's own switch would do must not undo it
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal);
        settings["ForwardedHeaders_Enabled"] = "true";
        foreach (var (i, proxy) in proxies.Split(' ', StringSplitOptions.RemoveEmptyEntries).Index())
        {
            settings[$"Rollcall:TrustedProxies:{i}"] = proxy;
        }

        await using var host = await app.StartAsync(settings);
        var user = await host.MakeUserAsync();
        using var client = host.Client();
        var (path, fields) = (await client.GetAsync("/dev/sign-in")).Form("Sign in with this email address");
        fields["Email"] = user.Email;
        using var response = await client.RawAsync(
            new(HttpMethod.Post, path)
            {
                Content = new FormUrlEncodedContent(fields),
                Headers = { { "X-Forwarded-For", claimed } },
            }
        );
        Assert.Equal(HttpStatusCode.Found, response.StatusCode);
        var seen = await host.InDbAsync(db =>
            db.Database.SqlQuery<string>($"select ip_address as \"Value\" from sessions where user_id = {user.Id}")
                .SingleAsync()
        );
        var recorded = await host.InDbAsync(db =>
            db.AuditEvents.Where(e => e.UserId == user.Id).Select(e => e.IpAddress).Distinct().SingleAsync()
        );
        Assert.Equal((expected, expected), (Plain(seen), Plain(recorded!)));
    }

    private static string Plain(string address) => address is "::1" or "::ffff:127.0.0.1" ? "127.0.0.1" : address;

    [Theory]
    [InlineData("https://people.example.com", null, true)]
    [InlineData("https://people.example.com", "10.0.0.1", false)]
    [InlineData("http://localhost", null, false)]
    public async Task Trust61_The_start_says_what_to_set_where_a_proxy_seems_to_be_missing(
        string address,
        string? proxy,
        bool warns
    )
    {
        using var lines = new Lines();
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal) { ["Rollcall:PublicBaseUrl"] = address };
        if (proxy is not null)
        {
            settings["Rollcall:TrustedProxies:0"] = proxy;
        }

        await using var host = await app.StartAsync(settings, services: lines.AddTo);
        Assert.Equal(
            warns,
            lines.All.Any(line =>
                line.StartsWith("Warning", StringComparison.Ordinal)
                && line.Contains(Proxies.Missing, StringComparison.Ordinal)
            )
        );
    }

    [Theory]
    [InlineData(null, "people.example.com", 200)]
    [InlineData(null, "People.Example.com:8443", 200)]
    [InlineData(null, "localhost", 200)] // in Development
    [InlineData(null, "evil.example", 400)]
    [InlineData(null, "people.example.com.evil.example", 400)]
    [InlineData("*", "evil.example", 200)]
    [InlineData("other.example.com", "other.example.com", 200)]
    public async Task Trust61_A_request_for_another_host_is_refused_and_health_checks_are_not(
        string? allowed,
        string asked,
        int status
    )
    {
        await using var host = await app.StartAsync(
            new() { ["Rollcall:PublicBaseUrl"] = "https://people.example.com", ["AllowedHosts"] = allowed }
        );
        using var client = host.Client();
        foreach (var path in new[] { "/help", "/_content/Rollcall/generic/rollcall.css" })
        {
            using var response = await client.RawAsync(new(HttpMethod.Get, path) { Headers = { Host = asked } });
            Assert.Equal(status, (int)response.StatusCode);
            Assert.True(response.Headers.Contains("Content-Security-Policy"));
        }

        using var health = await client.RawAsync(
            new(HttpMethod.Get, "/health/ready")
            {
                Headers = { Host = allowed == "other.example.com" ? asked : "10.1.2.3" },
            }
        );
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
    }

    [Theory]
    [InlineData("xn--mnchen-3ya.example", 200)]
    [InlineData("evil.example", 400)]
    public async Task Trust61_An_internationalised_name_is_the_one_that_browsers_send(string asked, int status)
    {
        await using var host = await app.StartAsync(new() { ["Rollcall:PublicBaseUrl"] = "https://münchen.example" });
        using var response = await host.Client().RawAsync(new(HttpMethod.Get, "/help") { Headers = { Host = asked } });
        Assert.Equal(status, (int)response.StatusCode);
    }

    [Theory]
    [InlineData("localhost:5080", 200)]
    [InlineData("rollcall.localhost", 200)]
    [InlineData("127.0.0.1", 200)]
    [InlineData("[::1]:5080", 200)]
    [InlineData("rebound.example", 404)]
    [InlineData("localhost.rebound.example", 404)]
    [InlineData("notlocalhost", 404)]
    public async Task Trust61_What_developers_use_answers_to_local_names_only(string asked, int status)
    {
        await using var host = await app.StartAsync(new() { ["AllowedHosts"] = "*" });
        using var client = host.Client();
        foreach (var path in new[] { "/dev/sign-in", "/dev/mailbox", "/dev/mailbox.json", "/dev/clock" })
        {
            using var response = await client.RawAsync(new(HttpMethod.Get, path) { Headers = { Host = asked } });
            Assert.Equal(status, (int)response.StatusCode);
        }
    }
}
