using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Model;

namespace Rollcall.Users;

/// <summary>How many people of an organisation there are of each status, at one instant.</summary>
internal sealed record MemberCounts(int Active, int Inactive, int Pending, int Expired)
{
    public int All => Active + Inactive + Pending + Expired;

    public int Of(MembershipStatus? status) =>
        status switch
        {
            null => All,
            MembershipStatus.Active => Active,
            MembershipStatus.Inactive => Inactive,
            MembershipStatus.Pending => Pending,
            _ => Expired,
        };

    /// <summary>
    /// The counts of organisation {0} at the instant {1}. Expired: the sum of the days before, and those of today whose
    /// time has come.
    /// </summary>
    public const string Sql = """
        select active as "Active", inactive as "Inactive", waiting - expired as "Pending", expired as "Expired"
        from (
          select
            coalesce(sum(members) filter (where standing = 'active'), 0)::int as active,
            coalesce(sum(members) filter (where standing = 'inactive'), 0)::int as inactive,
            coalesce(sum(members) filter (where standing = 'waiting'), 0)::int as waiting,
            coalesce(sum(members) filter (where expires_on < ({1} at time zone 'UTC')::date), 0)::int + (
              select count(*)::int from memberships
              where organisation_id = {0} and removed_at is null and standing = 'waiting'
                and expires_at >= date_trunc('day', {1}, 'UTC') and expires_at <= {1}) as expired
          from member_counts where organisation_id = {0}) c
        """;

    public static async Task<MemberCounts> ReadAsync(
        Db db,
        Guid organisation,
        DateTimeOffset now,
        CancellationToken cancellation
    ) =>
        (
            await db
                .Database.SqlQuery<MemberCounts>(FormattableStringFactory.Create(Sql, organisation, now))
                .ToListAsync(cancellation)
        )[0];
}
