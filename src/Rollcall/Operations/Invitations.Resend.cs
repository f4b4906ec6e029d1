using Microsoft.EntityFrameworkCore;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.History;
using Rollcall.Model;

namespace Rollcall.Operations;

/// <summary>
/// Resending. At most one message a minute, and as many as <see cref="MessageLimits"/> says, so that no mailbox is
/// filled.
/// </summary>
internal sealed partial class Invitations
{
    public static readonly TimeSpan Apart = TimeSpan.FromSeconds(60);

    /// <summary>For a person who asks for their own link: whatever the limit is, the answer is the same.</summary>
    public static readonly Refusal AlreadySent = new(
        "",
        "There is already a link for you. It can take a few minutes to arrive. "
            + "Check your spam or junk folder before you ask for another one"
    );

    private static Refusal TooSoon(User user) =>
        new(
            "",
            $"There is already a new invitation for {user.Email}. Ask them to check their spam or junk folder, "
                + "and wait a few minutes before you resend it"
        );

    private static Refusal TooMany(User user) =>
        new("", $"We cannot send another invitation to {user.Email} for you today. Try again tomorrow");

    /// <summary>
    /// Sends the invitation of a pending membership again, to the address that the person has now. An admin sends a new
    /// link with a new time limit. A person who asks for their own has the live link sent once more: a new one would
    /// end a registration that is under way.
    /// </summary>
    /// <param name="actor">Without a viewer when the person themselves asked.</param>
    /// <returns>
    /// Unchanged when no one waits for the invitation: they have registered, were removed or are paused.
    /// </returns>
    public Task<Result> SendAgainAsync(Actor actor, Membership invited) =>
        db.InTransactionAsync<Result>(async () =>
        {
            await db.LockAsync(invited.OrganisationId);
            var organisation = await db.Organisations.AsNoTracking().SingleAsync(o => o.Id == invited.OrganisationId);
            var these = db.Memberships.Where(m => m.OrganisationId == invited.OrganisationId && m.Id == invited.Id);
            var membership = await these.AsNoTracking().SingleAsync();
            var user = await LockUserAsync(membership.UserId);
            var seen = user.SeenFrom(membership);
            var isPausedOrRemoved = (seen.PausedAt ?? membership.PausedAt ?? membership.RemovedAt) is not null;
            if (seen.RegisteredAt is not null || isPausedOrRemoved)
            {
                return Result.Unchanged;
            }

            if (actor.Viewer is not null && await policy.RefuseAsync(actor, membership) is { } refusal)
            {
                return refusal;
            }

            if (await RefuseAsync(actor, user, membership.Id) is { } tooOften)
            {
                return tooOften;
            }

            var live = actor.Viewer is null ? await LiveLinkAsync(user, membership.Id, actor.Now) : null;
            if (actor.UserId is { } giver)
            {
                await these.ExecuteUpdateAsync(m => m.SetProperty(x => x.AccessBy, giver));
            }

            var addedBy = membership.AddedBy;
            var link = live ?? await NewLinkAsync(user, membership, addedBy, actor.Now);
            await SendAsync(user, organisation, membership, link, addedBy, actor.UserId, actor.Now);
            await RecordSendingAsync(actor, organisation.Id, user, isNew: live is null);
            return Result.Done;
        });

    /// <summary>Why the actor may not resend the invitation of this membership; null when they may.</summary>
    public Task<Refusal?> RefuseToSendAsync(
        Actor actor,
        Membership membership,
        CancellationToken cancellation = default
    ) => policy.RefuseAsync(actor, membership, cancellation);

    /// <summary>As <see cref="SendAgainAsync"/>, for an invitation to the support team.</summary>
    public Task<Result> SendToSupportAgainAsync(Actor actor, Guid userId) =>
        db.InTransactionAsync<Result>(async () =>
        {
            var user = await LockUserAsync(userId);
            if (user is not { RegisteredAt: null, PausedAt: null, SupportSince: not null })
            {
                return Result.Unchanged;
            }

            if (await RefuseAsync(actor, user, membershipId: null) is { } tooOften)
            {
                return tooOften;
            }

            var live = actor.Viewer is null ? await LiveLinkAsync(user, null, actor.Now) : null;
            var link = live ?? await NewLinkAsync(user, null, actor.UserId, actor.Now);
            await SendToSupportAsync(user, link, actor.UserId, actor.Now);
            await RecordSendingAsync(actor, null, user, isNew: live is null);
            return Result.Done;
        });

    /// <summary>
    /// Sends every invitation that waits for this mailbox once more, to it alone. No one is told whether there were
    /// any.
    /// </summary>
    public async Task SendAgainToAsync(
        EmailAddress address,
        DateTimeOffset now,
        CancellationToken cancellation = default
    )
    {
        var waiting = await db
            .Memberships.AsNoTracking()
            .Where(m => m.RemovedAt == null && m.User.EmailKey == address.Key && m.User.RegisteredAt == null)
            .OrderBy(m => m.AddedAt)
            .ToListAsync(cancellation);
        foreach (var membership in waiting)
        {
            await SendAgainAsync(new(null, now), membership);
        }
    }

    private Task<User> LockUserAsync(Guid userId) =>
        db.Users.FromSql($"select * from users where id = {userId} for no key update").SingleAsync();

    private async Task RecordSendingAsync(Actor actor, Guid? organisationId, User user, bool isNew)
    {
        audit.Add(actor, new InvitationResent(user.Email, Link: isNew ? "new" : "same"), organisationId, user.Id);
        await db.SaveChangesAsync();
    }

    private async Task<Refusal?> RefuseAsync(Actor actor, User user, Guid? membershipId)
    {
        var moment = actor.Now - Apart;
        // Counted in messages: a link that is sent once more makes no new invitation.
        var isTooSoon = await db.OutgoingMessages.AnyAsync(m =>
            m.ToKey == user.EmailKey
            && m.MembershipId == membershipId
            && MessageLimits.Invitations.Contains(m.Kind)
            && m.CreatedAt > moment
        );
        if (isTooSoon)
        {
            return actor.Viewer is null ? AlreadySent : TooSoon(user);
        }

        // Support has no more invitations to a mailbox than others here.
        var full = await db.FullMailboxesAsync([user.EmailKey], actor.Now);
        var isTooMany =
            full.Count > 0
            || await db.RefuseMessagesAsync(
                options.Value.Limits,
                actor.Viewer,
                [new(user.Email, IsInvitation: true)],
                actor.Now
            )
                is not null;
        if (!isTooMany)
        {
            return null;
        }

        return actor.Viewer is null ? AlreadySent : TooMany(user);
    }

    /// <summary>The link that works now, if it went to the address that the person has now.</summary>
    private async Task<Invitation?> LiveLinkAsync(User user, Guid? membershipId, DateTimeOffset now)
    {
        var links = await db
            .Invitations.AsNoTracking()
            .Where(i => i.UserId == user.Id && i.MembershipId == membershipId && i.Email == user.Email)
            .ToListAsync();
        return links.Find(i => i.State(now) == LinkState.Live);
    }
}
