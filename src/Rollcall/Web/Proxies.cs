using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Rollcall.Web;

/// <summary>Configures which proxies are trusted, and warns when there seems to be one that is not.</summary>
internal sealed class Proxies(
    IOptions<RollcallOptions> options,
    IConfiguration configuration,
    IServer server,
    ILogger<Proxies> log
) : IConfigureOptions<ForwardedHeadersOptions>
{
    public const string Missing =
        "Rollcall:PublicBaseUrl is https, but this server answers http only and trusts no proxy: "
        + "everyone seems to come from the proxy's address, and one person's wrong passwords slow down all. "
        + "Set Rollcall:TrustedProxies to the addresses of the proxies that end TLS";

    /// <summary>
    /// The framework's own switch adds the middleware. Adding it twice would follow twice as many hops.
    /// </summary>
    public bool IsCalledAlready =>
        string.Equals(configuration["ForwardedHeaders_Enabled"], "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Without a trusted proxy, nothing is forwarded. The middleware trusts everyone when its lists are empty, and
    /// ASPNETCORE_FORWARDEDHEADERS_ENABLED empties them.
    /// </summary>
    public void Configure(ForwardedHeadersOptions forwarded)
    {
        var trusted = options.Value.TrustedProxies;
        forwarded.ForwardedHeaders =
            trusted.Count == 0
                ? ForwardedHeaders.None
                : ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
        // Follows a chain for at most as many hops as there are listed proxies. No further: a network may contain
        // people too, and what they send must not count as a proxy's word.
        forwarded.ForwardLimit = Math.Max(1, trusted.Count);
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        foreach (var proxy in trusted)
        {
            forwarded.KnownIPNetworks.Add(RollcallOptionsCheck.Network(proxy));
        }
    }

    /// <summary>Called once the server listens, because its addresses are known only then.</summary>
    public void WarnIfOneIsMissing()
    {
        var addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        if (
            options.Value.PublicBaseUrl.Scheme == Uri.UriSchemeHttps
            && options.Value.TrustedProxies.Count == 0
            && !addresses.Any(address => address.StartsWith("https:", StringComparison.OrdinalIgnoreCase))
        )
        {
            log.LogWarning(Missing);
        }
    }
}
