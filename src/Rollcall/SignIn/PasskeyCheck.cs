using Microsoft.AspNetCore.Http;
using Rollcall.Model;
using Rollcall.Security;
using Rollcall.Web;

namespace Rollcall.SignIn;

/// <summary>
/// Finds out whose passkey answered. Answers are counted before they are looked at, by the device where an account has
/// signed in before, and by the network elsewhere. A failure is counted and not recorded: it names no account, and
/// anyone could fill the audit log with them.
/// </summary>
internal sealed class PasskeyCheck(
    Passkeys passkeys,
    Throttle throttle,
    KnownDevice device,
    IHttpContextAccessor accessor
)
{
    /// <summary>A challenge for one person's passkeys; null: for anyone's.</summary>
    public Task<PasskeyOptions> BeginAsync(Guid? user, CancellationToken cancellation) =>
        passkeys.BeginSignInAsync(user, cancellation);

    public async Task<User?> CheckAsync(string? challenge, string? credential, CancellationToken cancellation)
    {
        var known = device.Any;
        var key = known ?? Network.Of(accessor.HttpContext!);
        var free = known is null ? Tries.FreeForNetwork : Throttle.Free;
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
