using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.History;
using Rollcall.Model;

namespace Rollcall.Operations;

/// <summary>What resending the expired invitations came to.</summary>
/// <param name="Sent">How many were sent.</param>
/// <param name="TooSoon">How many wait: their mailbox got one a moment ago, or five today.</param>
/// <param name="Above">How many are for more access than the sender may give.</param>
internal sealed record Resent(int Sent, int TooSoon, int Above);

/// <summary>
/// Resends every expired invitation of an organisation, as <see cref="Invitations.SendAgainAsync"/> does for one: in
/// the name of the person who added them, and to no mailbox that got one a moment ago or five today.
/// </summary>
internal sealed class ResendExpired(Db db, MemberPolicy policy, BulkSending sending)
{
    /// <summary>As many as a list has; those first that expired first.</summary>
    public const int MostAtOnce = 10_000;

    private sealed record Expired(Membership Membership, string? AddedBy, bool TooSoon);

    public Task<Result<Resent>> SendAsync(Actor actor, Organisation organisation) =>
        db.InTransactionAsync<Result<Resent>>(async () =>
        {
            await db.LockAsync(organisation.Id);
            var users = await LockPeopleAsync(actor, organisation.Id);
            var within = await policy.WithinReachAsync(actor.Viewer!, organisation.Id, users.Keys);
            var full = await db.FullMailboxesAsync([.. users.Values.Select(u => u.EmailKey)], actor.Now);
            var expired = await ExpiredAsync(actor, organisation.Id, [.. users.Keys]);
            var above = expired.RemoveAll(e => !within.Contains(e.Membership.UserId));
            var again = expired
                .Where(e => !e.TooSoon && !full.Contains(users[e.Membership.UserId].EmailKey))
                .Select(e => InviteeOf(e, users[e.Membership.UserId], actor.Now))
                .ToList();
            if (await sending.RefuseAsync(actor, organisation, again.Count) is { } refusal)
            {
                return refusal;
            }

            var memberships = again.Select(i => i.MembershipId).ToArray();
            await db.Database.ExecuteSqlAsync(
                $"""
                update invitations set superseded_at = {actor.Now}
                where organisation_id = {organisation.Id} and membership_id = any({memberships})
                  and accepted_at is null and withdrawn_at is null and superseded_at is null
                """
            );
            await Outbox.SupersedeAdditionsAsync(db, memberships, Endings.Newer, actor.Now);
            await sending.InviteAsync(actor, organisation, again);
            await sending.TellAsync(actor, organisation, again);
            await sending.RecordAsync(
                actor,
                organisation,
                again,
                one => new InvitationResent(one.User.Email, Role: one.Role)
            );
            return new Resent(again.Count, expired.Count - again.Count, above);
        });

    private Task<Dictionary<Guid, User>> LockPeopleAsync(Actor actor, Guid organisationId) =>
        db
            .Users.FromSql(
                $"""
                select * from users where id in (
                  select user_id from memberships
                  where organisation_id = {organisationId} and removed_at is null and standing = 'waiting'
                    and expires_at <= {actor.Now}
                  order by expires_at, id limit {MostAtOnce})
                order by email_key for no key update
                """
            )
            .AsNoTracking()
            .ToDictionaryAsync(u => u.Id);

    private Task<List<Expired>> ExpiredAsync(Actor actor, Guid organisationId, Guid[] userIds)
    {
        var moment = actor.Now - Invitations.Apart;
        return (
            from m in db.Memberships.AsNoTracking()
            where
                m.OrganisationId == organisationId
                && userIds.Contains(m.UserId)
                && m.RemovedAt == null
                && m.PausedAt == null
                && m.ExpiresAt <= actor.Now
            select new Expired(
                m,
                db.Users.Where(u => u.Id == m.AddedBy && u.SupportSince == null)
                    .Select(u => (u.FirstName ?? "") + " " + (u.LastName ?? ""))
                    .FirstOrDefault(),
                db.Invitations.Any(i =>
                    i.OrganisationId == m.OrganisationId && i.MembershipId == m.Id && i.SentAt > moment
                )
            )
        ).ToListAsync();
    }

    private static BulkInvitee InviteeOf(Expired expired, User user, DateTimeOffset now)
    {
        var membership = expired.Membership;
        return new(
            null,
            user,
            membership.Id,
            Guid.CreateVersion7(now),
            membership.Role,
            membership.AddedBy,
            string.IsNullOrWhiteSpace(expired.AddedBy) ? null : expired.AddedBy.Trim(),
            membership.Awaited
        );
    }
}
