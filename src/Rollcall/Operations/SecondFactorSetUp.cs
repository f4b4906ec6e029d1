using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.History;
using Rollcall.Model;
using Rollcall.Security;

namespace Rollcall.Operations;

/// <param name="Error">What is wrong with the code. Not a refusal: the try must stay counted.</param>
/// <param name="Method">How the session counts from now on: one of <see cref="SignInMethods"/>.</param>
/// <param name="RecoveryCodes">With the first second factor.</param>
internal sealed record SetUpOutcome(string? Error, string? Method = null, IReadOnlyList<string>? RecoveryCodes = null)
    : IResult
{
    Refusal? IResult.Refusal => null;
}

/// <summary>Sets up and removes second factors. The person is told by email each time.</summary>
internal sealed class SecondFactorSetUp(
    Db db,
    SecondFactorProof proof,
    RecoveryCodes recovery,
    SecondFactors factors,
    AuditLog audit
)
{
    public static readonly Refusal LastOne = new(
        null,
        "Your organisation needs you to use a security code. "
            + "Set up another way to get codes before you remove this one"
    );

    /// <summary>Sends the code that proves a number or mailbox.</summary>
    public Task<Result> SendCodeAsync(User user, SettingUp what) => proof.SendCodeAsync(user, what);

    /// <summary>
    /// With the right code, the second factor counts from now on. Sessions that were begun with the password alone end,
    /// except the one that sets it up.
    /// </summary>
    public async Task<SetUpOutcome> FinishAsync(Actor actor, Guid session, SettingUp what, string? typed) =>
        string.IsNullOrWhiteSpace(typed)
            ? new("Enter the security code")
            : await db.InTransactionAsync<SetUpOutcome>(async () =>
            {
                var user = await LockAsync(actor);
                if (await proof.CheckAsync(user, what, typed, actor.Now) is { } error)
                {
                    return new(error);
                }

                user.KnownDevicesSince = actor.Now;
                await db.EndSessionsAsync(user.Id, SignInMethods.Password, except: session);
                var codes = await recovery.FirstAsync(user.Id);
                audit.Add(actor, new SecondFactorAdded(what.Way), user: user.Id);
                if (user.RegisteredAt is not null)
                {
                    Outbox.Enqueue(db, user, new SignInChanged(Added(what.Way)), actor.Now);
                }

                return new(null, SignInMethods.PasswordAnd(what.Way), codes);
            });

    /// <summary>Removes a way to get codes, unless it is the last second factor and one is demanded.</summary>
    public Task<Result> RemoveAsync(Actor actor, string way, bool demanded) =>
        db.InTransactionAsync(async () =>
        {
            var user = await LockAsync(actor);
            var ways = await factors.OfAsync(user, CancellationToken.None);
            var after = way switch
            {
                SecondFactors.Authenticator => ways with { Authenticator = false },
                SecondFactors.Text => ways with { Mobile = null },
                _ => ways with { Email = false },
            };
            if (after == ways)
            {
                return Result.Unchanged;
            }

            if (demanded && !after.Any)
            {
                return LastOne;
            }

            user.KnownDevicesSince = actor.Now;
            switch (way)
            {
                case SecondFactors.Authenticator:
                    await db.Database.ExecuteSqlAsync($"delete from authenticators where user_id = {user.Id}");
                    break;
                case SecondFactors.Text:
                    user.MobileConfirmedAt = null;
                    break;
                default:
                    user.EmailCodes = false;
                    break;
            }

            audit.Add(actor, new SecondFactorRemoved(way), user: user.Id);
            Outbox.Enqueue(db, user, new SignInChanged(SignInChange.SecondFactorRemoved), actor.Now);
            return Result.Done;
        });

    private Task<User> LockAsync(Actor actor) =>
        db.Users.FromSql($"select * from users where id = {actor.UserId} for no key update").SingleAsync();

    private static SignInChange Added(string way) =>
        way switch
        {
            SecondFactors.Authenticator => SignInChange.AuthenticatorAdded,
            SecondFactors.Text => SignInChange.TextsAdded,
            _ => SignInChange.EmailCodesAdded,
        };
}
