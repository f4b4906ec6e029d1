using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Rollcall.Web;

/// <summary>
/// Refuses a request for another host than the one of PublicBaseUrl (ASVS 5.0, 13.4). Where AllowedHosts is set, the
/// framework does that by itself. Health checks are answered whatever they ask for: probes use an instance's own
/// address.
/// </summary>
internal sealed class Hosts(
    RequestDelegate next,
    IOptions<RollcallOptions> options,
    IConfiguration configuration,
    IHostEnvironment environment,
    ILogger<Hosts> log
)
{
    private readonly bool decidedElsewhere = !string.IsNullOrEmpty(configuration["AllowedHosts"]);

    /// <summary>
    /// Whether this name can only mean this machine. A page of an attacker's site can have its own name resolved to
    /// 127.0.0.1, but the browser goes on sending that name (DNS rebinding).
    /// </summary>
    public static bool IsLocal(HostString host) =>
        host.Host is "127.0.0.1" or "[::1]"
        || host.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host.Host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);

    public Task InvokeAsync(HttpContext http)
    {
        var host = http.Request.Host;
        if (
            decidedElsewhere
            || host.Host.Equals(options.Value.PublicBaseUrl.Host, StringComparison.OrdinalIgnoreCase)
            || (environment.IsDevelopment() && IsLocal(host))
            || http.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal)
            || http.Features.Get<IStatusCodeReExecuteFeature>() is not null
        ) // the page that tells of the refusal
        {
            return next(http);
        }

        log.LogInformation("Refused a request for {Host}, which is not the host of Rollcall:PublicBaseUrl", host.Value);
        http.Response.StatusCode = StatusCodes.Status400BadRequest;
        return Task.CompletedTask;
    }
}
