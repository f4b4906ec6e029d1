using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.Model;
using Rollcall.Security;

namespace Rollcall.Operations;

/// <summary>A link that somebody opened, and what it was sent for. <paramref name="Organisation"/> is null for an invitation to support staff.</summary>
internal sealed record OpenedLink(
    LinkState State,
    Invitation? Invitation,
    User? User,
    Organisation? Organisation,
    Membership? Membership,
    string? InvitedBy
)
{
    /// <summary>Whether whoever holds the link may come in this way: "password" or a provider's key.</summary>
    public bool Allows(RollcallOptions options, string way) =>
        (way == SignInMethods.Password ? options.SignIn.Passwords : options.SignIn.Provider(way) is not null)
        && (Organisation?.SignInMethods?.Contains(way) ?? true);
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

    /// <summary>The mailbox gets, or whoever asks has caused, as many emails as a day allows.</summary>
    TooMany,
}

internal static class SendAgainOutcomes
{
    public const string TooSoon =
        "There is already a link for you. It can take a few minutes to arrive. Check your spam or junk folder before you ask for another one";
}

/// <summary>Issues, looks up and revokes invitation links; one live link per membership.</summary>
internal sealed class Invitations(
    Db db,
    Secret secret,
    MemberPolicy policy,
    AuditLog audit,
    IOptions<RollcallOptions> options
)
{
    public static readonly TimeSpan Apart = TimeSpan.FromSeconds(60);

    private static readonly OpenedLink Nothing = new(LinkState.Unknown, null, null, null, null, null);

    /// <summary>A new link for this membership (null: to be support staff), in the caller's transaction, behind the organisation's lock. The caller queues its email.</summary>
    public async Task<Invitation> NewLinkAsync(
        User user,
        Guid? membership,
        Guid? by,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        await EndAsync(
            db.Invitations.Where(i => i.UserId == user.Id && i.MembershipId == membership),
            i => i.SupersededAt,
            now,
            cancellation
        );
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
        {
            await db.Database.ExecuteSqlAsync(
                $"update memberships set expires_at = {invitation.ExpiresAt}, late = false where id = {membership}",
                cancellation
            );
        }

        return invitation;
    }

    /// <summary>What the link with this token is worth now. Changes nothing.</summary>
    public async Task<OpenedLink> FindAsync(string? token, DateTimeOffset now, CancellationToken cancellation)
    {
        if (LinkToken.Hash(token) is not { } hash)
        {
            return Nothing;
        }

        var found = await (
            from i in db.Invitations
            where i.TokenHash == hash
            join u in db.Users on i.UserId equals u.Id
            from m in db.Memberships.Where(m => m.Id == i.MembershipId).DefaultIfEmpty()
            from o in db.Organisations.Where(o => o.Id == m!.OrganisationId).DefaultIfEmpty()
            from inviter in db.Users.Where(b => b.Id == i.InvitedBy && b.SupportSince == null).DefaultIfEmpty()
            select new
            {
                Invitation = i,
                User = u,
                Membership = m,
                Organisation = o,
                By = inviter,
            }
        )
            .AsNoTracking()
            .SingleOrDefaultAsync(cancellation);
        if (found is null)
        {
            return Nothing;
        }

        var state = found.Invitation.State(now);
        if (found.Membership?.RemovedAt is not null)
        {
            state = LinkState.Withdrawn; // whatever had become of the link before
        }
        else if (
            state is LinkState.Live or LinkState.Expired or LinkState.Superseded
            && found.User.RegisteredAt is not null
        )
        {
            state = LinkState.Used; // by a newer one, or they came another way
        }
        else if (
            state is LinkState.Live or LinkState.Expired or LinkState.Superseded
            && (found.User.PausedAt ?? found.Membership?.PausedAt) is not null
        )
        {
            state = LinkState.Paused;
        }

        return new(state, found.Invitation, found.User, found.Organisation, found.Membership, found.By?.DisplayName);
    }

    /// <summary>
    /// Sends the invitation of a pending membership again, to the address that the person has now. At most one a minute, and
    /// as many as <see cref="MessageLimits"/> says, so that no mailbox is filled. An admin sends a new link with a new time limit. Someone who is not signed
    /// in has the live link sent once more: a new one would end a registration that is under way.
    /// </summary>
    /// <param name="by">Null: someone who is not signed in asked, or the person themself.</param>
    public async Task<SendAgainOutcome> SendAgainAsync(
        Guid membershipId,
        Viewer? by,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        await using var transaction = db.Database.CurrentTransaction is null
            ? await db.Database.BeginTransactionAsync(cancellation)
            : null;
        var organisation = await (
            from m in db.Memberships
            where m.Id == membershipId
            join o in db.Organisations on m.OrganisationId equals o.Id
            select o
        )
            .AsNoTracking()
            .SingleOrDefaultAsync(cancellation);
        if (organisation is null)
        {
            return SendAgainOutcome.NotWaiting;
        }

        await db.LockAsync(organisation.Id, cancellation);
        var membership = await db.Memberships.AsNoTracking().SingleAsync(m => m.Id == membershipId, cancellation);
        var user = await db
            .Users.FromSql($"select * from users where id = {membership.UserId} for no key update")
            .SingleAsync(cancellation);
        var seen = user.SeenFrom(membership);
        if (seen.RegisteredAt is not null || (seen.PausedAt ?? membership.PausedAt ?? membership.RemovedAt) is not null)
        {
            return SendAgainOutcome.NotWaiting;
        }

        if (by is not null && await policy.RefuseAsync(new Actor(by, now), membership, cancellation) is not null)
        {
            return SendAgainOutcome.NotAllowed;
        }

        if (await RefuseAsync(user, membershipId, by, now, cancellation) is { } tooMuch)
        {
            return tooMuch;
        }

        var live = by is null ? await LiveLinkAsync(user, membershipId, now, cancellation) : null;
        if (by is not null)
        {
            await db
                .Memberships.Where(m => m.Id == membershipId)
                .ExecuteUpdateAsync(m => m.SetProperty(x => x.AccessBy, by.UserId), cancellation);
        }

        if (live is null)
        {
            await InviteAsync(user, organisation, membership, membership.AddedBy, now, cancellation, by?.UserId);
        }
        else
        {
            await SendAsync(user, organisation, membership, live, membership.AddedBy, by?.UserId, now, cancellation);
        }

        audit.Add(
            AuditKinds.InvitationSentAgain,
            by,
            now,
            organisation.Id,
            user.Id,
            new { email = user.Email, link = live is null ? "new" : "same" }
        );
        await db.SaveChangesAsync(cancellation);
        if (transaction is not null)
        {
            await transaction.CommitAsync(cancellation);
        }

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
            select m.Id
        ).ToListAsync(cancellation);
        foreach (var membership in waiting)
        {
            await SendAgainAsync(membership, null, now, cancellation);
        }
    }

    private async Task<SendAgainOutcome?> RefuseAsync(
        User user,
        Guid? membership,
        Viewer? by,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        var moment = now - Apart; // counted in messages: a link that is sent once more makes no new invitation
        if (
            await db.OutgoingMessages.AnyAsync(
                m =>
                    m.ToKey == user.EmailKey
                    && m.MembershipId == membership
                    && MessageLimits.Invitations.Contains(m.Kind)
                    && m.CreatedAt > moment,
                cancellation
            )
        )
        {
            return SendAgainOutcome.TooSoon;
        }

        if ((await db.FullMailboxesAsync([user.EmailKey], now, cancellation)).Count > 0) // support has no more than others here
        {
            return by is null ? SendAgainOutcome.TooSoon : SendAgainOutcome.TooMany;
        }

        return await db.RefuseMessagesAsync(
                options.Value.Limits,
                by,
                [new(user.Email, IsInvitation: true)],
                now,
                cancellation
            )
                is null
                ? null
            : by is null ? SendAgainOutcome.TooSoon
            : SendAgainOutcome.TooMany;
    }

    /// <summary>The link that works now, if it went to the address that the person has now.</summary>
    private async Task<Invitation?> LiveLinkAsync(
        User user,
        Guid? membership,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        var links = await db
            .Invitations.AsNoTracking()
            .Where(i => i.UserId == user.Id && i.MembershipId == membership && i.Email == user.Email)
            .ToListAsync(cancellation);
        return links.Find(i => i.State(now) == LinkState.Live);
    }

    /// <summary>As <see cref="SendAgainAsync"/>, for an invitation to support staff.</summary>
    public async Task<SendAgainOutcome> SendToSupportAgainAsync(
        Guid userId,
        Viewer? by,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        await using var transaction = db.Database.CurrentTransaction is null
            ? await db.Database.BeginTransactionAsync(cancellation)
            : null;
        var user = await db
            .Users.FromSql($"select * from users where id = {userId} for no key update")
            .SingleAsync(cancellation);
        if (user.RegisteredAt is not null || user.PausedAt is not null || user.SupportSince is null)
        {
            return SendAgainOutcome.NotWaiting;
        }

        if (await RefuseAsync(user, null, by, now, cancellation) is { } tooMuch)
        {
            return tooMuch;
        }

        var live = by is null ? await LiveLinkAsync(user, null, now, cancellation) : null;
        if (live is null)
        {
            await InviteToSupportAsync(user, by?.UserId, now, cancellation);
        }
        else
        {
            await SendToSupportAsync(user, live, by?.UserId, now, cancellation);
        }

        audit.Add(
            AuditKinds.InvitationSentAgain,
            by,
            now,
            null,
            user.Id,
            new { email = user.Email, link = live is null ? "new" : "same" }
        );
        await db.SaveChangesAsync(cancellation);
        if (transaction is not null)
        {
            await transaction.CommitAsync(cancellation);
        }

        return SendAgainOutcome.Sent;
    }

    /// <summary>As <see cref="InviteAsync"/>, for somebody who is to be support staff and has no account yet.</summary>
    public async Task InviteToSupportAsync(User user, Guid? by, DateTimeOffset now, CancellationToken cancellation)
    {
        var link = await NewLinkAsync(user, null, by, now, cancellation);
        await SendToSupportAsync(user, link, by, now, cancellation);
    }

    private async Task SendToSupportAsync(
        User user,
        Invitation link,
        Guid? causedBy,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        await Outbox.SupersedeSupportAdditionsAsync(db, user.Email, Endings.Newer, now, cancellation);
        var adder = link.InvitedBy is not { } by
            ? null
            : await db
                .Users.AsNoTracking()
                .SingleOrDefaultAsync(u => u.Id == by && u.SupportSince != null, cancellation);
        var email = new SupportAdded
        {
            FirstName = user.FirstName,
            LastName = user.LastName,
            InvitationId = link.Id,
            Until = link.ExpiresAt,
            AddedBy = adder?.DisplayName,
        };
        Outbox.Enqueue(db, user.Email, email, null, now, causedBy);
        await db.SaveChangesAsync(cancellation);
    }

    /// <summary>The person is no longer support staff: the link is taken back, and what waits to tell them of it is not sent.</summary>
    public async Task WithdrawFromSupportAsync(User user, DateTimeOffset now, CancellationToken cancellation)
    {
        await Outbox.SupersedeSupportAdditionsAsync(db, user.Email, Endings.Removed, now, cancellation);
        if (
            await EndAsync(
                db.Invitations.Where(i => i.UserId == user.Id && i.MembershipId == null),
                i => i.WithdrawnAt,
                now,
                cancellation
            ) > 0
        )
        {
            await ForgetWhatWasBegunAsync(user.Id, cancellation);
        }
    }

    /// <summary>
    /// Makes the link and queues its email, in the caller's transaction; what still waited with an older link is not sent. A person who has an
    /// account is told without a link; the invitation is noted all the same, so that the organisation sees no difference.
    /// </summary>
    /// <param name="addedBy">Who added the person: they keep being named when support sends the link again.</param>
    /// <param name="causedBy">Who makes it leave now; null when the person asked for it.</param>
    public async Task InviteAsync(
        User user,
        Organisation organisation,
        Membership membership,
        Guid? addedBy,
        DateTimeOffset now,
        CancellationToken cancellation,
        Guid? causedBy = null
    )
    {
        var link = await NewLinkAsync(user, membership.Id, addedBy, now, cancellation);
        await SendAsync(user, organisation, membership, link, addedBy, causedBy, now, cancellation);
    }

    private async Task SendAsync(
        User user,
        Organisation organisation,
        Membership membership,
        Invitation link,
        Guid? addedBy,
        Guid? causedBy,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        await Outbox.SupersedeAdditionsAsync(db, membership.Id, Endings.Newer, now, cancellation);
        var name = addedBy is null
            ? null
            : await db
                .Users.AsNoTracking()
                .SingleOrDefaultAsync(u => u.Id == addedBy && u.SupportSince == null, cancellation);
        var providers = options.Value.SignIn.OnlyProviders(organisation.SignInMethods);
        Email email = user.RegisteredAt is null
            ? new AddedToOrganisation(organisation.Id, organisation.Name, name?.DisplayName)
            {
                FirstName = user.FirstName,
                LastName = user.LastName,
                InvitationId = link.Id,
                Until = link.ExpiresAt,
                ManagesUsers = Roles.Of(options.Value).ManagesUsers(membership.Role),
                SignsInWith = providers,
            }
            : new AddedToAnother(organisation.Id, organisation.Name, name?.DisplayName)
            {
                FirstName = user.FirstName,
                LastName = user.LastName,
                SignsInWith = providers,
            };
        if (user.PausedAt is null || membership.Awaited) // a paused account gets no email, unless its silence would show
        {
            Outbox.Enqueue(db, user.Email, email, membership.Id, now, causedBy);
        }

        await db.SaveChangesAsync(cancellation);
    }

    /// <summary>The person was removed: the link is taken back.</summary>
    public async Task WithdrawAsync(
        Guid membership,
        Guid user,
        DateTimeOffset now,
        CancellationToken cancellation = default
    )
    {
        if (
            await EndAsync(
                db.Invitations.Where(i => i.MembershipId == membership),
                i => i.WithdrawnAt,
                now,
                cancellation
            ) > 0
        )
        {
            await ForgetWhatWasBegunAsync(user, cancellation);
        }
    }

    /// <summary>
    /// The opposite of <see cref="WithdrawAsync"/> at this instant. A link that went to another address than the person
    /// has now, or that was made with another secret, stays ended: a new one goes out.
    /// </summary>
    public async Task RestoreAsync(
        User user,
        Organisation organisation,
        Membership membership,
        DateTimeOffset withdrawnAt,
        DateTimeOffset now,
        CancellationToken cancellation = default
    )
    {
        var restored = await db
            .Invitations.Where(i =>
                i.MembershipId == membership.Id && i.WithdrawnAt == withdrawnAt && i.SupersededAt == null
            )
            .Where(i => i.Email == user.Email)
            .ExecuteUpdateAsync(
                i =>
                    i.SetProperty(x => x.WithdrawnAt, (DateTimeOffset?)null)
                        .SetProperty(x => x.AcceptedAt, user.SeenFrom(membership).RegisteredAt),
                cancellation
            );
        if (restored == 0 && user.SeenFrom(membership) is { RegisteredAt: null, PausedAt: null })
        {
            await InviteAsync(user, organisation, membership, membership.AddedBy, now, cancellation);
        }
    }

    /// <summary>
    /// A password or second factor that was set through a link ends with the link: it may have been sent to the wrong mailbox. Nothing is taken
    /// from somebody who has registered.
    /// </summary>
    public Task ForgetWhatWasBegunAsync(Guid user, CancellationToken cancellation) =>
        ForgetWhatWasBegunAsync(db, [user], cancellation);

    /// <summary>The same for many, who are locked in the order of their addresses.</summary>
    public static async Task ForgetWhatWasBegunAsync(Db db, Guid[] users, CancellationToken cancellation)
    {
        // A statement of its own: what waits for the lock inside the next one would not see a session that was begun meanwhile.
        await db.Database.ExecuteSqlAsync(
            $"select from users where id = any({users}) order by email_key for no key update",
            cancellation
        );
        await db.Database.ExecuteSqlAsync(
            $"""
            with begun as (
              update users set password_hash = null, password_set_at = null, mobile = null, mobile_confirmed_at = null, email_codes = false
              where id = any({users}) and registered_at is null returning id),
            gone_apps as (delete from authenticators where user_id in (select id from begun)),
            gone_passkeys as (delete from passkeys where user_id in (select id from begun)),
            gone_codes as (delete from recovery_codes where user_id in (select id from begun))
            delete from sessions where user_id in (select id from begun)
            """,
            cancellation
        );
    }

    /// <summary>The person came to these organisations another way than by the links they were sent, which have done their work.</summary>
    public Task AcceptAsync(
        IReadOnlyCollection<Guid> memberships,
        DateTimeOffset now,
        CancellationToken cancellation
    ) =>
        EndAsync(
            db.Invitations.Where(i => memberships.Contains(i.MembershipId!.Value)),
            i => i.AcceptedAt,
            now,
            cancellation
        );

    /// <summary>
    /// The person has registered, by this link or another way: every link they were sent has done its work, except to
    /// where they have not come yet.
    /// </summary>
    public Task AcceptAllAsync(Guid user, DateTimeOffset now, CancellationToken cancellation)
    {
        var links = db.Invitations.Where(i =>
            i.UserId == user && !db.Memberships.Any(m => m.Id == i.MembershipId && m.Awaited)
        );
        return EndAsync(links, i => i.AcceptedAt, now, cancellation);
    }

    private static Task<int> EndAsync(
        IQueryable<Invitation> links,
        System.Linq.Expressions.Expression<Func<Invitation, DateTimeOffset?>> end,
        DateTimeOffset now,
        CancellationToken cancellation
    ) =>
        links
            .Where(i => i.AcceptedAt == null && i.WithdrawnAt == null && i.SupersededAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(end, (DateTimeOffset?)now), cancellation);
}
