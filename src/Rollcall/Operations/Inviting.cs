using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.Model;

namespace Rollcall.Operations;

/// <summary>A link that somebody opened, and what it was sent for. <paramref name="Organisation"/> is null for an invitation to support staff.</summary>
internal sealed record OpenedLink(LinkState State, Invitation? Invitation, User? User, Organisation? Organisation, Membership? Membership, string? InvitedBy)
{
    /// <summary>Whether whoever holds the link may come in this way: "password" or a provider's key.</summary>
    public bool Allows(RollcallOptions options, string way)
        => (way == SignInMethods.Password ? options.SignIn.Passwords : options.SignIn.Provider(way) is not null) && (Organisation?.SignInMethods?.Contains(way) ?? true);
}

internal enum SendAgainOutcome
{
    Sent,

    /// <summary>One was sent a moment ago, or too many were today.</summary>
    TooSoon,

    /// <summary>The person has registered, was removed or is paused.</summary>
    NotWaiting,

    /// <summary>Whoever asks may not give the role that the invitation is for.</summary>
    NotAllowed,
}

internal static class SendAgainOutcomes
{
    public const string TooSoon = "We sent you a link a short while ago. Check your inbox and your spam or junk folder before you ask for another one";
}

/// <summary>Sends links, finds out what a link is worth, and ends them. One link lives per membership: a newer one ends it.</summary>
internal sealed class Inviting(Db db, Secret secret, Managing managing, Recording recording, IOptions<RollcallOptions> options)
{
    public static readonly TimeSpan Apart = TimeSpan.FromSeconds(60);
    public const int MostADay = 5;

    private static readonly OpenedLink Nothing = new(LinkState.Unknown, null, null, null, null, null);

    /// <summary>A new link for this membership (null: to be support staff), in the caller's transaction, behind the organisation's lock. The caller queues its email.</summary>
    public async Task<Invitation> NewLinkAsync(User user, Guid? membership, Guid? by, DateTimeOffset now, CancellationToken cancellation)
    {
        await EndAsync(db.Invitations.Where(i => i.UserId == user.Id && i.MembershipId == membership), i => i.SupersededAt, now, cancellation);
        await ForgetWhatWasBegunAsync(user.Id, cancellation);
        var id = Guid.CreateVersion7(now);
        var invitation = new Invitation
        {
            Id = id,
            UserId = user.Id,
            MembershipId = membership,
            Email = user.Email,
            TokenHash = LinkToken.Hash(LinkToken.Of(secret, LinkToken.Invitation, id))!,
            InvitedBy = by,
            SentAt = now,
            ExpiresAt = options.Value.InvitationHours is { } hours ? now.AddHours(hours) : null,
        };
        db.Add(invitation);
        await db.SaveChangesAsync(cancellation);
        if (membership is not null)
            await db.Memberships.Where(m => m.Id == membership).ExecuteUpdateAsync(m => m.SetProperty(x => x.ExpiresAt, invitation.ExpiresAt), cancellation);
        return invitation;
    }

    /// <summary>What the link with this token is worth now. Changes nothing.</summary>
    public async Task<OpenedLink> FindAsync(string? token, DateTimeOffset now, CancellationToken cancellation)
    {
        if (LinkToken.Hash(token) is not { } hash)
            return Nothing;
        var found = await (
            from i in db.Invitations
            where i.TokenHash == hash
            join u in db.Users on i.UserId equals u.Id
            from m in db.Memberships.Where(m => m.Id == i.MembershipId).DefaultIfEmpty()
            from o in db.Organisations.Where(o => o.Id == m!.OrganisationId).DefaultIfEmpty()
            from inviter in db.Users.Where(b => b.Id == i.InvitedBy && b.SupportSince == null).DefaultIfEmpty()
            select new { Invitation = i, User = u, Membership = m, Organisation = o, By = inviter }).AsNoTracking().SingleOrDefaultAsync(cancellation);
        if (found is null)
            return Nothing;
        var state = found.Invitation.State(now);
        if (found.Membership?.RemovedAt is not null)
            state = LinkState.Withdrawn; // whatever had become of the link before
        else if (state == LinkState.Superseded && found.User.RegisteredAt is not null)
            state = LinkState.Used; // a newer one was; no more are sent
        else if (state is LinkState.Live or LinkState.Expired or LinkState.Superseded && (found.User.PausedAt ?? found.Membership?.PausedAt) is not null)
            state = LinkState.Paused;
        return new(state, found.Invitation, found.User, found.Organisation, found.Membership, found.By?.DisplayName);
    }

    /// <summary>
    /// Sends the invitation of a pending membership again, to the address that the person has now. At most one a minute and
    /// five a day, so that no mailbox is filled. An admin sends a new link with a new time limit. Someone who is not signed
    /// in has the live link sent once more: a new one would end a registration that is under way.
    /// </summary>
    /// <param name="by">Null: someone who is not signed in asked, or the person themself.</param>
    public async Task<SendAgainOutcome> SendAgainAsync(Guid membershipId, Viewer? by, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = db.Database.CurrentTransaction is null ? await db.Database.BeginTransactionAsync(cancellation) : null;
        var organisation = await (from m in db.Memberships where m.Id == membershipId join o in db.Organisations on m.OrganisationId equals o.Id select o).AsNoTracking().SingleOrDefaultAsync(cancellation);
        if (organisation is null)
            return SendAgainOutcome.NotWaiting;
        await db.LockAsync(organisation.Id, cancellation);
        var membership = await db.Memberships.AsNoTracking().SingleAsync(m => m.Id == membershipId, cancellation);
        var user = await db.Users.FromSql($"select * from users where id = {membership.UserId} for no key update").SingleAsync(cancellation);
        if (user.RegisteredAt is not null || (user.PausedAt ?? membership.PausedAt ?? membership.RemovedAt) is not null)
            return SendAgainOutcome.NotWaiting;
        if (by is not null && await managing.RefuseAsync(by, membership, cancellation) is not null)
            return SendAgainOutcome.NotAllowed;
        if (await IsTooSoonAsync(user, membershipId, now, cancellation))
            return SendAgainOutcome.TooSoon;
        var live = by is null ? await LiveLinkAsync(user, membershipId, now, cancellation) : null;
        if (by is not null)
            await db.Memberships.Where(m => m.Id == membershipId).ExecuteUpdateAsync(m => m.SetProperty(x => x.AccessBy, by.UserId), cancellation);
        if (live is null)
            await InviteAsync(user, organisation, membership, membership.AddedBy, now, cancellation);
        else
            await SendAsync(user, organisation, membership, live, membership.AddedBy, now, cancellation);
        recording.Add(AuditKinds.InvitationSentAgain, by, now, organisation.Id, user.Id, new { email = user.Email, link = live is null ? "new" : "same" });
        await db.SaveChangesAsync(cancellation);
        if (transaction is not null)
            await transaction.CommitAsync(cancellation);
        return SendAgainOutcome.Sent;
    }

    /// <summary>Sends whatever invitations wait for this mailbox once more, to it alone. Nobody is told whether there were any.</summary>
    public async Task SendAgainToAsync(EmailAddress address, DateTimeOffset now, CancellationToken cancellation)
    {
        var waiting = await (
            from u in db.Users
            where u.EmailKey == address.Key && u.RegisteredAt == null
            join m in db.Memberships on u.Id equals m.UserId
            where m.RemovedAt == null
            orderby m.AddedAt
            select m.Id).ToListAsync(cancellation);
        foreach (var membership in waiting)
            await SendAgainAsync(membership, null, now, cancellation);
    }

    private async Task<bool> IsTooSoonAsync(User user, Guid? membership, DateTimeOffset now, CancellationToken cancellation)
    {
        var today = await db.Invitations.AsNoTracking().Where(i => i.UserId == user.Id && i.Email == user.Email && i.SentAt > now.AddDays(-1)).ToListAsync(cancellation);
        // A link that is sent once more makes no new invitation: those sendings stand in the record.
        var again = await db.Database.SqlQuery<SentOnceMore>($"""
            select e.at as "At", m.id as "Membership" from audit_events e
            left join memberships m on m.user_id = e.user_id and m.organisation_id = e.organisation_id and m.removed_at is null
            where e.user_id = {user.Id} and e.at > {now.AddDays(-1)} and e.kind = {AuditKinds.InvitationSentAgain} and e.data->>'link' = 'same'
            """).ToListAsync(cancellation);
        return today.Count + again.Count >= MostADay
            || today.Exists(i => i.MembershipId == membership && i.SentAt > now - Apart)
            || again.Exists(e => e.Membership == membership && e.At > now - Apart);
    }

    private sealed record SentOnceMore(DateTimeOffset At, Guid? Membership);

    /// <summary>The link that works now, if it went to the address that the person has now.</summary>
    private async Task<Invitation?> LiveLinkAsync(User user, Guid? membership, DateTimeOffset now, CancellationToken cancellation)
    {
        var links = await db.Invitations.AsNoTracking()
            .Where(i => i.UserId == user.Id && i.MembershipId == membership && i.Email == user.Email).ToListAsync(cancellation);
        return links.Find(i => i.State(now) == LinkState.Live);
    }

    /// <summary>As <see cref="SendAgainAsync"/>, for an invitation to support staff.</summary>
    public async Task<SendAgainOutcome> SendToSupportAgainAsync(Guid userId, Viewer? by, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = db.Database.CurrentTransaction is null ? await db.Database.BeginTransactionAsync(cancellation) : null;
        var user = await db.Users.FromSql($"select * from users where id = {userId} for no key update").SingleAsync(cancellation);
        if (user.RegisteredAt is not null || user.PausedAt is not null || user.SupportSince is null)
            return SendAgainOutcome.NotWaiting;
        if (await IsTooSoonAsync(user, null, now, cancellation))
            return SendAgainOutcome.TooSoon;
        var live = by is null ? await LiveLinkAsync(user, null, now, cancellation) : null;
        if (live is null)
            await InviteToSupportAsync(user, by?.UserId, now, cancellation);
        else
            await SendToSupportAsync(user, live, now, cancellation);
        recording.Add(AuditKinds.InvitationSentAgain, by, now, null, user.Id, new { email = user.Email, link = live is null ? "new" : "same" });
        await db.SaveChangesAsync(cancellation);
        if (transaction is not null)
            await transaction.CommitAsync(cancellation);
        return SendAgainOutcome.Sent;
    }

    /// <summary>As <see cref="InviteAsync"/>, for somebody who is to be support staff and has no account yet.</summary>
    public async Task InviteToSupportAsync(User user, Guid? by, DateTimeOffset now, CancellationToken cancellation)
    {
        var link = await NewLinkAsync(user, null, by, now, cancellation);
        await SendToSupportAsync(user, link, now, cancellation);
    }

    private async Task SendToSupportAsync(User user, Invitation link, DateTimeOffset now, CancellationToken cancellation)
    {
        await Outbox.SupersedeSupportAdditionsAsync(db, user.Email, now, cancellation);
        Outbox.Enqueue(db, user.Email, new SupportAdded { FirstName = user.FirstName, LastName = user.LastName, InvitationId = link.Id, Until = link.ExpiresAt }, null, now);
        await db.SaveChangesAsync(cancellation);
    }

    /// <summary>The person is no longer support staff: the link is taken back, and what waits to tell them of it is not sent.</summary>
    public async Task WithdrawFromSupportAsync(User user, DateTimeOffset now, CancellationToken cancellation)
    {
        await Outbox.SupersedeSupportAdditionsAsync(db, user.Email, now, cancellation);
        if (await EndAsync(db.Invitations.Where(i => i.UserId == user.Id && i.MembershipId == null), i => i.WithdrawnAt, now, cancellation) > 0)
            await ForgetWhatWasBegunAsync(user.Id, cancellation);
    }

    /// <summary>Makes the link and queues its email, in the caller's transaction; what still waited with an older link is not sent.</summary>
    /// <param name="addedBy">Who added the person: they keep being named when support sends the link again.</param>
    public async Task InviteAsync(User user, Organisation organisation, Membership membership, Guid? addedBy, DateTimeOffset now, CancellationToken cancellation)
    {
        var link = await NewLinkAsync(user, membership.Id, addedBy, now, cancellation);
        await SendAsync(user, organisation, membership, link, addedBy, now, cancellation);
    }

    private async Task SendAsync(
        User user, Organisation organisation, Membership membership, Invitation link, Guid? addedBy, DateTimeOffset now, CancellationToken cancellation)
    {
        await Outbox.SupersedeAdditionsAsync(db, membership.Id, now, cancellation);
        var name = addedBy is null ? null : await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Id == addedBy && u.SupportSince == null, cancellation);
        Outbox.Enqueue(db, user.Email, Added.For(user, organisation, link, name?.DisplayName, Roles.Of(options.Value).ManagesUsers(membership.Role)), membership.Id, now);
        await db.SaveChangesAsync(cancellation);
    }

    /// <summary>The person was removed: the link is taken back.</summary>
    public async Task WithdrawAsync(Guid membership, Guid user, DateTimeOffset now, CancellationToken cancellation)
    {
        if (await EndAsync(db.Invitations.Where(i => i.MembershipId == membership), i => i.WithdrawnAt, now, cancellation) > 0)
            await ForgetWhatWasBegunAsync(user, cancellation);
    }

    /// <summary>The opposite of <see cref="WithdrawAsync"/> at this instant. A link that went to another address than the person has now stays ended: a new one goes out.</summary>
    public async Task RestoreAsync(User user, Organisation organisation, Membership membership, DateTimeOffset withdrawnAt, DateTimeOffset now, CancellationToken cancellation)
    {
        var restored = await db.Invitations.Where(i => i.MembershipId == membership.Id && i.WithdrawnAt == withdrawnAt && i.Email == user.Email)
            .ExecuteUpdateAsync(i => i.SetProperty(x => x.WithdrawnAt, (DateTimeOffset?)null).SetProperty(x => x.AcceptedAt, user.RegisteredAt), cancellation);
        if (restored == 0 && user.RegisteredAt is null && user.PausedAt is null)
            await InviteAsync(user, organisation, membership, membership.AddedBy, now, cancellation);
    }

    /// <summary>
    /// A password or second factor that was set through a link ends with the link: it may have been sent to the wrong mailbox. Nothing is taken
    /// from somebody who has registered.
    /// </summary>
    public Task ForgetWhatWasBegunAsync(Guid user, CancellationToken cancellation) => ForgetWhatWasBegunAsync(db, [user], cancellation);

    /// <summary>The same for many, who are locked in the order of their addresses.</summary>
    public static async Task ForgetWhatWasBegunAsync(Db db, Guid[] users, CancellationToken cancellation)
    {
        // A statement of its own: what waits for the lock inside the next one would not see a session that was begun meanwhile.
        await db.Database.ExecuteSqlAsync($"select from users where id = any({users}) order by email_key for no key update", cancellation);
        await db.Database.ExecuteSqlAsync($"""
        with begun as (
          update users set password_hash = null, password_set_at = null, mobile = null, mobile_confirmed_at = null, email_codes = false
          where id = any({users}) and registered_at is null returning id),
        gone_apps as (delete from authenticators where user_id in (select id from begun)),
        gone_passkeys as (delete from passkeys where user_id in (select id from begun)),
        gone_codes as (delete from recovery_codes where user_id in (select id from begun))
        delete from sessions where user_id in (select id from begun)
        """, cancellation);
    }

    /// <summary>The person has registered, by this link or another way: every link they were sent has done its work.</summary>
    public Task AcceptAllAsync(Guid user, DateTimeOffset now, CancellationToken cancellation)
        => EndAsync(db.Invitations.Where(i => i.UserId == user), i => i.AcceptedAt, now, cancellation);

    private static Task<int> EndAsync(IQueryable<Invitation> links, System.Linq.Expressions.Expression<Func<Invitation, DateTimeOffset?>> end, DateTimeOffset now, CancellationToken cancellation)
        => links.Where(i => i.AcceptedAt == null && i.WithdrawnAt == null && i.SupersededAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(end, (DateTimeOffset?)now), cancellation);
}
