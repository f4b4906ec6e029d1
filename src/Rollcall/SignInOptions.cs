using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;

namespace Rollcall;

/// <summary>How people sign in. An organisation may narrow it down to some of these ways.</summary>
public sealed class SignInOptions
{
    /// <summary>Whether people may choose a password (and a passkey) here, alone or beside the providers.</summary>
    public bool Passwords { get; set; } = true;

    /// <summary>The OpenID Connect providers that people may come from, in the order of their buttons.</summary>
    public IList<ProviderOptions> Providers { get; set; } = [];

    /// <summary>
    /// Whether an organisation has anything to decide: among several ways, or about the second factor of passwords.
    /// </summary>
    internal bool CanBeNarrowed => Passwords || Providers.Count > 1;

    /// <summary>
    /// The names of the providers where people can have no password here: "DfE Sign-in". Null where they can.
    /// </summary>
    /// <param name="ways">How an organisation lets people in ("password" or a provider's key); null: any way.</param>
    internal string? OnlyProviders(string[]? ways)
    {
        bool Allows(string way) => ways is null || ways.Contains(way, StringComparer.Ordinal);
        var names = Providers.Where(p => Allows(p.Key)).Select(p => p.Name).ToList();
        return names.Count == 0 || (Passwords && Allows("password")) ? null : string.Join(" or ", names);
    }

    /// <summary>The provider with this key, or null.</summary>
    internal ProviderOptions? Provider(string? key) => Providers.FirstOrDefault(p => p.Key == key);
}

/// <summary>
/// An OpenID Connect provider, with which this service is registered as a confidential client. Its registered redirect
/// address is <c>{PublicBaseUrl}/sign-in/callback/{Key}</c>, and the one for after signing out
/// <c>{PublicBaseUrl}/sign-out</c>.
/// </summary>
public sealed partial class ProviderOptions
{
    /// <summary>
    /// What addresses and the database call it: small letters, digits and hyphens. Never changed once people use it.
    /// </summary>
    [Required]
    public string Key { get; set; } = "";

    /// <summary>What people call it; it stands on the button.</summary>
    [Required]
    public string Name { get; set; } = "";

    /// <summary>
    /// Exactly as the provider writes it; <c>/.well-known/openid-configuration</c> below it says the rest. https
    /// outside Development.
    /// </summary>
    [Required]
    public string Issuer { get; set; } = "";

    /// <summary>Who this service is to the provider.</summary>
    [Required]
    public string ClientId { get; set; } = "";

    /// <summary>The secret that proves it.</summary>
    [Required]
    public string ClientSecret { get; set; } = "";

    /// <summary>What is asked for, separated by spaces; openid must be among it.</summary>
    [Required]
    public string Scopes { get; set; } = "openid email profile";

    /// <summary>
    /// The provider checks every address before it tells it, though it does not say so in <c>email_verified</c>.
    /// Whoever controls an address at the provider becomes the person who was invited at it, so set this only when the
    /// provider's own documentation promises the check, and write the reason beside the setting. DfE Sign-in confirms
    /// an address with a code before the account exists. Off: only <c>email_verified</c> counts.
    /// </summary>
    public bool VerifiesEmails { get; set; }

    /// <summary>Whose spelling of a person's name counts.</summary>
    public NameSource NameSource { get; set; } = NameSource.Directory;

    /// <summary>
    /// Other origins, separated by spaces, that signing in passes through on its way, such as
    /// <c>https://interactions.example.com</c>. Browsers follow a form there only if our Content-Security-Policy names
    /// them. The issuer's own need not be repeated.
    /// </summary>
    public string OtherOrigins { get; set; } = "";

    internal IEnumerable<string> Origins =>
        OtherOrigins
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Prepend(new Uri(Issuer).GetLeftPart(UriPartial.Authority));

    internal string CallbackPath => $"/sign-in/callback/{Key}";

    /// <summary>Read while services are added, before options can be.</summary>
    internal static IEnumerable<ProviderOptions> In(IConfiguration configuration) =>
        configuration.GetSection("Rollcall:SignIn:Providers").Get<List<ProviderOptions>>() ?? [];

    internal IEnumerable<string> Mistakes(bool development)
    {
        if (!KeyPattern().IsMatch(Key) || Key is "password")
        {
            yield return $"Key \"{Key}\" must be small letters, digits and hyphens, and not password";
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
                yield return $"OtherOrigins: {origin} must be scheme, host and port, such as https://interactions.example.com";
            }
        }
    }

    [GeneratedRegex("^[a-z0-9-]{1,30}$", RegexOptions.NonBacktracking)]
    private static partial Regex KeyPattern();
}

/// <summary>
/// Whose spelling of a person's name counts. A blank name from a provider never replaces one that is known.
/// </summary>
public enum NameSource
{
    /// <summary>What was entered here. The provider's fills in where no name is known.</summary>
    Directory,

    /// <summary>The provider's, at every sign-in.</summary>
    IdentityProvider,
}
