using Microsoft.EntityFrameworkCore;
using Rollcall.Data;

namespace Rollcall.Operations;

internal static class MailedLinks
{
    /// <summary>
    /// Links to a new password or to another address end, in the caller's transaction, when either changes: whoever asked for them may have been
    /// the reason, and they may lie in a mailbox that is somebody else's by now.
    /// </summary>
    public static async Task EndMailedLinksAsync(
        this Db db,
        Guid user,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        await db
            .PasswordResets.Where(r => r.UserId == user && r.UsedAt == null)
            .ExecuteUpdateAsync(r => r.SetProperty(x => x.UsedAt, now), cancellation);
        await db
            .AddressChanges.Where(c => c.UserId == user && c.EndedAt == null)
            .ExecuteUpdateAsync(c => c.SetProperty(x => x.EndedAt, now), cancellation);
    }
}
