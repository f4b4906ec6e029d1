using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Rollcall.Web;

/// <summary>
/// What is believed of the proxies in front, and what is wrong when there seems to be one that is not believed.
/// </summary>
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
    /// The framework's own switch puts the middleware in front. Called twice, it follows twice as many hops.
    /// </summary>
    public bool IsCalledAlready =>
        string.Equals(configuration["ForwardedHeaders_Enabled"], "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Without a trusted proxy nothing is forwarded. The middleware would believe everyone if it only had no list to
    /// check against, and ASPNETCORE_FORWARDEDHEADERS_ENABLED empties its lists.
    /// </summary>
    public void Configure(ForwardedHeadersOptions forwarded)
    {
        var trusted = options.Value.TrustedProxies;
        forwarded.ForwardedHeaders =
            trusted.Count == 0
                ? ForwardedHeaders.None
                : ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
        // A chain is followed for as many hops as proxies are listed. Not further: a network may hold people too, and
        // what they send must not pass for what a proxy said.
        forwarded.ForwardLimit = Math.Max(1, trusted.Count);
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        foreach (var proxy in trusted)
        {
            forwarded.KnownIPNetworks.Add(RollcallOptionsCheck.Network(proxy));
        }
    }

    /// <summary>Called once the server listens: what it serves is known only then.</summary>
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
