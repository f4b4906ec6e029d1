using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Rollcall.Data;
using Rollcall.Model;

namespace Rollcall.Operations;

/// <summary>
/// The rules between two people of one organisation, looked at behind its lock: two admins who remove each other at the same instant are one after
/// the other here, and the second is no admin any more.
/// </summary>
internal sealed class Managing(Db db, IOptions<RollcallOptions> options)
{
    public static readonly Refusal NoLonger = new(null, "You can no longer manage users at this organisation");
    public static readonly Refusal Above = new(null, "You cannot change someone who has more access than you");

    private readonly Roles roles = Roles.Of(options.Value);

    /// <summary>Why <paramref name="by"/> may not remove, pause or change this person, or null. Behind the organisation's lock.</summary>
    public async Task<Refusal?> RefuseAsync(Viewer by, Membership target, CancellationToken cancellation)
    {
        if (by.IsSupport)
            return null;
        var mine = await ManagersOf(target.OrganisationId).Where(m => m.UserId == by.UserId).Select(m => m.Role).SingleOrDefaultAsync(cancellation);
        return mine is null ? NoLonger : roles.IsAbove(target.Role, mine) ? Above : null;
    }

    /// <summary>
    /// As <see cref="RefuseAsync"/>, for what would let somebody become this person, such as their address, and for what they may use: whoever changes
    /// it must hold all that they hold, every service area too.
    /// </summary>
    public async Task<Refusal?> RefuseBeyondAsync(Viewer by, Membership target, CancellationToken cancellation)
    {
        if (by.IsSupport)
            return null;
        return await RefuseAsync(by, target, cancellation) ?? (await HoldsAreasOfAsync(by, target, cancellation) ? null : Above);
    }

    /// <summary>The roles that <paramref name="by"/> may give to people of this organisation, as it stands now; none for whoever manages nobody any more.</summary>
    public async Task<IReadOnlyList<Role>> MayGiveAsync(Viewer by, Guid organisation, CancellationToken cancellation)
        => by.IsSupport ? roles.All
            : await ManagersOf(organisation).Where(m => m.UserId == by.UserId).Select(m => m.Role).SingleOrDefaultAsync(cancellation) is not { } mine ? []
            : roles.AreOne ? roles.All : [.. roles.UpTo(mine)];

    /// <summary>Whether this person, who gave a membership its role, could give it today: also as the record that theirs was merged into.</summary>
    public async Task<bool> MayStillGiveAsync(Guid giver, Membership to, CancellationToken cancellation)
    {
        giver = await db.Users.Where(u => u.Id == giver).Select(u => u.MergedInto).SingleOrDefaultAsync(cancellation) ?? giver;
        return await db.Users.AnyAsync(u => u.Id == giver && u.SupportSince != null && u.PausedAt == null, cancellation)
            || (await ManagersOf(to.OrganisationId).Where(m => m.UserId == giver).Select(m => m.Role).SingleOrDefaultAsync(cancellation) is { } role && !roles.IsAbove(to.Role, role));
    }

    /// <summary>
    /// Nobody could manage the organisation's users without these people: only support may take them away, and is warned. Whoever has not registered
    /// or is paused manages nobody.
    /// </summary>
    public async Task<bool> AreLastAsync(Guid organisation, Guid[] users, CancellationToken cancellation)
        => await ManagersOf(organisation).AnyAsync(m => users.Contains(m.UserId), cancellation) && !await ManagersOf(organisation).AnyAsync(m => !users.Contains(m.UserId), cancellation);

    private async Task<bool> HoldsAreasOfAsync(Viewer by, Membership target, CancellationToken cancellation)
    {
        var me = by.UserId;
        var areas = await (
            from m in db.Memberships
            where m.OrganisationId == target.OrganisationId && m.RemovedAt == null && (m.UserId == me || m.Id == target.Id)
            join g in db.AccessGrants on m.Id equals g.MembershipId
            select new { m.UserId, g.ServiceAreaId }).ToListAsync(cancellation);
        var (own, theirs) = (areas.Where(a => a.UserId == me).Select(a => a.ServiceAreaId).ToHashSet(), areas.Where(a => a.UserId == target.UserId).Select(a => a.ServiceAreaId).ToHashSet());
        return own.Count == 0 || (theirs.Count > 0 && theirs.IsSubsetOf(own)); // none are all
    }

    private IQueryable<Membership> ManagersOf(Guid organisation)
    {
        var active = db.Memberships.Where(m => m.OrganisationId == organisation && m.RemovedAt == null && m.PausedAt == null
            && db.Users.Any(u => u.Id == m.UserId && u.RegisteredAt != null && u.PausedAt == null));
        return roles.Managing is { } keys ? active.Where(m => keys.Contains(m.Role)) : active;
    }
}
