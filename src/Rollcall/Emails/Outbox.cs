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

    /// <summary>
    /// What still waits to be sent about a membership is out of date and will not be: someone removed a minute after being added needs no
    /// welcome. Runs at once, in the transaction that is open. Returns how many it stopped.
    /// </summary>
    public static Task<int> SupersedeAsync(DbContext db, Guid membershipId, DateTimeOffset now, CancellationToken cancellationToken) =>
        db.Set<OutgoingMessage>()
            .Where(m => m.MembershipId == membershipId && m.SentAt == null && m.FailedAt == null && m.SupersededAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(m => m.SupersededAt, now), cancellationToken);
}
