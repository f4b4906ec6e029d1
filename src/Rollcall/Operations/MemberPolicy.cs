using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Rollcall.Data;
using Rollcall.Model;

namespace Rollcall.Operations;

/// <summary>What an admin holds in an organisation.</summary>
/// <param name="Areas">The service areas they are limited to; none for all of them.</param>
internal sealed record AdminAccess(string Role, IReadOnlyList<Guid> Areas)
{
    /// <summary>
    /// Whether these areas are all within theirs. No areas means every area, so only an admin of everything covers
    /// that.
    /// </summary>
    public bool Covers(IReadOnlyCollection<Guid> areas) =>
        Areas.Count == 0 || (areas.Count > 0 && areas.All(Areas.Contains));
}

/// <summary>What an admin may give in an organisation.</summary>
/// <param name="Roles">None for someone who manages no one there.</param>
/// <param name="Areas">The service areas they are limited to; none for all of them.</param>
internal sealed record GrantableAccess(IReadOnlyList<Role> Roles, IReadOnlyList<Guid> Areas);

/// <summary>
/// One rule for every act on another member, and on the organisation itself: no one acts beyond the role and the
/// service areas that they hold now. Call it while holding the organisation's lock: two admins removing each other are
/// then serialised, and the second is refused.
/// </summary>
internal sealed class MemberPolicy(Db db, IOptions<RollcallOptions> options)
{
    public static readonly Refusal NoLonger = new(null, "You can no longer manage users at this organisation");
    public static readonly Refusal Above = new(null, "You cannot change someone who has more access than you");
    public static readonly Refusal NotEverything = new(
        null,
        "Only an admin with access to the whole organisation can change this"
    );

    private readonly Roles roles = Roles.Of(options.Value);

    /// <summary>
    /// Why the actor may not act on this member, or null: they need a role as high, and all their areas.
    /// </summary>
    public async Task<Refusal?> RefuseAsync(Actor actor, Membership target, CancellationToken cancellation = default)
    {
        if (actor.IsSupport)
        {
            return null;
        }

        if (await HeldAsync(actor.Viewer!.UserId, target.OrganisationId, cancellation) is not { } held)
        {
            return NoLonger;
        }

        var areas = await AreasOf(target.OrganisationId, target.Id).ToListAsync(cancellation);
        return MayAct(held, target.Role, areas) ? null : Above;
    }

    /// <summary>
    /// Whether to offer the viewer acts on this member, by what was read for the page. The act itself asks
    /// <see cref="RefuseAsync"/>.
    /// </summary>
    public bool MayAct(Viewer by, Guid organisationId, string role, IReadOnlyCollection<Guid> areas) =>
        by.IsSupport
        || by.Memberships.Any(held =>
            held.OrganisationId == organisationId
            && held.ManagesUsers
            && MayAct(new(held.Role, held.Areas), role, areas)
        );

    /// <summary>Refuses a change that concerns everyone here, such as how people sign in.</summary>
    public async Task<Refusal?> RefuseForEveryoneAsync(Actor actor, Guid organisationId) =>
        actor.IsSupport ? null
        : await HeldAsync(actor.UserId!.Value, organisationId) is not { } held ? NoLonger
        : held.Areas.Count > 0 ? NotEverything
        : null;

    /// <summary>
    /// Those of these members whom <see cref="RefuseAsync"/> does not refuse: two queries, however many there are.
    /// </summary>
    public async Task<IReadOnlySet<Guid>> WithinReachAsync(
        Viewer by,
        Guid organisation,
        IReadOnlyCollection<Guid> users,
        CancellationToken cancellation = default
    )
    {
        if (by.IsSupport || users.Count == 0)
        {
            return users.ToHashSet();
        }

        if (await HeldAsync(by.UserId, organisation, cancellation) is not { } held)
        {
            return new HashSet<Guid>();
        }

        var members = await (
            from m in db.Memberships
            where m.OrganisationId == organisation && m.RemovedAt == null && users.Contains(m.UserId)
            select new
            {
                m.UserId,
                m.Role,
                Areas = db
                    .AccessGrants.Where(g => g.OrganisationId == m.OrganisationId && g.MembershipId == m.Id)
                    .Select(g => g.ServiceAreaId)
                    .ToList(),
            }
        ).ToListAsync(cancellation);
        return members.Where(m => MayAct(held, m.Role, m.Areas)).Select(m => m.UserId).ToHashSet();
    }

    /// <summary>What the viewer may give to people of this organisation now.</summary>
    public async Task<GrantableAccess> MayGiveAsync(Viewer by, Guid organisation, CancellationToken cancellation)
    {
        if (by.IsSupport)
        {
            return new(roles.All, []);
        }

        var held = await HeldAsync(by.UserId, organisation, cancellation);
        return held is null ? new([], []) : new(roles.AreOne ? roles.All : [.. roles.UpTo(held.Role)], held.Areas);
    }

    /// <summary>
    /// Whether the person who gave a membership its role could give it today, and the service areas they are limited
    /// to; none for all. They may have become support staff since, or their record may have been merged into another
    /// one.
    /// </summary>
    public async Task<(bool Role, IReadOnlyList<Guid> Areas)> MayStillGiveAsync(Guid giver, Membership to)
    {
        giver = await db.Users.Where(u => u.Id == giver).Select(u => u.MergedInto).SingleOrDefaultAsync() ?? giver;
        if (await db.Users.AnyAsync(u => u.Id == giver && u.SupportSince != null && u.PausedAt == null))
        {
            return (true, []);
        }

        var held = await HeldAsync(giver, to.OrganisationId);
        // Someone who was limited and then removed gives no more than they last held.
        var latest = await db
            .Memberships.Where(m => m.OrganisationId == to.OrganisationId && m.UserId == giver)
            .OrderBy(m => m.RemovedAt != null)
            .ThenByDescending(m => m.RemovedAt)
            .Select(m => m.Id)
            .FirstOrDefaultAsync();
        var areas = await AreasOf(to.OrganisationId, latest).ToListAsync();
        return (held is not null && !roles.IsAbove(to.Role, held.Role), areas);
    }

    /// <summary>
    /// Whether no one else can manage the organisation's users. Only support may take the last ones away, and is
    /// warned. A person who has not registered or is paused manages no one.
    /// </summary>
    public async Task<bool> AreLastAsync(Guid organisation, Guid[] users, CancellationToken cancellation) =>
        await ManagersOf(organisation).AnyAsync(m => users.Contains(m.UserId), cancellation)
        && !await ManagersOf(organisation).AnyAsync(m => !users.Contains(m.UserId), cancellation);

    private IQueryable<Guid> AreasOf(Guid organisationId, Guid membershipId) =>
        db
            .AccessGrants.Where(g => g.OrganisationId == organisationId && g.MembershipId == membershipId)
            .Select(g => g.ServiceAreaId);

    private bool MayAct(AdminAccess held, string role, IReadOnlyCollection<Guid> areas) =>
        !roles.IsAbove(role, held.Role) && held.Covers(areas);

    /// <summary>Null for someone who manages no one here.</summary>
    private Task<AdminAccess?> HeldAsync(Guid user, Guid organisation, CancellationToken cancellation = default) =>
        ManagersOf(organisation)
            .Where(m => m.UserId == user)
            .Select(m => new AdminAccess(
                m.Role,
                db.AccessGrants.Where(g => g.OrganisationId == m.OrganisationId && g.MembershipId == m.Id)
                    .Select(g => g.ServiceAreaId)
                    .ToList()
            ))
            .SingleOrDefaultAsync(cancellation);

    private IQueryable<Membership> ManagersOf(Guid organisation)
    {
        var active = db.Memberships.Where(m =>
            m.OrganisationId == organisation
            && m.RemovedAt == null
            && m.PausedAt == null
            && db.Users.Any(u => u.Id == m.UserId && u.RegisteredAt != null && u.PausedAt == null)
        );
        return roles.Managing is { } keys ? active.Where(m => keys.Contains(m.Role)) : active;
    }
}
