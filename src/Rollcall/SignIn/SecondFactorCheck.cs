using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.History;
using Rollcall.Model;
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

/// <summary>
/// Checks the second factor. Every try is counted before it is looked at, on the sign-in that waits and on the account.
/// </summary>
internal sealed class SecondFactorCheck(
    Db db,
    SecondFactorAnswers answers,
    Throttle throttle,
    KnownDevice device,
    RefusedSignIns refused
)
{
    private const int MostTries = 5;

    public async Task<Answer> CheckAsync(WaitingSignIn waiting, string way, string? typed, DateTimeOffset now)
    {
        if (string.IsNullOrWhiteSpace(typed))
        {
            return Answer.Empty;
        }

        // As with passwords, tries on a known device are counted there: a stranger who knows the password and guesses
        // codes does not keep the owner out.
        var user = waiting.Person;
        var known = device.Of(user, signedIn: true);
        var counted = await db.Database.ExecuteSqlAsync(
            $"update pending_sign_ins set tries = tries + 1 where id = {waiting.Pending.Id} and tries < {MostTries}"
        );
        if (counted == 0 || !await MayTryAsync(user, known))
        {
            return Answer.TooMany;
        }

        var answer = await answers.CheckAsync(waiting, way, typed, now);
        if (answer == Answer.Right)
        {
            await ForgiveAsync(user, known);
        }
        else
        {
            await refused.RecordAsync(user.Id, new SignInRefused(Way: way));
        }

        return answer;
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

/// <summary>Looks at one answer, whichever way it was given.</summary>
internal sealed class SecondFactorAnswers(
    Db db,
    OneTimeCodes codes,
    Authenticators authenticators,
    RecoveryCodes recovery
)
{
    public async Task<Answer> CheckAsync(WaitingSignIn waiting, string way, string typed, DateTimeOffset now)
    {
        var user = waiting.Person;
        switch (way)
        {
            case SecondFactors.Authenticator:
                return await authenticators.CheckAsync(user.Id, typed, CancellationToken.None)
                    ? Answer.Right
                    : Answer.Wrong;
            case SecondFactors.Recovery:
                return (await UseRecoveryCodeAsync(user, typed, now)).IsDone ? Answer.Right : Answer.Wrong;
            case SecondFactors.Text:
            case SecondFactors.Email:
                return await codes.CheckAsync(waiting.Pending.Id, way, typed, CancellationToken.None) switch
                {
                    CodeCheck.Right => Answer.Right,
                    CodeCheck.TooMany => Answer.TooMany,
                    CodeCheck.Expired => Answer.Expired,
                    _ => Answer.Wrong,
                };
            default:
                return Answer.Wrong;
        }
    }

    private Task<Result> UseRecoveryCodeAsync(User user, string typed, DateTimeOffset now) =>
        db.InTransactionAsync(async () =>
        {
            if (!await recovery.UseAsync(user.Id, typed, CancellationToken.None))
            {
                return Result.Unchanged;
            }

            Outbox.Enqueue(db, user, new SignInChanged(SignInChange.RecoveryCodeUsed), now);
            return Result.Done;
        });
}
