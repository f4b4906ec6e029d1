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
    public static readonly Refusal NoLonger = new(null, "You can no longer manage the users of this organisation");
    public static readonly Refusal Above = new(null, "You cannot change somebody who may do more than you");

    private readonly Roles roles = Roles.Of(options.Value);

    /// <summary>Why <paramref name="by"/> may not remove, pause or change this person, or null. Behind the organisation's lock.</summary>
    public async Task<Refusal?> RefuseAsync(Viewer by, Membership target, CancellationToken cancellation)
    {
        if (by.IsSupport)
            return null;
        var mine = await ManagersOf(target.OrganisationId).Where(m => m.UserId == by.UserId).Select(m => m.Role).SingleOrDefaultAsync(cancellation);
        return mine is null ? NoLonger : roles.IsAbove(target.Role, mine) ? Above : null;
    }

    /// <summary>Whether this person, who gave a membership its role, could give it today.</summary>
    public async Task<bool> MayStillGiveAsync(Guid giver, Membership to, CancellationToken cancellation)
        => await db.Users.AnyAsync(u => u.Id == giver && u.SupportSince != null && u.PausedAt == null, cancellation)
            || (await ManagersOf(to.OrganisationId).Where(m => m.UserId == giver).Select(m => m.Role).SingleOrDefaultAsync(cancellation) is { } role && !roles.IsAbove(to.Role, role));

    /// <summary>
    /// Nobody could manage the organisation's users without these people: only support may take them away, and is warned. Whoever has not registered
    /// or is paused manages nobody.
    /// </summary>
    public async Task<bool> AreLastAsync(Guid organisation, Guid[] users, CancellationToken cancellation)
        => await ManagersOf(organisation).AnyAsync(m => users.Contains(m.UserId), cancellation) && !await ManagersOf(organisation).AnyAsync(m => !users.Contains(m.UserId), cancellation);

    private IQueryable<Membership> ManagersOf(Guid organisation)
    {
        var active = db.Memberships.Where(m => m.OrganisationId == organisation && m.RemovedAt == null && m.PausedAt == null
            && db.Users.Any(u => u.Id == m.UserId && u.RegisteredAt != null && u.PausedAt == null));
        return roles.Managing is { } keys ? active.Where(m => keys.Contains(m.Role)) : active;
    }
}
