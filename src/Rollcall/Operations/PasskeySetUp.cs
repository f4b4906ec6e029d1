using Microsoft.EntityFrameworkCore;
using Npgsql;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.Model;
using Rollcall.Security;

namespace Rollcall.Operations;

/// <summary>Adds and removes passkeys. The person is told by email each time.</summary>
internal sealed class PasskeySetUp(Db db, RecoveryCodes recovery, SecondFactors factors, AuditLog audit)
{
    /// <summary>Keeps a passkey that was checked. Whoever has no recovery codes yet gets them with it.</summary>
    /// <returns>False when it was added a moment ago; else the recovery codes, if there are new ones.</returns>
    public async Task<(bool Added, IReadOnlyList<string>? RecoveryCodes)> AddAsync(
        Viewer by,
        Guid session,
        Passkey passkey,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var user = await db
            .Users.FromSql($"select * from users where id = {passkey.UserId} for no key update")
            .SingleAsync(cancellation);
        user.KnownDevicesSince = now;
        db.Add(passkey);
        audit.Add(AuditKinds.PasskeyAdded, by, now, null, user.Id, new { name = passkey.Name });
        if (user.RegisteredAt is not null)
        {
            Tell(user, passkey, removed: false, now);
        }

        try
        {
            await db.SaveChangesAsync(cancellation);
        }
        catch (DbUpdateException e)
            when (e.InnerException is PostgresException { ConstraintName: "passkeys_credential_id_key" })
        {
            return (false, null);
        }
        await SecondFactors.EndSessionsWithoutAsync(db, user.Id, session, cancellation);
        var first =
            await recovery.LeftAsync(user.Id, cancellation) == 0
                ? await recovery.ReplaceAsync(user.Id, cancellation)
                : null;
        await transaction.CommitAsync(cancellation);
        return (true, first);
    }

    /// <summary>
    /// Removes one, unless it is the last second factor and one is demanded. Other devices that signed in with a passkey are signed out: the one
    /// that was lost may be among them.
    /// </summary>
    public async Task<Refusal?> RemoveAsync(
        Viewer by,
        Guid passkeyId,
        Guid exceptSession,
        bool demanded,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var user = await db
            .Users.FromSql($"select * from users where id = {by.UserId} for no key update")
            .SingleAsync(cancellation);
        if (
            await db.Passkeys.SingleOrDefaultAsync(p => p.Id == passkeyId && p.UserId == user.Id, cancellation)
            is not { } passkey
        )
        {
            return null;
        }

        var ways = await factors.OfAsync(user, cancellation);
        if (demanded && !(ways with { Passkeys = ways.Passkeys - 1 }).Any)
        {
            return new(
                null,
                "You need more than a password to sign in, and this passkey is the only other way you have. Add another way before you remove it"
            );
        }

        user.KnownDevicesSince = now;
        db.Remove(passkey);
        await db.Database.ExecuteSqlAsync(
            $"delete from sessions where user_id = {user.Id} and method = {SignInMethods.Passkey} and id <> {exceptSession}",
            cancellation
        );
        audit.Add(AuditKinds.PasskeyRemoved, by, now, null, user.Id, new { name = passkey.Name });
        Tell(user, passkey, removed: true, now);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return null;
    }

    private void Tell(User user, Passkey passkey, bool removed, DateTimeOffset now) =>
        Outbox.Enqueue(
            db,
            user.Email,
            new PasskeyChanged(passkey.Name, removed) { FirstName = user.FirstName, LastName = user.LastName },
            null,
            now
        );
}
