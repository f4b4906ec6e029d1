using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Model;

namespace Rollcall.Operations;

internal static class MailedLinks
{
    /// <summary>At least this long between two links to one person.</summary>
    public static readonly TimeSpan Apart = TimeSpan.FromSeconds(60);

    public static readonly Refusal Ended = new(null, "This link has been used already, replaced or has expired");

    /// <summary>
    /// Ends the links to a new password or address when either changes, in the caller's transaction. An intruder may
    /// have asked for them, and the mailbox they are in may belong to another person now.
    /// </summary>
    public static async Task EndMailedLinksAsync(this Db db, Guid user, DateTimeOffset now)
    {
        await db
            .PasswordResets.Where(r => r.UserId == user && r.UsedAt == null)
            .ExecuteUpdateAsync(r => r.SetProperty(x => x.UsedAt, now));
        await db
            .AddressChanges.Where(c => c.UserId == user && c.EndedAt == null)
            .ExecuteUpdateAsync(c => c.SetProperty(x => x.EndedAt, now));
    }
}
