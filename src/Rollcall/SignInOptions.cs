using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;

namespace Rollcall;

/// <summary>How people can sign in. An organisation can narrow this down to some of these ways.</summary>
public sealed class SignInOptions
{
    /// <summary>
    /// Whether people can have a password and passkeys in Rollcall, with or without providers. On by default.
    /// </summary>
    public bool Passwords { get; set; } = true;

    /// <summary>
    /// The OpenID Connect providers that people can sign in with, in the order of their buttons. Empty by default.
    /// </summary>
    public IList<ProviderOptions> Providers { get; set; } = [];

    /// <summary>
    /// Whether an organisation has a choice: between several ways, or about a second factor for passwords.
    /// </summary>
    internal bool CanBeNarrowed => Passwords || Providers.Count > 1;

    /// <summary>
    /// The providers' names, such as "DfE Sign-in", if people cannot have a password; null if they can.
    /// </summary>
    /// <param name="ways">
    /// How an organisation's people may sign in: "password" or a provider's key. Null for any way.
    /// </param>
    internal string? OnlyProviders(string[]? ways)
    {
        bool Allows(string way) => ways is null || ways.Contains(way, StringComparer.Ordinal);
        var names = Providers.Where(p => Allows(p.Key)).Select(p => p.Name).ToList();
        return names.Count == 0 || (Passwords && Allows("password")) ? null : string.Join(" or ", names);
    }

    /// <summary>The provider with this key; null if there is none.</summary>
    internal ProviderOptions? Provider(string? key) => Providers.FirstOrDefault(p => p.Key == key);
}

/// <summary>
/// An OpenID Connect provider, where this service is registered as a confidential client. Register
/// <c>{PublicBaseUrl}/sign-in/callback/{Key}</c> as the redirect URI and <c>{PublicBaseUrl}/sign-out</c> as the
/// post-logout redirect URI.
/// </summary>
public sealed partial class ProviderOptions
{
    /// <summary>
    /// The provider's identifier in URLs and in the database: at most 30 lower-case letters, digits and hyphens. Do not
    /// change it once people use it. Required.
    /// </summary>
    [Required]
    public string Key { get; set; } = "";

    /// <summary>The provider's name on buttons and in emails. Required.</summary>
    [Required]
    public string Name { get; set; } = "";

    /// <summary>
    /// The issuer, exactly as the provider writes it. Its endpoints are read from
    /// <c>/.well-known/openid-configuration</c> below this URL. Must be https outside Development. Required.
    /// </summary>
    [Required]
    public string Issuer { get; set; } = "";

    /// <summary>The client ID of this service at the provider. Required.</summary>
    [Required]
    public string ClientId { get; set; } = "";

    /// <summary>The client secret. Required.</summary>
    [Required]
    public string ClientSecret { get; set; } = "";

    /// <summary>The requested scopes, separated by spaces. Must include openid.</summary>
    [Required]
    public string Scopes { get; set; } = "openid email profile";

    /// <summary>
    /// Whether the provider verifies every email address without saying so in <c>email_verified</c>. Anyone who
    /// controls an address at the provider becomes the person invited with it, so turn this on only if the provider's
    /// documentation promises the check, and note the reason beside the setting. DfE Sign-in, for example, confirms an
    /// address with a code before the account exists. Off by default: only <c>email_verified</c> counts.
    /// </summary>
    public bool VerifiesEmails { get; set; }

    /// <summary>Where a person's name comes from.</summary>
    public NameSource NameSource { get; set; } = NameSource.Directory;

    /// <summary>
    /// Other origins that signing in passes through, separated by spaces, such as
    /// <c>https://interactions.example.com</c>. Browsers submit a form to them only if our Content-Security-Policy
    /// lists them. The issuer's own origin is included.
    /// </summary>
    public string OtherOrigins { get; set; } = "";

    internal IEnumerable<string> Origins =>
        OtherOrigins
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Prepend(new Uri(Issuer).GetLeftPart(UriPartial.Authority));

    internal string CallbackPath => $"/sign-in/callback/{Key}";

    /// <summary>Read from the configuration, because the options are not available while services are added.</summary>
    internal static IEnumerable<ProviderOptions> In(IConfiguration configuration) =>
        configuration.GetSection("Rollcall:SignIn:Providers").Get<List<ProviderOptions>>() ?? [];

    internal IEnumerable<string> Mistakes(bool development)
    {
        if (!KeyPattern().IsMatch(Key) || Key is "password")
        {
            yield return $"Key \"{Key}\" must be lower-case letters, digits and hyphens, and not password";
        }

        if (
            !Uri.TryCreate(Issuer, UriKind.Absolute, out var issuer)
            || issuer.Scheme is not ("https" or "http")
            || issuer.Query.Length > 0
            || issuer.Fragment.Length > 0
        )
        {
            yield return $"Issuer \"{Issuer}\" must be an address without a query";
        }
        else if (!development && issuer.Scheme != Uri.UriSchemeHttps)
        {
            yield return $"Issuer {Issuer} must start with https:// outside Development";
        }

        if (!Scopes.Split(' ').Contains("openid", StringComparer.Ordinal))
        {
            yield return "Scopes must name openid";
        }

        foreach (var origin in OtherOrigins.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (
                !Uri.TryCreate(origin, UriKind.Absolute, out var uri)
                || uri.GetLeftPart(UriPartial.Authority) != origin
                || origin.AsSpan().ContainsAny(";,'")
            )
            {
                yield return $"OtherOrigins: {origin} must be scheme, host and port, such as "
                    + "https://interactions.example.com";
            }
        }
    }

    [GeneratedRegex("^[a-z0-9-]{1,30}$", RegexOptions.NonBacktracking)]
    private static partial Regex KeyPattern();
}

/// <summary>Where a person's name comes from. A blank name from a provider never replaces a known one.</summary>
public enum NameSource
{
    /// <summary>What was entered in Rollcall. The provider's name is used only if none is known.</summary>
    Directory,

    /// <summary>The provider, at every sign-in.</summary>
    IdentityProvider,
}
