using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Rollcall.Web;

/// <summary>
/// How every cookie is made: <c>__Host-</c>, Secure, HttpOnly, SameSite=Lax, deleted when the browser closes (ASVS 5.0,
/// 3.3.1 to 3.3.4). The prefix and Secure are left out only if PublicBaseUrl is plain http, which is refused outside
/// Development, because browsers would reject the cookie.
/// </summary>
internal sealed class Cookies(IOptions<RollcallOptions> options)
{
    /// <summary>How long a sign-in waits for its second factor.</summary>
    public static readonly TimeSpan SecondFactorLasts = TimeSpan.FromMinutes(10);

    /// <summary>How long a person may take at an OpenID Connect provider before they must start again.</summary>
    public static readonly TimeSpan ProviderLasts = TimeSpan.FromMinutes(15);

    public bool Secure => options.Value.PublicBaseUrl.Scheme == Uri.UriSchemeHttps;

    public string Name(string name) => $"{(Secure ? "__Host-" : "")}rollcall-{name}";

    public CookieOptions Options =>
        new()
        {
            HttpOnly = true,
            Secure = Secure,
            SameSite = SameSiteMode.Lax,
            Path = "/",
            IsEssential = true,
        };

    /// <summary>Applies the same rules to the framework's cookies.</summary>
    public CookieBuilder Apply(CookieBuilder cookie, string name)
    {
        cookie.Name = Name(name);
        cookie.HttpOnly = true;
        cookie.SecurePolicy = Secure ? CookieSecurePolicy.Always : CookieSecurePolicy.None;
        cookie.SameSite = SameSiteMode.Lax;
        cookie.Path = "/";
        cookie.IsEssential = true;
        return cookie;
    }
}
