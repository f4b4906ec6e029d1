using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Rollcall.Web;

/// <summary>
/// The security headers, on every response, errors and files included (ASVS 5.0, 3.4.1 to 3.4.8; OWASP Secure Headers).
/// </summary>
internal sealed class Headers(RequestDelegate next, IOptions<RollcallOptions> options)
{
    // The hash is of the one inline script, which govuk-frontend publishes: it marks the page as able to run the rest.
    // A form may lead to us and, by way of a redirect, to the providers that people sign in through: Chromium holds the
    // whole way to this list.
    private readonly string policy =
        "default-src 'none'; script-src 'self' 'sha256-GUQ5ad8JK5KmEWmROf3LZd9ge94daqNvd8xy9YS1iDw='; style-src 'self'; "
        + "img-src 'self'; font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'"
        + string.Concat(
            options
                .Value.SignIn.Providers.SelectMany(p => p.Origins)
                .Distinct(StringComparer.Ordinal)
                .Select(origin => " " + origin)
        )
        + "; base-uri 'none'; frame-ancestors 'none'; object-src 'none'";

    public Task InvokeAsync(HttpContext http)
    {
        // At the last moment, because drawing an error page begins with clearing what was set before.
        http.Response.OnStarting(() =>
        {
            var headers = http.Response.Headers;
            headers.ContentSecurityPolicy = policy;
            headers.StrictTransportSecurity = "max-age=31536000; includeSubDomains";
            headers.XContentTypeOptions = "nosniff";
            headers["Referrer-Policy"] = "no-referrer";
            headers["Cross-Origin-Opener-Policy"] = "same-origin";
            headers["Cross-Origin-Resource-Policy"] = "same-origin";
            headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";
            headers["X-Robots-Tag"] = "noindex";
            // A page shows people's details: not to be found in a cache after signing out (ASVS 5.0, 14.3.2). Files say
            // their own.
            if (
                headers.CacheControl.Count == 0
                || http.Response.ContentType?.StartsWith("text/html", StringComparison.Ordinal) == true
            )
            {
                headers.CacheControl = "no-store";
            }

            return Task.CompletedTask;
        });
        return next(http);
    }
}
