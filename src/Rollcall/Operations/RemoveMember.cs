using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.Model;

namespace Rollcall.Operations;

/// <summary>Ends a membership, and takes that back. The person stays known, and belongs to their other organisations as before.</summary>
internal sealed class RemoveMember(
    Db db,
    Invitations invitations,
    MemberPolicy policy,
    AuditLog audit,
    IOptions<RollcallOptions> options
)
{
    public static readonly Refusal Yourself = new(null, "You cannot remove yourself");
    public static readonly Refusal TooLate = new(null, "It is too late to undo this");

    private readonly TimeSpan undoFor = TimeSpan.FromMinutes(options.Value.UndoMinutes);

    /// <summary>Removes, records and queues the email, in a transaction of its own. Somebody who is removed already stays removed, and hears nothing twice.</summary>
    /// <param name="afterReview">Somebody decided it who looked at everybody that has not signed in for long; the record says so.</param>
    /// <returns>The person, if this call removed them; or why not.</returns>
    public async Task<(User? Removed, Refusal? Refusal)> RemoveAsync(
        Viewer by,
        Organisation organisation,
        Guid userId,
        DateTimeOffset now,
        CancellationToken cancellation,
        bool afterReview = false
    )
    {
        if (by.Is(userId))
        {
            return (null, Yourself);
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.LockAsync(organisation.Id, cancellation);
        var membership = await db.Memberships.SingleOrDefaultAsync(
            m => m.OrganisationId == organisation.Id && m.UserId == userId && m.RemovedAt == null,
            cancellation
        );
        if (membership is null)
        {
            return (null, null);
        }

        if (await policy.RefuseAsync(by, membership, cancellation) is { } refusal)
        {
            return (null, refusal);
        }
        // Read behind the lock: the email must not go to an address that was changed a moment ago.
        var user = await db
            .Users.FromSql($"select * from users where id = {userId} for share")
            .AsNoTracking()
            .SingleAsync(cancellation);
        (membership.RemovedAt, membership.RemovedBy) = (now, by.UserId);
        var seen = user.SeenFrom(membership);
        await Outbox.SupersedeAdditionsAsync(db, membership.Id, Endings.Removed, now, cancellation);
        await invitations.WithdrawAsync(membership.Id, userId, now, cancellation);
        if (afterReview)
        {
            audit.Add(
                AuditKinds.AccessReviewed,
                by,
                now,
                organisation.Id,
                userId,
                new { kept = false, name = seen.DisplayName }
            );
        }

        audit.Add(AuditKinds.Removed, by, now, organisation.Id, userId);
        var email = Outbox.Enqueue(
            db,
            user.Email,
            EmailFor(organisation, user, everCame: seen.RegisteredAt is not null),
            membership.Id,
            now,
            by.UserId
        );
        await db.SaveChangesAsync(cancellation);
        await Outbox.HoldAsync(db, email, undoFor, cancellation);
        await transaction.CommitAsync(cancellation);
        return (seen, null);
    }

    /// <summary>The person whom this viewer removed from the organisation a short while ago; null when there is nothing to undo.</summary>
    public async Task<User?> RemovedLatelyAsync(
        Viewer by,
        Guid organisation,
        Guid userId,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        var since = now - undoFor;
        var removed = RemovedBy(by.UserId, organisation, userId);
        var found = await (
            from m in removed.AsNoTracking()
            where m.RemovedAt > since
            join u in db.Users.AsNoTracking() on m.UserId equals u.Id
            where u.MergedInto == null
            orderby m.RemovedAt descending
            select new { User = u, Membership = m }
        ).FirstOrDefaultAsync(cancellation);
        return found?.User.SeenFrom(found.Membership);
    }

    /// <summary>
    /// Takes back a removal by this viewer before the person hears of it: role, areas, link and history are as they were. The email that still waits
    /// decides: once it is on its way, it is too late.
    /// </summary>
    /// <returns>The person, who belongs to the organisation (also when this was done before); or why not.</returns>
    public async Task<(User? Back, Refusal? Refusal)> UndoAsync(
        Viewer by,
        Organisation organisation,
        Guid userId,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.LockAsync(organisation.Id, cancellation);
        var user = await db
            .Users.FromSql($"select * from users where id = {userId} for no key update")
            .AsNoTracking()
            .SingleAsync(cancellation);
        if (user.MergedInto is not null)
        {
            return (null, TooLate);
        }

        var here = db
            .Memberships.AsNoTracking()
            .Where(m => m.OrganisationId == organisation.Id && m.UserId == userId && m.RemovedAt == null);
        if (await here.SingleOrDefaultAsync(cancellation) is { } back)
        {
            return (user.SeenFrom(back), null);
        }

        if (
            await RemovedBy(by.UserId, organisation.Id, userId)
                .OrderByDescending(m => m.RemovedAt)
                .FirstOrDefaultAsync(cancellation)
                is not { RemovedAt: { } removedAt } membership
            || removedAt <= now - undoFor
        )
        {
            return (null, TooLate);
        }

        if (await policy.RefuseAsync(by, membership, cancellation) is { } refusal)
        {
            return (null, refusal);
        }

        if (!await Outbox.RecallRemovalAsync(db, membership.Id, now, cancellation))
        {
            return (null, TooLate);
        }

        (membership.RemovedAt, membership.RemovedBy) = (null, null);
        audit.Add(AuditKinds.RemovalUndone, by, now, organisation.Id, userId);
        await db.SaveChangesAsync(cancellation);
        await Outbox.RestoreAdditionsAsync(db, membership.Id, removedAt, cancellation);
        await invitations.RestoreAsync(user, organisation, membership, removedAt, now, cancellation);
        await transaction.CommitAsync(cancellation);
        return (user.SeenFrom(membership), null);
    }

    private IQueryable<Membership> RemovedBy(Guid remover, Guid organisation, Guid userId) =>
        db.Memberships.Where(m =>
            m.OrganisationId == organisation && m.UserId == userId && m.RemovedBy == remover && m.RemovedAt != null
        );

    /// <summary>The email that removing <paramref name="user"/> sends.</summary>
    private static Removed EmailFor(Organisation organisation, User user, bool everCame) =>
        new Removed(organisation.Name, EverSignedIn: everCame) { FirstName = user.FirstName, LastName = user.LastName };
}
