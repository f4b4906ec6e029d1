using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Rollcall.Model;
using Rollcall.Security;

namespace Rollcall.Web;

/// <summary>
/// Remembers in a cookie which accounts have signed in with this browser. Attempts from such a browser are counted
/// separately, so that strangers' guesses block the strangers and not the owner (OWASP, "Slow down online guessing
/// attacks with device cookies"). The cookie grants nothing: a password is still required, and wrong ones block this
/// browser.
/// </summary>
internal sealed class KnownDevice(Secret secret, Cookies cookies, IHttpContextAccessor accessor, TimeProvider clock)
{
    /// <summary>Renewed at each sign-in.</summary>
    public static readonly TimeSpan Lasts = TimeSpan.FromDays(180);

    /// <summary>A shared computer remembers its latest few people, which keeps the cookie small.</summary>
    private const int Most = 5;
    private const string Purpose = "known device";

    public string CookieName => cookies.Name("device");

    private HttpContext Http => accessor.HttpContext!;

    /// <summary>This browser's ID, if any account has signed in with it.</summary>
    public string? Any => Read()?.Id.ToString("N");

    /// <summary>
    /// The key for counting attempts at this account from this browser; null if the account is not known here.
    /// </summary>
    /// <param name="signedIn">
    /// Whether to require a full sign-in: setting a password from an emailed link alone does not count.
    /// </param>
    public string? Of(User user, bool signedIn = false) =>
        Read() is { } device
        && device.Accounts.Exists(a =>
            a.User == user.Id
            && (a.SignedIn || !signedIn)
            && a.At > clock.GetUtcNow() - Lasts
            && !(a.At < user.PasswordSetAt)
            && !(a.At < user.KnownDevicesSince)
        ) // the account may have been used by someone else before this instant
            ? $"{device.Id:N} {user.Id:N}"
            : null;

    /// <summary>
    /// Records that the account has signed in here, or that an emailed link has set its password here.
    /// </summary>
    public void Remember(Guid user, bool signedIn)
    {
        var known = Read();
        var others = known?.Accounts.Where(a => a.User != user).Take(Most - 1) ?? [];
        var account = new Account(user, clock.GetUtcNow(), signedIn);
        var device = new Device(known?.Id ?? Guid.NewGuid(), [account, .. others]);
        var options = cookies.Options;
        options.MaxAge = Lasts;
        var box = secret.Protect(Purpose, JsonSerializer.SerializeToUtf8Bytes(device));
        Http.Response.Cookies.Append(CookieName, WebEncoders.Base64UrlEncode(box), options);
    }

    private Device? Read()
    {
        if (Http.Request.Cookies[CookieName] is not { } cookie)
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<Device>(secret.Unprotect(Purpose, WebEncoders.Base64UrlDecode(cookie)));
        }
        catch (Exception e) when (e is CryptographicException or FormatException or JsonException)
        {
            return null;
        }
    }

    private sealed record Device(Guid Id, List<Account> Accounts);

    private sealed record Account(Guid User, DateTimeOffset At, bool SignedIn);
}
