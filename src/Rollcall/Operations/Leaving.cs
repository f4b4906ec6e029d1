using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.Model;

namespace Rollcall.Operations;

/// <summary>Ends a membership. The person stays known, and belongs to their other organisations as before.</summary>
internal sealed class Leaving(Db db, Inviting inviting, Managing managing, Recording recording)
{
    public static readonly Refusal Yourself = new(null, "You cannot remove yourself");

    /// <summary>Removes, records and queues the email, in a transaction of its own. Somebody who is removed already stays removed, and hears nothing twice.</summary>
    /// <returns>The person, if this call removed them; or why not.</returns>
    public async Task<(User? Removed, Refusal? Refusal)> RemoveAsync(Viewer by, Organisation organisation, Guid userId, DateTimeOffset now, CancellationToken cancellation)
    {
        if (by.Is(userId))
            return (null, Yourself);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.LockAsync(organisation.Id, cancellation);
        var membership = await db.Memberships.SingleOrDefaultAsync(m => m.OrganisationId == organisation.Id && m.UserId == userId && m.RemovedAt == null, cancellation);
        if (membership is null)
            return (null, null);
        if (await managing.RefuseAsync(by, membership, cancellation) is { } refusal)
            return (null, refusal);
        // Read behind the lock: the email must not go to an address that was changed a moment ago.
        var user = await db.Users.FromSql($"select * from users where id = {userId} for share").AsNoTracking().SingleAsync(cancellation);
        (membership.RemovedAt, membership.RemovedBy) = (now, by.UserId);
        await Outbox.SupersedeAdditionsAsync(db, membership.Id, now, cancellation);
        await inviting.WithdrawAsync(membership.Id, userId, now, cancellation);
        recording.Add(AuditKinds.Removed, by, now, organisation.Id, userId);
        Outbox.Enqueue(db, user.Email, EmailFor(organisation, user), membership.Id, now);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return (user, null);
    }

    /// <summary>The email that removing <paramref name="user"/> sends.</summary>
    private static Removed EmailFor(Organisation organisation, User user)
        => new Removed(organisation.Name, EverSignedIn: user.RegisteredAt is not null) { FirstName = user.FirstName, LastName = user.LastName };
}
