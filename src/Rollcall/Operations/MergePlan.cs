using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Rollcall.Model;

namespace Rollcall.Operations;

/// <summary>What a person may do in one organisation after their two records are merged.</summary>
/// <param name="Brought">The membership of the record that is given up; null where only the kept one belongs.</param>
/// <param name="Held">The membership of the kept record; null where only the other one belongs.</param>
/// <param name="Role">The higher of the two.</param>
/// <param name="Areas">Of both together; none for all of the organisation.</param>
internal sealed record MergedMembership(
    Organisation Organisation,
    Membership? Brought,
    Membership? Held,
    string Role,
    IReadOnlyList<ServiceArea> Areas
)
{
    public bool Paused => (Held ?? Brought)!.PausedAt is not null;
}

/// <summary>What merging two records does. What the page shows is what happens.</summary>
/// <param name="Kept">The record that stays.</param>
/// <param name="Gone">The record that is given up.</param>
/// <param name="Refusal">Why it cannot be done; null when it can.</param>
internal sealed record MergePlan(User Kept, User Gone, IReadOnlyList<MergedMembership> Memberships, Refusal? Refusal)
{
    /// <summary>The organisations whose invitation goes out once more, to the address that is kept.</summary>
    public IEnumerable<MergedMembership> InvitedAgain =>
        Memberships.Where(m => Kept.RegisteredAt is null && m is { Held: null, Paused: false });

    /// <summary>The kept record has no name, and takes the other's.</summary>
    public bool TakesName =>
        Kept is { FirstName: null, LastName: null } && (Gone.FirstName ?? Gone.LastName) is not null;

    /// <summary>A hash of everything that the page shows, so that nothing else is done.</summary>
    public string Seen =>
        Convert.ToHexString(
            SHA256.HashData(
                JsonSerializer.SerializeToUtf8Bytes(
                    new
                    {
                        users = new[] { Kept, Gone }.Select(u => new
                        {
                            u.Id,
                            u.Email,
                            u.FirstName,
                            u.LastName,
                            Registered = u.RegisteredAt is not null,
                        }),
                        memberships = Memberships.Select(m => new
                        {
                            m.Organisation.Id,
                            Brought = m.Brought?.Id,
                            Held = m.Held?.Id,
                            m.Role,
                            m.Paused,
                            Areas = m.Areas.Select(a => a.Id),
                        }),
                    }
                )
            )
        );
}

/// <summary>Plans a merge: what it would do, or why it cannot be done.</summary>
internal sealed partial class MergeUsers
{
    /// <returns>Null when there is no such record.</returns>
    public async Task<MergePlan?> PlanAsync(Guid kept, Guid gone, CancellationToken cancellation = default)
    {
        var users = await db
            .Users.AsNoTracking()
            .Where(u => u.Id == kept || u.Id == gone)
            .ToDictionaryAsync(u => u.Id, cancellation);
        if (kept == gone || users.Count < 2)
        {
            return null;
        }

        var found = await (
            from m in db.Memberships
            where (m.UserId == kept || m.UserId == gone) && m.RemovedAt == null
            orderby m.Organisation.Name, m.Organisation.Id
            select new
            {
                Membership = m,
                m.Organisation,
                Areas = (
                    from g in db.AccessGrants
                    where g.OrganisationId == m.OrganisationId && g.MembershipId == m.Id
                    join a in db.ServiceAreas
                        on new { g.OrganisationId, Id = g.ServiceAreaId } equals new { a.OrganisationId, a.Id }
                    orderby a.Name, a.Id
                    select a
                ).ToList(),
            }
        )
            .AsNoTracking()
            .ToListAsync(cancellation);
        var roles = Roles.Of(options.Value);
        var memberships = found
            .GroupBy(m => m.Organisation.Id)
            .Select(here =>
            {
                var held = here.SingleOrDefault(m => m.Membership.UserId == kept);
                var brought = here.SingleOrDefault(m => m.Membership.UserId == gone);
                return new MergedMembership(
                    here.First().Organisation,
                    brought?.Membership,
                    held?.Membership,
                    here.Select(m => m.Membership.Role)
                        .Aggregate((one, other) => roles.IsAbove(other, one) ? other : one),
                    here.Any(m => m.Areas.Count == 0)
                        ? []
                        :
                        [
                            .. here.SelectMany(m => m.Areas)
                                .DistinctBy(a => a.Id)
                                .OrderBy(a => a.Name, StringComparer.Ordinal),
                        ]
                );
            })
            .ToList();
        return new(users[kept], users[gone], memberships, Refuse(users[kept], users[gone], memberships));
    }

    private static Refusal? Refuse(User kept, User gone, IReadOnlyList<MergedMembership> memberships)
    {
        if ((kept.MergedInto ?? gone.MergedInto) is not null)
        {
            return GivenUp;
        }

        if ((kept.SupportSince ?? gone.SupportSince) is not null)
        {
            return new(null, "A support user’s record cannot be merged. Remove them from the support users first");
        }

        if ((kept.PausedAt ?? gone.PausedAt) is not null)
        {
            return new(null, "One of the accounts is paused. Resume it first");
        }

        var half = memberships.FirstOrDefault(m =>
            m is { Held: { } held, Brought: { } brought } && held.PausedAt.HasValue != brought.PausedAt.HasValue
        );
        if (half is not null)
        {
            var where = half.Organisation.Name;
            return new(
                null,
                $"They are paused at {where} with one of the records only. Resume or remove them there first"
            );
        }

        return kept.RegisteredAt is null && gone.RegisteredAt is not null
            ? new(null, $"No one has ever signed in with {kept.Email}. Keep the other record")
            : null;
    }
}
