using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.History;
using Rollcall.Model;

namespace Rollcall.Operations;

/// <summary>
/// Ends a membership, and undoes that. The account stays, and so do the person's other organisations.
/// </summary>
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

    /// <summary>Removes the member, records it and queues the email.</summary>
    /// <param name="afterReview">An admin decided it in an access review: the history says so.</param>
    /// <returns>The person as the organisation saw them; unchanged when they were removed before.</returns>
    public async Task<Result<User>> RemoveAsync(
        Actor actor,
        Organisation organisation,
        Guid userId,
        bool afterReview = false
    ) =>
        actor.Is(userId)
            ? Yourself
            : await db.InTransactionAsync<Result<User>>(async () =>
            {
                var member = await db.LockMemberAsync(organisation.Id, userId);
                if (member is null)
                {
                    return Result<User>.Unchanged;
                }

                if (await policy.RefuseAsync(actor, member) is { } refusal)
                {
                    return refusal;
                }

                var user = await db.Users.AsNoTracking().SingleAsync(u => u.Id == userId);
                var seen = user.SeenFrom(member);
                member.RemovedAt = actor.Now;
                member.RemovedBy = actor.UserId;
                await Outbox.SupersedeAdditionsAsync(db, [member.Id], Endings.Removed, actor.Now);
                await invitations.WithdrawAsync(member, userId, actor.Now);
                if (afterReview)
                {
                    var reviewed = new AccessReviewed(Kept: false, seen.DisplayName);
                    audit.Add(actor, reviewed, organisation.Id, userId);
                }

                audit.Add(actor, new MemberRemoved(), organisation.Id, userId);
                var email = new Removed(organisation.Name, EverSignedIn: seen.RegisteredAt is not null);
                var queued = Outbox.Enqueue(db, user, email, actor.Now, member.Id, actor.UserId);
                await db.SaveChangesAsync();
                await Outbox.HoldAsync(db, queued, undoFor);
                return seen;
            });

    /// <summary>The person whom the actor removed a short while ago; null when there is nothing to undo.</summary>
    public async Task<User?> RemovedLatelyAsync(
        Actor actor,
        Guid organisationId,
        Guid userId,
        CancellationToken cancellation
    )
    {
        var since = actor.Now - undoFor;
        var removed = await RemovedBy(actor, organisationId, userId)
            .AsNoTracking()
            .Include(m => m.User)
            .Where(m => m.RemovedAt > since && m.User.MergedInto == null)
            .OrderByDescending(m => m.RemovedAt)
            .FirstOrDefaultAsync(cancellation);
        return removed?.User.SeenFrom(removed);
    }

    /// <summary>
    /// Undoes a removal by the actor before the person hears of it: role, areas, link and history are as they were.
    /// Once the email is on its way, it is too late.
    /// </summary>
    /// <returns>The person, who belongs to the organisation again, or still does after a second click.</returns>
    public Task<Result<User>> UndoAsync(Actor actor, Organisation organisation, Guid userId) =>
        db.InTransactionAsync<Result<User>>(async () =>
        {
            await db.LockAsync(organisation.Id);
            var user = await db
                .Users.FromSql($"select * from users where id = {userId} for no key update")
                .AsNoTracking()
                .SingleAsync();
            if (user.MergedInto is not null)
            {
                return TooLate;
            }

            var here = await db
                .Memberships.AsNoTracking()
                .SingleOrDefaultAsync(m =>
                    m.OrganisationId == organisation.Id && m.UserId == userId && m.RemovedAt == null
                );
            if (here is not null)
            {
                return user.SeenFrom(here);
            }

            var removed = await RemovedBy(actor, organisation.Id, userId)
                .OrderByDescending(m => m.RemovedAt)
                .FirstOrDefaultAsync();
            if (removed?.RemovedAt is not { } removedAt || removedAt <= actor.Now - undoFor)
            {
                return TooLate;
            }

            if (await policy.RefuseAsync(actor, removed) is { } refusal)
            {
                return refusal;
            }

            if (!await Outbox.RecallRemovalAsync(db, removed.Id, actor.Now))
            {
                return TooLate;
            }

            removed.RemovedAt = null;
            removed.RemovedBy = null;
            audit.Add(actor, new RemovalUndone(), organisation.Id, userId);
            await db.SaveChangesAsync();
            await Outbox.RestoreAdditionsAsync(db, removed.Id, removedAt);
            await invitations.RestoreAsync(user, organisation, removed, removedAt, actor.Now);
            return user.SeenFrom(removed);
        });

    private IQueryable<Membership> RemovedBy(Actor actor, Guid organisationId, Guid userId) =>
        db.Memberships.Where(m =>
            m.OrganisationId == organisationId
            && m.UserId == userId
            && m.RemovedBy == actor.UserId
            && m.RemovedAt != null
        );
}
