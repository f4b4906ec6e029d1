using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.History;
using Rollcall.Model;

namespace Rollcall.Operations;

/// <summary>
/// Decides about people who have not signed in for a long time. Each decision is recorded, with who made it and when,
/// for an organisation that must show it.
/// </summary>
internal sealed class AccessReviews(Db db, RemoveMember removeMember, MemberPolicy policy, AuditLog audit)
{
    /// <summary>
    /// Keeps these people: they are not asked about again until as much time has passed. Anyone who has left, or whom
    /// the actor may not act on, is passed over.
    /// </summary>
    /// <returns>Those who were kept.</returns>
    public Task<Result<Guid[]>> KeepAsync(Actor actor, Guid organisationId, IReadOnlyCollection<Guid> userIds) =>
        db.InTransactionAsync<Result<Guid[]>>(async () =>
        {
            await db.LockAsync(organisationId);
            var within = await policy.WithinReachAsync(actor.Viewer!, organisationId, userIds);
            var kept = await db
                .Memberships.Include(m => m.User)
                .Where(m =>
                    m.OrganisationId == organisationId
                    && within.Contains(m.UserId)
                    && m.RemovedAt == null
                    && m.UserId != actor.UserId
                    && !m.Awaited // they have not come: the review never lists them, and the history must not name them
                )
                .ToListAsync();
            foreach (var member in kept)
            {
                member.ReviewedAt = actor.Now;
                member.ReviewedBy = actor.UserId;
                var reviewed = new AccessReviewed(Kept: true, member.User.DisplayName);
                audit.Add(actor, reviewed, organisationId, member.UserId);
            }

            return kept.Select(member => member.UserId).ToArray();
        });

    /// <summary>As <see cref="RemoveMember.RemoveAsync"/>; the history says that it came of a review.</summary>
    public Task<Result<User>> RemoveAsync(Actor actor, Organisation organisation, Guid userId) =>
        removeMember.RemoveAsync(actor, organisation, userId, afterReview: true);
}
