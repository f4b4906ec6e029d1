using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.Model;
using Rollcall.Security;

namespace Rollcall.SignIn;

/// <summary>Verifies one answer, of whatever kind. <see cref="SecondFactorCheck"/> counts it first.</summary>
internal sealed class SecondFactorVerifier(
    Db db,
    OneTimeCodes codes,
    Authenticators authenticators,
    RecoveryCodes recovery
)
{
    public async Task<CodeCheck> VerifyAsync(
        PendingSignIn pending,
        SecondFactorKind kind,
        string typed,
        DateTimeOffset now
    )
    {
        if (kind.IsSent)
        {
            return await codes.CheckAsync(pending.Id, kind.Key, typed, CancellationToken.None);
        }

        var isRight =
            kind == SecondFactorKind.Authenticator
                ? await authenticators.CheckAsync(pending.User.Id, typed, CancellationToken.None)
                : kind == SecondFactorKind.Recovery && await UseRecoveryCodeAsync(pending.User, typed, now);
        return isRight ? CodeCheck.Right : CodeCheck.Wrong;
    }

    private async Task<bool> UseRecoveryCodeAsync(User user, string typed, DateTimeOffset now)
    {
        var result = await db.InTransactionAsync(async () =>
        {
            if (!await recovery.UseAsync(user.Id, typed, CancellationToken.None))
            {
                return Result.Unchanged;
            }

            Outbox.Enqueue(db, user, new SignInChanged(SignInChange.RecoveryCodeUsed), now);
            return Result.Done;
        });
        return result.IsDone;
    }
}
