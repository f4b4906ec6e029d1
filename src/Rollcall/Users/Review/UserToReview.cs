using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Web;

namespace Rollcall.Users.Review;

/// <summary>A user who has not signed in for a long time.</summary>
/// <param name="LastSeen">
/// Null: an organisation does not learn when someone who also belongs to another one signed in.
/// </param>
internal sealed record UserToReview(
    Guid UserId,
    string? FirstName,
    string? LastName,
    string Email,
    string SortName,
    DateTimeOffset? LastSeen
)
{
    public string Name => PersonName.FullName(FirstName, LastName, Email);

    /// <summary>
    /// Those of the organisation who have been away longest, the viewer left out: one more than
    /// <paramref name="atOnce"/> where there are more.
    /// </summary>
    /// <param name="months">For how long they have not signed in.</param>
    /// <param name="among">Only these; null for all.</param>
    public static async Task<List<UserToReview>> FindAsync(
        Db db,
        Current current,
        int months,
        int atOnce,
        List<Guid>? among,
        CancellationToken cancellation
    )
    {
        var usual = current.Options.ReviewAfterMonths;
        var sees = current.Viewer.IsSupport;
        var all = among is null;
        var before = current.Now.AddMonths(-months);
        DateTimeOffset? beforeElsewhere =
            sees ? before
            : months > usual ? null
            : current.Now.AddMonths(-usual);
        var found = await db
            .Database.SqlQuery<UserToReview>(
                $"""
                select u.id as "UserId", u.first_name as "FirstName", u.last_name as "LastName", u.email as "Email",
                       u.sort_name as "SortName",
                       case when {sees} or not elsewhere
                         then coalesce(u.last_signed_in_at, u.registered_at) end as "LastSeen"
                from users u join memberships m on m.user_id = u.id
                cross join lateral (
                  select exists (
                    select from memberships o
                    where o.user_id = u.id and o.organisation_id <> m.organisation_id and o.removed_at is null)
                    as elsewhere) e
                where m.organisation_id = {current.Organisation.Id} and m.removed_at is null and m.standing = 'active'
                  and u.id <> {current.Viewer.UserId}
                  and u.registered_at is not null and coalesce(u.last_signed_in_at, u.registered_at) < {before}
                  and (m.reviewed_at is null or m.reviewed_at < {before})
                  and (not elsewhere or coalesce(u.last_signed_in_at, u.registered_at) < {beforeElsewhere})
                  and ({all} or u.id = any({among?.ToArray() ?? []}))
                order by coalesce(u.last_signed_in_at, u.registered_at), u.id limit {atOnce + 1}
                """
            )
            .ToListAsync(cancellation);
        if (found.TrueForAll(user => user.LastSeen is not null))
        {
            return found;
        }

        // Where someone's time is not shown, the order must not tell it either.
        var byName = StringComparer.Create(CultureInfo.GetCultureInfo("en-GB"), ignoreCase: false);
        return [.. found.Take(atOnce).OrderBy(user => user.SortName, byName), .. found.Skip(atOnce)];
    }
}
