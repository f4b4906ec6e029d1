using Microsoft.EntityFrameworkCore;
using Rollcall.Emails;
using Rollcall.Model;

namespace Rollcall.Operations;

/// <summary>Invitations to the support team, which belong to no organisation.</summary>
internal sealed partial class Invitations
{
    /// <summary>As <see cref="InviteAsync"/>, for a support user who has no account yet.</summary>
    public async Task InviteToSupportAsync(User user, Guid? by, DateTimeOffset now)
    {
        var link = await NewLinkAsync(user, null, by, now);
        await SendToSupportAsync(user, link, by, now);
    }

    private async Task SendToSupportAsync(User user, Invitation link, Guid? causedBy, DateTimeOffset now)
    {
        await Outbox.SupersedeSupportAdditionsAsync(db, user.Email, Endings.Newer, now);
        var adder = link.InvitedBy is not { } by
            ? null
            : await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Id == by && u.SupportSince != null);
        var email = new SupportAdded
        {
            InvitationId = link.Id,
            Until = link.ExpiresAt,
            AddedBy = adder?.DisplayName,
        };
        Outbox.Enqueue(db, user, email, now, causedBy: causedBy);
        await db.SaveChangesAsync();
    }

    /// <summary>The person is no longer a support user: their link ends, and an email that waits is not sent.</summary>
    public async Task WithdrawFromSupportAsync(User user, DateTimeOffset now)
    {
        await Outbox.SupersedeSupportAdditionsAsync(db, user.Email, Endings.Removed, now);
        var links = db.Invitations.Where(i => i.UserId == user.Id && i.MembershipId == null);
        if (await EndAsync(links, i => i.WithdrawnAt, now) > 0)
        {
            await UnfinishedRegistrations.ClearAsync(db, [user.Id]);
        }
    }
}
