using Microsoft.EntityFrameworkCore;
using Rollcall.Data;

namespace Rollcall.Emails;

/// <summary>
/// The one way to send an email: a row beside the change it tells about, saved by the same SaveChanges. Either both exist or neither,
/// whenever the process dies; the <see cref="Postman"/> does the rest.
/// </summary>
internal static class Outbox
{
    public static OutgoingMessage Enqueue(DbContext db, string toAddress, Email email, Guid? membershipId, DateTimeOffset now)
    {
        var message = new OutgoingMessage
        {
            Id = Guid.CreateVersion7(now),
            Kind = email.Kind,
            Data = email.ToJson(),
            ToAddress = toAddress,
            MembershipId = membershipId,
            Priority = email.Priority,
            CreatedAt = now,
        };
        db.Add(message);
        return message;
    }

    private static readonly string[] Additions = ["added", "added-to-another"];

    /// <summary>
    /// What still waits to tell somebody that they were added is out of date: someone removed a minute later needs no welcome. Notices of other
    /// changes stay true and still go. Runs at once, in the transaction that is open.
    /// </summary>
    public static Task<int> SupersedeAdditionsAsync(DbContext db, Guid membership, DateTimeOffset now, CancellationToken cancellationToken) =>
        SupersedeAdditionsAsync(db, [membership], now, cancellationToken);

    /// <summary>The same for many.</summary>
    public static Task<int> SupersedeAdditionsAsync(DbContext db, Guid[] memberships, DateTimeOffset now, CancellationToken cancellationToken) =>
        db.Set<OutgoingMessage>()
            .Where(m => m.MembershipId != null && memberships.Contains(m.MembershipId.Value) && Additions.Contains(m.Kind) && m.SentAt == null && m.FailedAt == null && m.SupersededAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(m => m.SupersededAt, now), cancellationToken);

    /// <summary>The same for somebody who was added to the support staff.</summary>
    public static Task<int> SupersedeSupportAdditionsAsync(DbContext db, string toAddress, DateTimeOffset now, CancellationToken cancellationToken) =>
        db.Set<OutgoingMessage>()
            .Where(m => m.ToAddress == toAddress && m.Kind == "support-added" && m.SentAt == null && m.FailedAt == null && m.SupersededAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(m => m.SupersededAt, now), cancellationToken);

    /// <summary>What still waits to tell somebody that they were added goes to the address that they have now. Runs at once.</summary>
    public static Task ReaddressAdditionsAsync(DbContext db, Guid[] memberships, string toAddress, DateTimeOffset now, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"""
            with stopped as (
                update outgoing_messages set superseded_at = {now}
                where membership_id = any({memberships}) and kind = any({Additions}) and sent_at is null and failed_at is null and superseded_at is null
                returning kind, data, membership_id, priority)
            insert into outgoing_messages (id, kind, data, to_address, membership_id, priority, created_at)
            select uuidv7(), kind, data, {toAddress}, membership_id, priority, {now} from stopped
            """, cancellationToken);
}
