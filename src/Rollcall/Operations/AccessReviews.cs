using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Model;

namespace Rollcall.Operations;

/// <summary>
/// Looking at who has not signed in for a long time and no longer needs access. What was decided, by whom and when is in the record, for whoever
/// must show it.
/// </summary>
internal sealed class AccessReviews(Db db, RemoveMember removeMember, MemberPolicy policy, AuditLog audit)
{
    /// <summary>
    /// Keeps these people: they are not asked about again until as much time has passed. Anyone who has left, or whom the reviewer may not act on,
    /// is passed over.
    /// </summary>
    /// <returns>How many.</returns>
    public async Task<int> KeepAsync(
        Viewer by,
        Guid organisation,
        IReadOnlyCollection<Guid> users,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.LockAsync(organisation, cancellation);
        var viewer = by.UserId;
        users = [.. await policy.WithinReachAsync(by, organisation, users, cancellation)];
        var kept = await (
            from m in db.Memberships
            where
                m.OrganisationId == organisation
                && users.Contains(m.UserId)
                && m.RemovedAt == null
                && m.UserId != viewer
                && !m.Awaited // never listed: they have not come, and the record must not name them
            join u in db.Users on m.UserId equals u.Id
            select new { Membership = m, User = u }
        ).ToListAsync(cancellation);
        foreach (var (membership, name) in kept.Select(k => (k.Membership, k.User.SeenFrom(k.Membership).DisplayName)))
        {
            (membership.ReviewedAt, membership.ReviewedBy) = (now, by.UserId);
            audit.Add(AuditKinds.AccessReviewed, by, now, organisation, membership.UserId, new { kept = true, name });
        }
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return kept.Count;
    }

    /// <summary>As <see cref="RemoveMember.RemoveAsync"/>; the record says that it came of a review.</summary>
    public Task<(User? Removed, Refusal? Refusal)> RemoveAsync(
        Viewer by,
        Organisation organisation,
        Guid user,
        DateTimeOffset now,
        CancellationToken cancellation
    ) => removeMember.RemoveAsync(by, organisation, user, now, cancellation, afterReview: true);
}
