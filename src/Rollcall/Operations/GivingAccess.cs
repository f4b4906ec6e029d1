using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Rollcall.Data;
using Rollcall.Model;

namespace Rollcall.Operations;

/// <summary>What somebody may give to the people of an organisation: nothing that they do not have.</summary>
/// <param name="Areas">The parts of the organisation to choose from; empty when it has none.</param>
/// <param name="MustChoose">The giver is limited to these parts, so "all" is not theirs to give.</param>
internal sealed record Offer(IReadOnlyList<Role> Roles, IReadOnlyList<ServiceArea> Areas, bool MustChoose)
{
    /// <summary>With one role and no parts there is nothing to ask.</summary>
    public bool AsksNothing => Roles.Count == 1 && Areas.Count == 0;

    /// <summary>The access, of what was chosen; null when it is no choice, or more than may be given. Where one role may be given, nobody is asked for it.</summary>
    public Access? Choose(string? role, IReadOnlyCollection<Guid> areas)
        => (Roles is [var only] && role is null ? only : Roles.FirstOrDefault(r => r.Key == role)) is { } chosen && areas.All(area => Areas.Any(a => a.Id == area)) && (areas.Count > 0 || !MustChoose)
            ? new(chosen.Key, [.. areas.Distinct()]) : null;
}

/// <summary>A role, and the parts of the organisation it is limited to; none for all of it.</summary>
internal sealed record Access(string Role, Guid[] Areas);

/// <summary>What people may do in an organisation, and where in it.</summary>
internal sealed class GivingAccess(Db db, Managing managing, Recording recording, IOptions<RollcallOptions> options)
{
    public static readonly Refusal Yourself = new(null, "You cannot change your own role");
    public static readonly Refusal NoLonger = new(null, "You can no longer give this access. Start again");
    public static readonly Refusal TooMuch = new(nameof(Membership.Role), "Select a role that you can give");

    /// <summary>Read anew, so that it is also true behind the organisation's lock.</summary>
    public async Task<Offer> OfferAsync(Viewer by, Guid organisation, CancellationToken cancellation)
    {
        var areas = await db.ServiceAreas.AsNoTracking().Where(a => a.OrganisationId == organisation).OrderBy(a => a.Name).ThenBy(a => a.Id).ToListAsync(cancellation);
        var me = by.UserId;
        var own = by.IsSupport || areas.Count == 0 ? [] : await (
            from m in db.Memberships
            where m.OrganisationId == organisation && m.UserId == me && m.RemovedAt == null
            join g in db.AccessGrants on m.Id equals g.MembershipId
            select g.ServiceAreaId).ToListAsync(cancellation);
        return new(await managing.MayGiveAsync(by, organisation, cancellation), own.Count == 0 ? areas : [.. areas.Where(a => own.Contains(a.Id))], own.Count > 0);
    }

    /// <summary>In a transaction of its own; the same access again changes nothing.</summary>
    public async Task<(bool Changed, Refusal? Refusal)> ChangeAsync(Viewer by, Guid organisation, Guid userId, string? role, IReadOnlyCollection<Guid> areas, DateTimeOffset now, CancellationToken cancellation)
    {
        if (by.Is(userId))
            return (false, Yourself);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.LockAsync(organisation, cancellation);
        var membership = await db.Memberships.SingleOrDefaultAsync(m => m.OrganisationId == organisation && m.UserId == userId && m.RemovedAt == null, cancellation);
        if (membership is null)
            return (false, null);
        if (await managing.RefuseBeyondAsync(by, membership, cancellation) is { } refusal)
            return (false, refusal);
        if ((await OfferAsync(by, organisation, cancellation)).Choose(role, areas) is not { } access)
            return (false, TooMuch);
        var before = await db.AccessGrants.Where(g => g.MembershipId == membership.Id).ToListAsync(cancellation);
        if (membership.Role == access.Role && before.Select(g => g.ServiceAreaId).ToHashSet().SetEquals(access.Areas))
            return (false, null);
        var names = await db.ServiceAreas.Where(a => a.OrganisationId == organisation).ToDictionaryAsync(a => a.Id, a => a.Name, cancellation);
        recording.Add(AuditKinds.RoleChanged, by, now, organisation, userId, new
        {
            from = membership.Role,
            to = access.Role,
            areasFrom = before.Select(g => names[g.ServiceAreaId]),
            areasTo = access.Areas.Select(a => names[a]),
        });
        (membership.Role, membership.AccessBy) = (access.Role, by.UserId);
        db.RemoveRange(before);
        await db.SaveChangesAsync(cancellation);
        db.AddRange(access.Areas.Select(area => new AccessGrant { MembershipId = membership.Id, ServiceAreaId = area }));
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return (true, null);
    }

    /// <summary>
    /// Somebody comes for the first time: a role that its giver could not give any more, having lost theirs since, becomes the least one. In the
    /// caller's transaction (ASVS 5.0, 8.3.2).
    /// </summary>
    public async Task CheckAgainAsync(User user, DateTimeOffset now, CancellationToken cancellation)
    {
        var roles = Roles.Of(options.Value);
        if (roles.AreOne)
            return;
        var least = roles.All[0].Key;
        foreach (var membership in await db.Memberships.Where(m => m.UserId == user.Id && m.RemovedAt == null && m.Role != least).ToListAsync(cancellation))
        {
            if ((membership.AccessBy ?? membership.AddedBy) is not { } giver || await managing.MayStillGiveAsync(giver, membership, cancellation))
                continue;
            recording.Add(AuditKinds.RoleNotConfirmed, null, now, membership.OrganisationId, user.Id, new { from = membership.Role, to = least, giver });
            membership.Role = least;
        }
        await db.SaveChangesAsync(cancellation);
    }
}
