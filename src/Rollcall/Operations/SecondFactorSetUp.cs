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
internal sealed class SecondFactorSetUp(Db db, NewSecondFactorCheck check, RecoveryCodes recovery, AuditLog audit)
{
    public static readonly Refusal LastOne = new(
        null,
        "Your organisation needs you to use a security code. "
            + "Set up another way to get codes before you remove this one"
    );

    /// <summary>Sends the code that proves a number or mailbox.</summary>
    public Task<Result> SendCodeAsync(User user, NewSecondFactor what) => check.SendCodeAsync(user, what);

    /// <summary>
    /// With the right code, the second factor counts from now on. Sessions that were begun with the password alone end,
    /// except the one that sets it up.
    /// </summary>
    public async Task<SetUpOutcome> FinishAsync(Actor actor, Guid session, NewSecondFactor what, string? typed) =>
        string.IsNullOrWhiteSpace(typed)
            ? new("Enter the security code")
            : await db.InTransactionAsync<SetUpOutcome>(async () =>
            {
                var user = await LockAsync(actor);
                if (await check.CheckAsync(user, what, typed, actor.Now) is { } error)
                {
                    return new(error);
                }

                user.KnownDevicesSince = actor.Now;
                await db.EndSessionsAsync(user.Id, SignInMethods.Password, except: session);
                var codes = await recovery.FirstAsync(user.Id);
                audit.Add(actor, new SecondFactorAdded(what.Way), user: user.Id);
                if (user.RegisteredAt is not null)
                {
                    Outbox.Enqueue(db, user, new SignInChanged(Added(what.Kind)), actor.Now);
                }

                return new(null, what.Kind.Method, codes);
            });

    /// <summary>Removes a way to get codes, unless it is the last second factor and one is demanded.</summary>
    public Task<Result> RemoveAsync(Actor actor, SecondFactorKind kind, bool demanded) =>
        db.InTransactionAsync(async () =>
        {
            var user = await LockAsync(actor);
            var factors = await SecondFactors.OfAsync(db, user, CancellationToken.None);
            if (!kind.IsIn(factors))
            {
                return Result.Unchanged;
            }

            if (demanded && !factors.AnyBut(kind))
            {
                return LastOne;
            }

            user.KnownDevicesSince = actor.Now;
            if (kind == SecondFactorKind.Authenticator)
            {
                await db.Database.ExecuteSqlAsync($"delete from authenticators where user_id = {user.Id}");
            }
            else if (kind == SecondFactorKind.Text)
            {
                user.MobileConfirmedAt = null;
            }
            else
            {
                user.EmailCodes = false;
            }

            audit.Add(actor, new SecondFactorRemoved(kind.Key), user: user.Id);
            Outbox.Enqueue(db, user, new SignInChanged(SignInChange.SecondFactorRemoved), actor.Now);
            return Result.Done;
        });

    private Task<User> LockAsync(Actor actor) =>
        db.Users.FromSql($"select * from users where id = {actor.UserId} for no key update").SingleAsync();

    private static SignInChange Added(SecondFactorKind kind) =>
        kind == SecondFactorKind.Authenticator ? SignInChange.AuthenticatorAdded
        : kind == SecondFactorKind.Text ? SignInChange.TextsAdded
        : SignInChange.EmailCodesAdded;
}
