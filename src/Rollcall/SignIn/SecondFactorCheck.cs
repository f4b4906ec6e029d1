using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.History;
using Rollcall.Model;
using Rollcall.Security;
using Rollcall.Web;

namespace Rollcall.SignIn;

/// <summary>
/// Checks the second factor. Every try is counted before it is looked at, on the sign-in that waits and on the account.
/// </summary>
internal sealed class SecondFactorCheck(
    Db db,
    SecondFactorVerifier verifier,
    Throttle throttle,
    KnownDevice device,
    RefusedSignIns refused
)
{
    private const int MostTries = 5;

    public async Task<CodeCheck> CheckAsync(
        PendingSignIn pending,
        SecondFactorKind kind,
        string typed,
        DateTimeOffset now
    )
    {
        // As with passwords, tries on a known device are counted there: a stranger who knows the password and guesses
        // codes does not keep the owner out.
        var user = pending.User;
        var known = device.Of(user, signedIn: true);
        var counted = await db.Database.ExecuteSqlAsync(
            $"update pending_sign_ins set tries = tries + 1 where id = {pending.Id} and tries < {MostTries}"
        );
        if (counted == 0 || !await MayTryAsync(user, known))
        {
            return CodeCheck.TooMany;
        }

        var check = await verifier.VerifyAsync(pending, kind, typed, now);
        if (check == CodeCheck.Right)
        {
            await ForgiveAsync(user, known);
        }
        else
        {
            await refused.RecordAsync(user.Id, new SignInRefused(Way: kind.Key));
        }

        return check;
    }

    private Task<bool> MayTryAsync(User user, string? known) =>
        known is null
            ? throttle.TryAsync(Tries.SecondFactor, user.EmailKey, CancellationToken.None)
            : throttle.TryKnownAsync(Tries.SecondFactor, known, user.Id, CancellationToken.None);

    private async Task ForgiveAsync(User user, string? known)
    {
        if (known is null)
        {
            await throttle.ForgiveAsync(Tries.SecondFactor, user.EmailKey, CancellationToken.None);
        }
        else
        {
            await throttle.ForgiveKnownAsync(Tries.SecondFactor, known, user.Id, CancellationToken.None);
        }

        await throttle.ForgiveAsync(Tries.CodesSent, known ?? user.Id.ToString(), CancellationToken.None);
    }
}
