using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Rollcall.Data;
using Rollcall.Model;

namespace Rollcall.Operations;

/// <summary>What somebody may give to the people of an organisation: nothing that they do not have.</summary>
/// <param name="Areas">The parts of the organisation to choose from; empty when it has none.</param>
/// <param name="MustChoose">The giver is limited to these parts, so "all" is not theirs to give.</param>
internal sealed record AccessOffer(IReadOnlyList<Role> Roles, IReadOnlyList<ServiceArea> Areas, bool MustChoose)
{
    /// <summary>With one role and no parts there is nothing to ask.</summary>
    public bool AsksNothing => Roles.Count == 1 && Areas.Count == 0;

    /// <summary>The access, of what was chosen; null when it is no choice, or more than may be given. Where one role may be given, nobody is asked for it.</summary>
    public Access? Choose(string? role, IReadOnlyCollection<Guid> areas) =>
        (Roles is [var only] && role is null ? only : Roles.FirstOrDefault(r => r.Key == role)) is { } chosen
        && areas.All(area => Areas.Any(a => a.Id == area))
        && (areas.Count > 0 || !MustChoose)
            ? new(chosen.Key, [.. areas.Distinct()])
            : null;
}

/// <summary>A role, and the parts of the organisation it is limited to; none for all of it.</summary>
internal sealed record Access(string Role, Guid[] Areas);

/// <summary>What people may do in an organisation, and where in it.</summary>
internal sealed class ChangeAccess(Db db, MemberPolicy policy, AuditLog audit, IOptions<RollcallOptions> options)
{
    public static readonly Refusal Yourself = new(null, "You cannot change your own role");
    public static readonly Refusal NoLonger = new(null, "You can no longer give this access. Start again");
    public static readonly Refusal TooMuch = new(nameof(Membership.Role), "Select a role that you can give");

    /// <summary>Read anew, so that it is also true behind the organisation's lock.</summary>
    public async Task<AccessOffer> OfferAsync(Viewer by, Guid organisation, CancellationToken cancellation)
    {
        var areas = await db
            .ServiceAreas.AsNoTracking()
            .Where(a => a.OrganisationId == organisation)
            .OrderBy(a => a.Name)
            .ThenBy(a => a.Id)
            .ToListAsync(cancellation);
        var me = by.UserId;
        var own =
            by.IsSupport || areas.Count == 0
                ? []
                : await (
                    from m in db.Memberships
                    where m.OrganisationId == organisation && m.UserId == me && m.RemovedAt == null
                    join g in db.AccessGrants on m.Id equals g.MembershipId
                    select g.ServiceAreaId
                ).ToListAsync(cancellation);
        return new(
            await policy.MayGiveAsync(by, organisation, cancellation),
            own.Count == 0 ? areas : [.. areas.Where(a => own.Contains(a.Id))],
            own.Count > 0
        );
    }

    /// <summary>In a transaction of its own; the same access again changes nothing.</summary>
    public async Task<(bool Changed, Refusal? Refusal)> ChangeAsync(
        Viewer by,
        Guid organisation,
        Guid userId,
        string? role,
        IReadOnlyCollection<Guid> areas,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        if (by.Is(userId))
        {
            return (false, Yourself);
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.LockAsync(organisation, cancellation);
        var membership = await db.Memberships.SingleOrDefaultAsync(
            m => m.OrganisationId == organisation && m.UserId == userId && m.RemovedAt == null,
            cancellation
        );
        if (membership is null)
        {
            return (false, null);
        }

        if (await policy.RefuseAsync(by, membership, cancellation) is { } refusal)
        {
            return (false, refusal);
        }

        if ((await OfferAsync(by, organisation, cancellation)).Choose(role, areas) is not { } access)
        {
            return (false, TooMuch);
        }

        var before = await db.AccessGrants.Where(g => g.MembershipId == membership.Id).ToListAsync(cancellation);
        if (membership.Role == access.Role && before.Select(g => g.ServiceAreaId).ToHashSet().SetEquals(access.Areas))
        {
            return (false, null);
        }

        var names = await db
            .ServiceAreas.Where(a => a.OrganisationId == organisation)
            .ToDictionaryAsync(a => a.Id, a => a.Name, cancellation);
        audit.Add(
            AuditKinds.RoleChanged,
            by,
            now,
            organisation,
            userId,
            new
            {
                from = membership.Role,
                to = access.Role,
                areasFrom = before.Select(g => names[g.ServiceAreaId]),
                areasTo = access.Areas.Select(a => names[a]),
            }
        );
        (membership.Role, membership.AccessBy) = (access.Role, by.UserId);
        db.RemoveRange(before);
        await db.SaveChangesAsync(cancellation);
        db.AddRange(
            access.Areas.Select(area => new AccessGrant { MembershipId = membership.Id, ServiceAreaId = area })
        );
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return (true, null);
    }

    /// <summary>
    /// The person comes for the first time, and what they were given is looked at again: they get at most what the giver holds now. A role the
    /// giver lost becomes the lowest one. Service areas shrink to the giver's; where none is left the membership is paused, because no areas
    /// would mean every area. In the caller's transaction (ASVS 5.0, 8.3.2).
    /// </summary>
    public async Task CheckAgainAsync(
        IReadOnlyList<Membership> memberships,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        var roles = Roles.Of(options.Value);
        foreach (var membership in memberships)
        {
            if ((membership.AccessBy ?? membership.AddedBy) is not { } giver)
            {
                continue;
            }

            var (mayGiveRole, limitedTo) = await policy.MayStillGiveAsync(giver, membership, cancellation);
            var least = roles.All[0].Key;
            if (!mayGiveRole && !roles.AreOne && membership.Role != least)
            {
                var facts = new
                {
                    from = membership.Role,
                    to = least,
                    giver,
                };
                audit.Add(AuditKinds.RoleNotConfirmed, null, now, membership.OrganisationId, membership.UserId, facts);
                membership.Role = least;
            }
            if (limitedTo.Count > 0)
            {
                await LimitAsync(membership, limitedTo, giver, now, cancellation);
            }
        }
        await db.SaveChangesAsync(cancellation);
    }

    private async Task LimitAsync(
        Membership membership,
        IReadOnlyList<Guid> areas,
        Guid giver,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        var given = await db.AccessGrants.Where(g => g.MembershipId == membership.Id).ToListAsync(cancellation);
        var beyond = given.Where(g => !areas.Contains(g.ServiceAreaId)).ToList();
        if (given.Count > 0 && beyond.Count == 0)
        {
            return;
        }

        var pauses = given.Count > 0 && beyond.Count == given.Count;
        if (pauses && membership.PausedAt is not null)
        {
            return; // already, and nothing is given to them
        }

        var names = await db
            .ServiceAreas.Where(a => a.OrganisationId == membership.OrganisationId)
            .ToDictionaryAsync(a => a.Id, a => a.Name, cancellation);
        audit.Add(
            AuditKinds.AreasNotConfirmed,
            null,
            now,
            membership.OrganisationId,
            membership.UserId,
            new
            {
                from = given.Select(g => names[g.ServiceAreaId]),
                to = given.Count == 0
                    ? areas.Select(a => names[a])
                    : given.Except(beyond).Select(g => names[g.ServiceAreaId]),
                paused = pauses,
                giver,
            }
        );
        if (pauses)
        {
            membership.PausedAt = now; // with the areas as they were: another admin changes them, and resumes
        }
        else if (given.Count == 0)
        {
            db.AddRange(areas.Select(area => new AccessGrant { MembershipId = membership.Id, ServiceAreaId = area }));
        }
        else
        {
            db.RemoveRange(beyond);
        }
    }
}
