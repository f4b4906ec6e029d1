using Rollcall.Tests.Support;

namespace Rollcall.Tests.Web;

public sealed class HeadersTests(TheApp app)
{
    [Theory]
    [InlineData("GET", "/sign-in", 200)]
    [InlineData("HEAD", "/sign-in", 200)]
    [InlineData("GET", "/organisations", 302)]
    [InlineData("GET", "/nowhere", 404)]
    [InlineData("POST", "/forgot-password", 400)]
    [InlineData("PUT", "/sign-in", 405)]
    [InlineData("GET", "/health/live", 200)]
    [InlineData("GET", "/dev/mailbox.json", 200)]
    [InlineData("GET", "/_content/Rollcall/generic/rollcall.css", 200)]
    [InlineData("GET", "/_content/Rollcall/generic/nothing.css", 404)]
    public async Task Trust56_Every_response_has_the_security_headers(string method, string path, int status)
    {
        using var response = await app.Client().RawAsync(new(new HttpMethod(method), path));
        Assert.Equal(status, (int)response.StatusCode);
        string Header(string name) => string.Join(", ", response.Headers.GetValues(name));
        Assert.Contains(
            "default-src 'none'; script-src 'self' 'sha256-GUQ5ad8JK5KmEWmROf3LZd9ge94daqNvd8xy9YS1iDw='; "
                + "style-src 'self'",
            Header("Content-Security-Policy"),
            StringComparison.Ordinal
        );
        Assert.Equal("max-age=31536000; includeSubDomains", Header("Strict-Transport-Security"));
        Assert.Equal("nosniff", Header("X-Content-Type-Options"));
        Assert.Equal("no-referrer", Header("Referrer-Policy"));
        Assert.Equal("same-origin", Header("Cross-Origin-Opener-Policy"));
        Assert.False(response.Headers.Contains("Server"));
        Assert.False(response.Headers.Contains("X-Powered-By"));
        if (!path.EndsWith(".css", StringComparison.Ordinal))
        {
            Assert.Contains("no-store", Header("Cache-Control"), StringComparison.Ordinal);
        }
    }
}
