using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Security;
using Rollcall.Web;

namespace Rollcall.SignIn;

internal enum Answer
{
    Right,
    Wrong,
    Empty,
    Expired,
    TooMany,
}

/// <summary>Is this the second proof? Every try is counted before it is looked at, on the sign-in that waits and on the account.</summary>
internal sealed class SecondFactorCheck(
    Db db,
    OneTimeCodes codes,
    Authenticators authenticators,
    RecoveryCodes recovery,
    Throttle throttle,
    KnownDevice device,
    AuditLog audit
)
{
    private const int MostTries = 5;

    public async Task<Answer> CheckAsync(
        Guid waiting,
        User user,
        string way,
        string? typed,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        if (string.IsNullOrWhiteSpace(typed))
        {
            return Answer.Empty;
        }
        // As with passwords: someone who knows the password and guesses codes does not keep the owner out of their
        // own device.
        var known = device.Of(user, signedIn: true);
        if (
            await db.Database.ExecuteSqlAsync(
                $"update pending_sign_ins set tries = tries + 1 where id = {waiting} and tries < {MostTries}",
                cancellation
            ) == 0
            || !(
                known is null
                    ? await throttle.TryAsync(Tries.SecondFactor, user.EmailKey, cancellation)
                    : await throttle.TryKnownAsync(Tries.SecondFactor, known, user.Id, cancellation)
            )
        )
        {
            return Answer.TooMany;
        }

        var answer = way switch
        {
            SecondFactors.Authenticator => await authenticators.CheckAsync(user.Id, typed, cancellation)
                ? Answer.Right
                : Answer.Wrong,
            SecondFactors.Recovery => await UseRecoveryCodeAsync(user, typed, now, cancellation)
                ? Answer.Right
                : Answer.Wrong,
            SecondFactors.Text or SecondFactors.Email => await codes.CheckAsync(
                waiting,
                way,
                typed,
                cancellation
            ) switch
            {
                CodeCheck.Right => Answer.Right,
                CodeCheck.TooMany => Answer.TooMany,
                CodeCheck.Expired => Answer.Expired,
                _ => Answer.Wrong,
            },
            _ => Answer.Wrong,
        };
        if (answer == Answer.Right)
        {
            if (known is null)
            {
                await throttle.ForgiveAsync(Tries.SecondFactor, user.EmailKey, cancellation);
            }
            else
            {
                await throttle.ForgiveKnownAsync(Tries.SecondFactor, known, user.Id, cancellation);
            }

            await throttle.ForgiveAsync(Tries.CodesSent, known ?? user.Id.ToString(), cancellation);
        }
        else
        {
            audit.Add(AuditKinds.SignInRefused, null, now, null, user.Id, new { way });
        }

        await db.SaveChangesAsync(cancellation);
        return answer;
    }

    /// <summary>What the session says about how it was begun.</summary>
    public static string Method(string way) =>
        way switch
        {
            SecondFactors.Authenticator => SignInMethods.PasswordAndAuthenticator,
            SecondFactors.Text => SignInMethods.PasswordAndText,
            SecondFactors.Email => SignInMethods.PasswordAndEmail,
            _ => SignInMethods.PasswordAndRecoveryCode,
        };

    private async Task<bool> UseRecoveryCodeAsync(
        User user,
        string typed,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        if (!await recovery.UseAsync(user.Id, typed, cancellation))
        {
            return false;
        }

        Outbox.Enqueue(
            db,
            user.Email,
            new SignInChanged(SignInChange.RecoveryCodeUsed) { FirstName = user.FirstName, LastName = user.LastName },
            null,
            now
        );
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return true;
    }
}
