using Microsoft.AspNetCore.Http;
using Rollcall.Model;
using Rollcall.Security;
using Rollcall.Web;

namespace Rollcall.SignIn;

/// <summary>
/// Whose passkey is this? Answers are counted like passwords before they are looked at, by the device where someone has
/// signed in before, and by the network elsewhere. A failure is counted and not recorded: it names no account, and
/// anyone could fill the record with them.
/// </summary>
internal sealed class PasskeyCheck(
    Passkeys passkeys,
    Throttle throttle,
    KnownDevice device,
    IHttpContextAccessor accessor
)
{
    public async Task<User?> CheckAsync(string? challenge, string? credential, CancellationToken cancellation)
    {
        var (key, free) = device.Any is { } known
            ? (known, Throttle.Free)
            : (Network.Of(accessor.HttpContext!), Tries.FreeForNetwork);
        if (
            !await throttle.TryAsync(Tries.Passkey, key, cancellation, free)
            || await passkeys.FinishSignInAsync(challenge, credential, cancellation) is not { } user
        )
        {
            return null;
        }
        await throttle.GiveBackAsync(Tries.Passkey, key, cancellation);
        return user;
    }
}
