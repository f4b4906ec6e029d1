using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Rollcall.Data;
using Rollcall.History;
using Rollcall.Model;

namespace Rollcall.Operations;

/// <summary>What an admin may give to the people of an organisation: nothing that they do not have.</summary>
/// <param name="Areas">The service areas to choose from; empty when the organisation has none.</param>
/// <param name="MustChoose">The admin is limited to these areas, so they cannot give access to all.</param>
internal sealed record AccessOffer(IReadOnlyList<Role> Roles, IReadOnlyList<ServiceArea> Areas, bool MustChoose)
{
    /// <summary>With one role and no areas there is nothing to ask.</summary>
    public bool AsksNothing => Roles.Count == 1 && Areas.Count == 0;

    /// <summary>
    /// The chosen access; null when a choice is missing, or is more than may be given. A single role need not be
    /// chosen.
    /// </summary>
    public Access? Choose(string? role, IReadOnlyCollection<Guid> areas)
    {
        var chosen = Roles.Count == 1 && role is null ? Roles[0] : Roles.FirstOrDefault(r => r.Key == role);
        var areasAreTheirs = areas.All(area => Areas.Any(a => a.Id == area)) && (areas.Count > 0 || !MustChoose);
        return chosen is null || !areasAreTheirs ? null : new(chosen.Key, [.. areas.Distinct()]);
    }
}

/// <summary>A role, and the service areas that it is limited to; none for all of the organisation.</summary>
internal sealed record Access(string Role, Guid[] Areas);

/// <summary>Changes what a member may do in an organisation, and where in it.</summary>
internal sealed class ChangeAccess(Db db, MemberPolicy policy, AuditLog audit, IOptions<RollcallOptions> options)
{
    public static readonly Refusal Yourself = new(null, "You cannot change your own role");
    public static readonly Refusal NoLonger = new(null, "You can no longer give this access. Start again");
    public static readonly Refusal TooMuch = new(nameof(Membership.Role), "Select a role that you can give");

    /// <summary>Read from the database each time, so that it holds behind the organisation's lock too.</summary>
    public async Task<AccessOffer> OfferAsync(Viewer by, Guid organisation, CancellationToken cancellation = default)
    {
        var areas = await db
            .ServiceAreas.AsNoTracking()
            .Where(a => a.OrganisationId == organisation)
            .OrderBy(a => a.Name)
            .ThenBy(a => a.Id)
            .ToListAsync(cancellation);
        var grantable = await policy.MayGiveAsync(by, organisation, cancellation);
        var isLimited = grantable.Areas.Count > 0;
        return new(
            grantable.Roles,
            isLimited ? [.. areas.Where(a => grantable.Areas.Contains(a.Id))] : areas,
            MustChoose: isLimited
        );
    }

    /// <returns>Unchanged when this is the access that they have.</returns>
    public async Task<Result> ChangeAsync(
        Actor actor,
        Guid organisationId,
        Guid userId,
        string? role,
        IReadOnlyCollection<Guid> areas
    ) =>
        actor.Is(userId)
            ? Yourself
            : await db.InTransactionAsync<Result>(async () =>
            {
                var member = await db.LockMemberAsync(organisationId, userId);
                if (member is null)
                {
                    return Result.Unchanged;
                }

                if (await policy.RefuseAsync(actor, member) is { } refusal)
                {
                    return refusal;
                }

                var offer = await OfferAsync(actor.Viewer!, organisationId);
                if (offer.Choose(role, areas) is not { } access)
                {
                    return TooMuch;
                }

                var before = await GrantsOf(member).ToListAsync();
                if (
                    member.Role == access.Role
                    && before.Select(g => g.ServiceAreaId).ToHashSet().SetEquals(access.Areas)
                )
                {
                    return Result.Unchanged;
                }

                var names = await AreaNamesAsync(organisationId);
                var changed = new AccessChanged(
                    From: member.Role,
                    To: access.Role,
                    AreasFrom: [.. before.Select(g => names[g.ServiceAreaId])],
                    AreasTo: [.. access.Areas.Select(area => names[area])]
                );
                audit.Add(actor, changed, organisationId, userId);
                member.Role = access.Role;
                member.AccessBy = actor.UserId;
                db.RemoveRange(before);
                await db.SaveChangesAsync(); // the same grant may be among the new ones
                db.AddRange(member.Grants(access.Areas));
                return Result.Done;
            });

    /// <summary>
    /// Checks again what people were given when they first come: they get at most what the giver holds now. A role that
    /// the giver lost becomes the lowest one. Service areas shrink to the giver's; where none is left the membership is
    /// paused, because no areas would mean every area. Runs in the caller's transaction (ASVS 5.0, 8.3.2).
    /// </summary>
    public async Task CheckAgainAsync(IReadOnlyList<Membership> memberships, DateTimeOffset now)
    {
        var program = new Actor(null, now);
        var roles = Roles.Of(options.Value);
        var least = roles.All[0].Key;
        foreach (var membership in memberships)
        {
            if ((membership.AccessBy ?? membership.AddedBy) is not { } giver)
            {
                continue;
            }

            var (mayGiveRole, limitedTo) = await policy.MayStillGiveAsync(giver, membership);
            if (!mayGiveRole && !roles.AreOne && membership.Role != least)
            {
                var lowered = new RoleNotConfirmed(From: membership.Role, To: least, giver);
                audit.Add(program, lowered, membership.OrganisationId, membership.UserId);
                membership.Role = least;
            }

            if (limitedTo.Count > 0)
            {
                await LimitAsync(program, membership, limitedTo, giver);
            }
        }

        await db.SaveChangesAsync();
    }

    private async Task LimitAsync(Actor program, Membership membership, IReadOnlyList<Guid> areas, Guid giver)
    {
        var given = await GrantsOf(membership).ToListAsync();
        var beyond = given.Where(g => !areas.Contains(g.ServiceAreaId)).ToList();
        if (given.Count > 0 && beyond.Count == 0)
        {
            return;
        }

        var pauses = given.Count > 0 && beyond.Count == given.Count;
        if (pauses && membership.PausedAt is not null)
        {
            return; // they are paused already, and nothing is given to them
        }

        var names = await AreaNamesAsync(membership.OrganisationId);
        var kept = given.Count == 0 ? areas : given.Except(beyond).Select(g => g.ServiceAreaId);
        var lowered = new AreasNotConfirmed(
            From: [.. given.Select(g => names[g.ServiceAreaId])],
            To: [.. kept.Select(area => names[area])],
            Paused: pauses,
            giver
        );
        audit.Add(program, lowered, membership.OrganisationId, membership.UserId);
        if (pauses)
        {
            membership.PausedAt = program.Now; // the areas stay: another admin changes them, and resumes
        }
        else if (given.Count == 0)
        {
            db.AddRange(membership.Grants(areas));
        }
        else
        {
            db.RemoveRange(beyond);
        }
    }

    private IQueryable<AccessGrant> GrantsOf(Membership membership) =>
        db.AccessGrants.Where(g => g.OrganisationId == membership.OrganisationId && g.MembershipId == membership.Id);

    private Task<Dictionary<Guid, string>> AreaNamesAsync(Guid organisationId) =>
        db.ServiceAreas.Where(a => a.OrganisationId == organisationId).ToDictionaryAsync(a => a.Id, a => a.Name);
}
