using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Model;

namespace Rollcall.Operations;

/// <summary>For somebody who cannot find their invitation, or signed in with another address than the invited one.</summary>
internal sealed class FindingInvitations(Db db, Inviting inviting)
{
    /// <summary>One email a minute and five a day, whoever asks: the form is open to everybody.</summary>
    private static readonly TimeSpan Apart = TimeSpan.FromMinutes(1);
    private const int PerDay = 5;

    /// <summary>Sends the invitation that waits for this mailbox once more, to that mailbox alone. Nothing for anybody else; nobody is told which.</summary>
    public async Task SendAgainAsync(EmailAddress address, DateTimeOffset now, CancellationToken cancellation)
    {
        var membership = await (
            from u in db.Users
            where u.EmailKey == address.Key && u.RegisteredAt == null && u.PausedAt == null
            join m in db.Memberships on u.Id equals m.UserId
            where m.RemovedAt == null && m.PausedAt == null
            orderby m.AddedAt descending
            select new { m.Id, m.UserId }).FirstOrDefaultAsync(cancellation);
        if (membership is null)
            return;
        var lately = await db.Invitations.Where(i => i.UserId == membership.UserId && i.SentAt > now.AddDays(-1)).Select(i => i.SentAt).ToListAsync(cancellation);
        if (lately.Count >= PerDay || lately.Any(sent => sent > now - Apart))
            return;
        await inviting.SendAgainAsync(membership.Id, null, now, cancellation);
    }
}
