using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.Model;
using Rollcall.Security;

namespace Rollcall.Operations;

/// <summary>Issues, looks up and revokes invitation links; one live link per membership.</summary>
internal sealed partial class Invitations(
    Db db,
    Secret secret,
    MemberPolicy policy,
    AuditLog audit,
    IOptions<RollcallOptions> options
)
{
    /// <summary>
    /// Makes a new link, which ends the older ones. Runs in the caller's transaction, behind the organisation's lock.
    /// The caller queues its email.
    /// </summary>
    /// <param name="membership">Null for an invitation to the support team.</param>
    public async Task<Invitation> NewLinkAsync(User user, Membership? membership, Guid? by, DateTimeOffset now)
    {
        var membershipId = membership?.Id;
        var older = db.Invitations.Where(i => i.UserId == user.Id && i.MembershipId == membershipId);
        await EndAsync(older, i => i.SupersededAt, now);
        await UnfinishedRegistrations.ClearAsync(db, [user.Id]);
        var id = Guid.CreateVersion7(now);
        var invitation = new Invitation
        {
            Id = id,
            OrganisationId = membership?.OrganisationId ?? Guid.Empty,
            MembershipId = membershipId,
            UserId = user.Id,
            Email = user.Email,
            TokenHash = LinkToken.Hash(LinkToken.Of(secret, LinkToken.Invitation, id))!,
            InvitedBy = by,
            SentAt = now,
            ExpiresAt = options.Value.InvitationHours is { } hours ? now.AddHours(hours) : null,
        };
        db.Add(invitation);
        await db.SaveChangesAsync();
        if (membership is not null)
        {
            await db.Database.ExecuteSqlAsync(
                $"""
                update memberships set expires_at = {invitation.ExpiresAt}
                where organisation_id = {membership.OrganisationId} and id = {membership.Id}
                """
            );
        }

        return invitation;
    }

    /// <summary>
    /// Makes the link and queues its email, in the caller's transaction; what still waits with an older link is not
    /// sent. A person who has an account is told without a link. The invitation is kept all the same, so that the
    /// organisation sees no difference.
    /// </summary>
    /// <param name="addedBy">Who added the person: the email names them, also when support resends it.</param>
    /// <param name="causedBy">Who has it sent now; null when the person asked for it.</param>
    public async Task InviteAsync(
        User user,
        Organisation organisation,
        Membership membership,
        Guid? addedBy,
        DateTimeOffset now,
        Guid? causedBy = null
    )
    {
        var link = await NewLinkAsync(user, membership, addedBy, now);
        await SendAsync(user, organisation, membership, link, addedBy, causedBy, now);
    }

    /// <summary>
    /// Queues the email with this link, or without one to a person who has an account. A paused account gets no email,
    /// unless its silence would show.
    /// </summary>
    public async Task SendAsync(
        User user,
        Organisation organisation,
        Membership membership,
        Invitation? link,
        Guid? addedBy,
        Guid? causedBy,
        DateTimeOffset now
    )
    {
        await Outbox.SupersedeAdditionsAsync(db, [membership.Id], Endings.Newer, now);
        var name = addedBy is null
            ? null
            : await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Id == addedBy && u.SupportSince == null);
        var providers = options.Value.SignIn.OnlyProviders(organisation.SignInMethods);
        Email email =
            link is not null && user.RegisteredAt is null
                ? new AddedToOrganisation(organisation.Id, organisation.Name, name?.DisplayName)
                {
                    InvitationId = link.Id,
                    Until = link.ExpiresAt,
                    ManagesUsers = Roles.Of(options.Value).ManagesUsers(membership.Role),
                    SignsInWith = providers,
                }
                : new AddedToAnother(organisation.Id, organisation.Name, name?.DisplayName) { SignsInWith = providers };
        if (user.PausedAt is null || membership.Awaited)
        {
            Outbox.Enqueue(db, user, email, now, membership.Id, causedBy);
        }

        await db.SaveChangesAsync();
    }

    /// <summary>The person was removed: their link ends.</summary>
    public async Task WithdrawAsync(Membership membership, Guid user, DateTimeOffset now)
    {
        var links = db.Invitations.Where(i =>
            i.OrganisationId == membership.OrganisationId && i.MembershipId == membership.Id
        );
        if (await EndAsync(links, i => i.WithdrawnAt, now) > 0)
        {
            await UnfinishedRegistrations.ClearAsync(db, [user]);
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
        DateTimeOffset now
    )
    {
        var restored = await db
            .Invitations.Where(i =>
                i.OrganisationId == organisation.Id
                && i.MembershipId == membership.Id
                && i.WithdrawnAt == withdrawnAt
                && i.SupersededAt == null
            )
            .Where(i => i.Email == user.Email)
            .ExecuteUpdateAsync(i =>
                i.SetProperty(x => x.WithdrawnAt, (DateTimeOffset?)null)
                    .SetProperty(x => x.AcceptedAt, user.SeenFrom(membership).RegisteredAt)
            );
        if (restored == 0 && user.SeenFrom(membership) is { RegisteredAt: null, PausedAt: null })
        {
            await InviteAsync(user, organisation, membership, membership.AddedBy, now);
        }
    }

    /// <summary>The person came here, whichever way: the links they were sent have done their work.</summary>
    public Task AcceptAsync(Guid organisation, IReadOnlyCollection<Guid> memberships, DateTimeOffset now)
    {
        var links = db.Invitations.Where(i =>
            i.OrganisationId == organisation && memberships.Contains(i.MembershipId!.Value)
        );
        return EndAsync(links, i => i.AcceptedAt, now);
    }

    /// <summary>
    /// The person has registered, by this link or another way: every link they were sent has done its work, except to
    /// where they have not come yet.
    /// </summary>
    public Task AcceptAllAsync(Guid user, DateTimeOffset now)
    {
        var links = db.Invitations.Where(i =>
            i.UserId == user
            && !db.Memberships.Any(m => m.OrganisationId == i.OrganisationId && m.Id == i.MembershipId && m.Awaited)
        );
        return EndAsync(links, i => i.AcceptedAt, now);
    }

    private static Task<int> EndAsync(
        IQueryable<Invitation> links,
        System.Linq.Expressions.Expression<Func<Invitation, DateTimeOffset?>> end,
        DateTimeOffset now
    ) =>
        links
            .Where(i => i.AcceptedAt == null && i.WithdrawnAt == null && i.SupersededAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(end, (DateTimeOffset?)now));
}
