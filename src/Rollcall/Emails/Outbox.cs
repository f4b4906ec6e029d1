using Microsoft.EntityFrameworkCore;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Model;

namespace Rollcall.Emails;

/// <summary>
/// The one way to send an email: a row saved in the same SaveChanges as the change that it announces. Whenever the
/// process dies, either both exist or neither. The <see cref="Postman"/> does the rest.
/// </summary>
internal static class Outbox
{
    /// <summary>To a person, by name.</summary>
    /// <param name="causedBy">Who causes it, if that is not the recipient: see MessageLimits.</param>
    public static OutgoingMessage Enqueue(
        DbContext db,
        User to,
        Email email,
        DateTimeOffset now,
        Guid? membershipId = null,
        Guid? causedBy = null
    )
    {
        var named = email with { FirstName = to.FirstName, LastName = to.LastName };
        return Enqueue(db, to.Email, named, membershipId, now, causedBy);
    }

    /// <param name="causedBy">Who causes it, if that is not the recipient: see MessageLimits.</param>
    public static OutgoingMessage Enqueue(
        DbContext db,
        string toAddress,
        Email email,
        Guid? membershipId,
        DateTimeOffset now,
        Guid? causedBy = null
    )
    {
        var message = new OutgoingMessage
        {
            Id = Guid.CreateVersion7(now),
            Kind = email.Kind,
            Data = email.ToJson(),
            ToAddress = toAddress,
            ToKey = EmailAddress.TryParse(toAddress, out var address) ? address.Key : toAddress,
            CausedBy = causedBy,
            MembershipId = membershipId,
            Priority = email.Priority,
            CreatedAt = now,
        };
        db.Add(message);
        return message;
    }

    /// <summary>
    /// Delays the message, by the database's clock. Runs at once in the open transaction, after the message was saved.
    /// </summary>
    public static Task HoldAsync(DbContext db, OutgoingMessage message, TimeSpan length) =>
        db.Database.ExecuteSqlAsync(
            $"update outgoing_messages set available_at = now() + {length} where id = {message.Id}"
        );

    /// <summary>Cancels the email about the end of this membership, unless it has been sent or is being sent.</summary>
    /// <returns>Whether it was in time.</returns>
    public static async Task<bool> RecallRemovalAsync(DbContext db, Guid membership, DateTimeOffset now) =>
        await db.Database.ExecuteSqlAsync(
            $"""
            update outgoing_messages set superseded_at = {now}, ended_because = {Endings.Undone}
            where membership_id = {membership} and kind = 'removed' and attempts = 0
              and sent_at is null and failed_at is null and superseded_at is null
            """
        ) > 0;

    /// <summary>
    /// Cancels emails about removals for a person who was added again before they were sent. Runs at once.
    /// </summary>
    public static Task SupersedeRemovalsAsync(DbContext db, Guid organisation, Guid[] users, DateTimeOffset now) =>
        db.Database.ExecuteSqlAsync(
            $"""
            update outgoing_messages m set superseded_at = {now}, ended_because = {Endings.Undone} from memberships gone
            where gone.organisation_id = {organisation} and gone.user_id = any({users}) and gone.removed_at is not null
              and m.membership_id = gone.id and m.kind = 'removed'
              and m.sent_at is null and m.failed_at is null and m.superseded_at is null
            """
        );

    /// <summary>
    /// Reverses <see cref="SupersedeAdditionsAsync"/> for this instant.
    /// </summary>
    public static Task RestoreAdditionsAsync(DbContext db, Guid membership, DateTimeOffset supersededAt) =>
        db.Set<OutgoingMessage>()
            .Where(m => m.MembershipId == membership && Additions.Contains(m.Kind))
            .Where(m => m.SentAt == null && m.FailedAt == null && m.SupersededAt == supersededAt)
            .ExecuteUpdateAsync(set =>
                set.SetProperty(m => m.SupersededAt, (DateTimeOffset?)null)
                    .SetProperty(m => m.EndedBecause, (string?)null)
            );

    private static readonly string[] Additions = ["added", "added-to-another", "reminder"];
    private static readonly string[] Movable = [.. Additions, "removed"];

    /// <summary>
    /// Cancels emails that still wait to tell people that they were added: someone removed a minute later needs no
    /// welcome. Emails about other changes stay true and are still sent. Runs at once in the open transaction.
    /// </summary>
    /// <param name="because">One of <see cref="Endings"/>.</param>
    public static Task<int> SupersedeAdditionsAsync(
        DbContext db,
        Guid[] memberships,
        string because,
        DateTimeOffset now
    ) =>
        db.Set<OutgoingMessage>()
            .Where(m =>
                m.MembershipId != null && memberships.Contains(m.MembershipId.Value) && Additions.Contains(m.Kind)
            )
            .Where(m => m.SentAt == null && m.FailedAt == null && m.SupersededAt == null)
            .ExecuteUpdateAsync(set =>
                set.SetProperty(m => m.SupersededAt, now).SetProperty(m => m.EndedBecause, because)
            );

    /// <summary>The same for a person who was added to the support staff.</summary>
    public static Task<int> SupersedeSupportAdditionsAsync(
        DbContext db,
        string toAddress,
        string because,
        DateTimeOffset now
    ) =>
        db.Set<OutgoingMessage>()
            .Where(m => m.ToAddress == toAddress && m.Kind == "support-added")
            .Where(m => m.SentAt == null && m.FailedAt == null && m.SupersededAt == null)
            .ExecuteUpdateAsync(set =>
                set.SetProperty(m => m.SupersededAt, now).SetProperty(m => m.EndedBecause, because)
            );

    /// <summary>
    /// Sends emails that still wait to tell a person that they were added or removed to their new address. Runs at
    /// once.
    /// </summary>
    public static Task ReaddressAsync(DbContext db, Guid user, string toAddress, DateTimeOffset now)
    {
        var key = EmailAddress.TryParse(toAddress, out var address) ? address.Key : toAddress;
        return db.Database.ExecuteSqlAsync(
            $"""
            with stopped as (
                update outgoing_messages m set superseded_at = {now}, ended_because = {Endings.Readdressed}
                from memberships s
                where s.user_id = {user} and m.membership_id = s.id and m.kind = any({Movable})
                  and m.sent_at is null and m.failed_at is null and m.superseded_at is null
                returning m.*)
            insert into outgoing_messages
                (id, kind, data, to_address, to_key, membership_id,
                 priority, created_at, available_at, caused_by, bulk_organisation_id)
            -- The beginning of the id holds the time: the new message keeps its place in the order.
            select (left(id::text, 24) || right(gen_random_uuid()::text, 12))::uuid, kind, data, {toAddress}, {key},
                membership_id, priority, {now}, available_at, caused_by, bulk_organisation_id
            from stopped
            """
        );
    }
}
