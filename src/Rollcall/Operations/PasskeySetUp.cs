using Microsoft.EntityFrameworkCore;
using Npgsql;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.History;
using Rollcall.Model;
using Rollcall.Security;

namespace Rollcall.Operations;

/// <param name="RecoveryCodes">With the person's first second factor; else null.</param>
internal sealed record AddedPasskey(User User, IReadOnlyList<string>? RecoveryCodes);

/// <summary>Adds and removes passkeys. The person is told by email each time.</summary>
internal sealed class PasskeySetUp(Db db, RecoveryCodes recovery, AuditLog audit)
{
    public static readonly Refusal NotAdded = new(null, "The passkey has not been added. Try again");

    public static readonly Refusal LastOne = new(
        null,
        "You need more than a password to sign in, and this passkey is the only other way you have. "
            + "Add another way before you remove it"
    );

    /// <summary>
    /// Saves a passkey that was checked. Sessions that were begun with the password alone end, except the one that adds
    /// it.
    /// </summary>
    public Task<Result<AddedPasskey>> AddAsync(Actor actor, Guid session, Passkey passkey) =>
        db.InTransactionAsync<Result<AddedPasskey>>(async () =>
        {
            var user = await LockAsync(actor);
            user.KnownDevicesSince = actor.Now;
            db.Add(passkey);
            audit.Add(actor, new PasskeyAdded(passkey.Name), user: user.Id);
            if (user.RegisteredAt is not null)
            {
                Outbox.Enqueue(db, user, new PasskeyChanged(passkey.Name, false), actor.Now);
            }

            try
            {
                await db.SaveChangesAsync();
            }
            catch (DbUpdateException e)
                when (e.InnerException is PostgresException { ConstraintName: "passkeys_credential_id_key" })
            {
                return NotAdded; // the same one, a moment ago
            }

            await db.EndSessionsAsync(user.Id, SignInMethods.Password, except: session);
            return new AddedPasskey(user, await recovery.FirstAsync(user.Id));
        });

    /// <summary>
    /// Removes a passkey, unless it is the last second factor and one is demanded. Other devices that signed in with a
    /// passkey are signed out: the lost one may be among them.
    /// </summary>
    public Task<Result> RemoveAsync(Actor actor, Guid passkeyId, Guid exceptSession, bool demanded) =>
        db.InTransactionAsync(async () =>
        {
            var user = await LockAsync(actor);
            var passkey = await db.Passkeys.SingleOrDefaultAsync(p => p.Id == passkeyId && p.UserId == user.Id);
            if (passkey is null)
            {
                return Result.Unchanged;
            }

            var factors = await SecondFactors.OfAsync(db, user, CancellationToken.None);
            if (demanded && factors.Passkeys == 1 && !factors.AnyBut(SecondFactorKind.Passkey))
            {
                return LastOne;
            }

            user.KnownDevicesSince = actor.Now;
            db.Remove(passkey);
            await db.EndSessionsAsync(user.Id, SignInMethods.Passkey, exceptSession);
            audit.Add(actor, new PasskeyRemoved(passkey.Name), user: user.Id);
            Outbox.Enqueue(db, user, new PasskeyChanged(passkey.Name, true), actor.Now);
            return Result.Done;
        });

    private Task<User> LockAsync(Actor actor) =>
        db.Users.FromSql($"select * from users where id = {actor.UserId} for no key update").SingleAsync();
}
