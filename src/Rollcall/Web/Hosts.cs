using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Rollcall.Web;

/// <summary>
/// Refuses requests for a host other than PublicBaseUrl's (ASVS 5.0, 13.4). If AllowedHosts is set, the framework
/// checks instead. Health checks are answered on any host, because probes use an instance's own address.
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
    /// Whether this name can only mean this machine. An attacker can make their own host name resolve to 127.0.0.1 (DNS
    /// rebinding), but the browser still sends that name.
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
        ) // the error page
        {
            return next(http);
        }

        log.LogInformation("Refused a request for {Host}, which is not the host of Rollcall:PublicBaseUrl", host.Value);
        http.Response.StatusCode = StatusCodes.Status400BadRequest;
        return Task.CompletedTask;
    }
}
