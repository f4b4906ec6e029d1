using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Rollcall.Web;

/// <summary>
/// Adds the security headers to every response, including errors and files (ASVS 5.0, 3.4.1 to 3.4.8; OWASP Secure
/// Headers Project).
/// </summary>
internal sealed class Headers(RequestDelegate next, IOptions<RollcallOptions> options)
{
    // The hash is of govuk-frontend's inline script, which marks the page as able to run scripts. form-action lists the
    // providers too, because Chromium applies it to every redirect after a form is submitted.
    private readonly string policy =
        "default-src 'none'; script-src 'self' 'sha256-GUQ5ad8JK5KmEWmROf3LZd9ge94daqNvd8xy9YS1iDw='; "
        + "style-src 'self'; "
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
        // Set as late as possible, because rendering an error page clears the headers set before.
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
            // Pages show personal details, so they must not be in a cache after signing out (ASVS 5.0, 14.3.2). Files
            // set their own Cache-Control.
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
