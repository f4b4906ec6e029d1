using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Rollcall.Model;
using Rollcall.Security;

namespace Rollcall.Web;

/// <summary>
/// Remembers in a browser which accounts signed in there. Tries from such a browser are counted by themselves, so
/// guesses that strangers make block the strangers and not the owner (OWASP, "Slow down online guessing with device
/// cookies"). It opens nothing: with it, a password is still asked for, and wrong ones from this browser block this
/// browser.
/// </summary>
internal sealed class KnownDevice(Secret secret, Cookies cookies, IHttpContextAccessor accessor, TimeProvider clock)
{
    /// <summary>Renewed at each sign-in.</summary>
    public static readonly TimeSpan Lasts = TimeSpan.FromDays(180);

    /// <summary>A shared computer knows its latest few people; the cookie stays small.</summary>
    private const int Most = 5;
    private const string Purpose = "known device";

    public string CookieName => cookies.Name("device");

    private HttpContext Http => accessor.HttpContext!;

    /// <summary>This browser, where any account has signed in.</summary>
    public string? Any => Read()?.Id.ToString("N");

    /// <summary>What tries at this account are counted by here; null where the account is not known.</summary>
    /// <param name="signedIn">Only where it signed in fully: a link in a mailbox alone is no second factor.</param>
    public string? Of(User user, bool signedIn = false) =>
        Read() is { } device
        && device.Accounts.Exists(a =>
            a.User == user.Id
            && (a.SignedIn || !signedIn)
            && a.At > clock.GetUtcNow() - Lasts
            && !(a.At < user.PasswordSetAt)
            && !(a.At < user.KnownDevicesSince)
        ) // who signed in before may be someone else
            ? $"{device.Id:N} {user.Id:N}"
            : null;

    /// <summary>The account has signed in here, or a link from its mailbox has set a password here.</summary>
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
