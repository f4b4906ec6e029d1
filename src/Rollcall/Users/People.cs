using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Model;

namespace Rollcall.Users;

/// <summary>One row of a list of people.</summary>
/// <param name="Position">From 1, in the order of the list.</param>
/// <param name="Total">People in the list, where the query counts them.</param>
internal sealed record Person(
    Guid UserId, string? FirstName, string? LastName, string Email, DateTimeOffset? RegisteredAt, DateTimeOffset? AccountPausedAt,
    DateTimeOffset? PausedAt, DateTimeOffset? ExpiresAt, long Position, int Total)
{
    public string Name => PersonName.FullName(FirstName, LastName, Email);

    public MembershipStatus Status(DateTimeOffset now) => MembershipStatuses.Of(PausedAt, AccountPausedAt, RegisteredAt, ExpiresAt, now);
}

/// <summary>How many people of an organisation there are of each status, at one instant.</summary>
/// <param name="AreStale">Some of the Pending are Expired by now, or the other way round.</param>
internal sealed record Counts(int Active, int Inactive, int Pending, int Expired, bool AreStale = false)
{
    public int All => Active + Inactive + Pending + Expired;

    public int Of(MembershipStatus? status) => status switch
    {
        null => All,
        MembershipStatus.Active => Active,
        MembershipStatus.Inactive => Inactive,
        MembershipStatus.Pending => Pending,
        _ => Expired,
    };
}

/// <summary>
/// The people of one organisation in name order (first name, then last name, as a person would sort them): all, those of one status, or those that
/// a search finds. No query's cost grows with the number of the page, nor the number of queries with anything.
/// </summary>
internal static class People
{
    /// <summary>A search that finds more says so, and asks for more of the name.</summary>
    public const int MostFound = 1000;

    private const string Columns = """
        u.id as "UserId", u.first_name as "FirstName", u.last_name as "LastName", u.email as "Email", u.registered_at as "RegisteredAt",
        u.paused_at as "AccountPausedAt", m.paused_at as "PausedAt", m.expires_at as "ExpiresAt", m.position as "Position"
        """;

    /// <summary>How many there are of each status. Whoever became Expired since somebody last looked is brought up to date first: <see cref="PageAsync"/> relies on it.</summary>
    public static async Task<Counts> CountAsync(Db db, Guid organisation, DateTimeOffset now, CancellationToken cancellation)
    {
        var counts = await ReadCountsAsync(db, organisation, now, cancellation);
        if (!counts.AreStale)
            return counts;
        await using (var transaction = await db.Database.BeginTransactionAsync(cancellation))
        {
            await db.LockAsync(organisation, cancellation); // as every write to an organisation's people begins
            await db.Database.ExecuteSqlRawAsync($"update memberships m set late = not late where {OfAnotherTime}", [organisation, now], cancellation);
            await transaction.CommitAsync(cancellation);
        }
        return await ReadCountsAsync(db, organisation, now, cancellation);
    }

    private const string Waiting = "organisation_id = {0} and removed_at is null and standing = 'waiting'";

    // Both ways: two instances, or a clock that was set back, need not agree about the time.
    private const string OfAnotherTime = Waiting + " and ((not late and expires_at <= {1}) or (late and (expires_at > {1} or expires_at is null)))";

    /// <summary>Looks at the two ends of an index to see whether anybody is of another time: an "exists" reads the whole table where it expects to find somebody at once.</summary>
    private static async Task<Counts> ReadCountsAsync(Db db, Guid organisation, DateTimeOffset now, CancellationToken cancellation)
        => (await db.Database.SqlQuery<Counts>(FormattableStringFactory.Create($$"""
            select coalesce(sum(members) filter (where list = 'active'), 0)::int as "Active", coalesce(sum(members) filter (where list = 'inactive'), 0)::int as "Inactive",
                   coalesce(sum(members) filter (where list = 'pending'), 0)::int as "Pending", coalesce(sum(members) filter (where list = 'expired'), 0)::int as "Expired",
                   coalesce((select expires_at <= {1} from memberships where {{Waiting}} and not late order by expires_at limit 1), false)
                   or coalesce((select expires_at is null or expires_at > {1} from memberships where {{Waiting}} and late order by expires_at desc limit 1), false) as "AreStale"
            from member_stretches where organisation_id = {0}
            """, organisation, now)).ToListAsync(cancellation))[0];

    /// <summary>
    /// One page of everybody, or of one status, in one query: the stretches say in which stretch the page begins and how far into it, and how many
    /// people there are in all.
    /// </summary>
    public static async Task<List<Person>> PageAsync(Db db, Guid organisation, int page, int size, MembershipStatus? status, CancellationToken cancellation)
    {
        var list = status?.ToString().ToLowerInvariant() ?? "all";
        var among = status switch
        {
            null => "",
            MembershipStatus.Pending => "and standing = 'waiting' and not late",
            MembershipStatus.Expired => "and standing = 'waiting' and late",
            _ => "and standing = {3}",
        };
        return await QueryAsync(db, $$"""
            with counted as materialized (
              select from_name, from_user, members, (sum(members) over (order by from_name, from_user))::int as upto
              from member_stretches where organisation_id = {0} and list = {3}),
            asked as (
              select total, (greatest(least({1}, (total + {2} - 1) / {2}), 1) - 1) * {2} as skip
              from (select coalesce(max(upto), 0) as total from counted) t),
            start as materialized ( -- or the planner may step over before it has found the stretch
              select c.from_name, c.from_user, a.skip - (c.upto - c.members) as skip, a.total
              from asked a join counted c on a.skip >= c.upto - c.members and a.skip < c.upto)
            select {{Columns}}, s.total as "Total"
            from start s
            cross join lateral (
              select user_id, paused_at, expires_at, row_number() over (order by sort_name, user_id) as position
              from memberships
              where organisation_id = {0} and removed_at is null {{among}} and (sort_name, user_id) >= (s.from_name, s.from_user)
              order by sort_name, user_id offset s.skip limit {2}) m
            join users u on u.id = m.user_id
            """, cancellation, organisation, page, size, list);
    }

    /// <summary>Everybody whom the words find (<see cref="UserSearch"/>): one more than <see cref="MostFound"/> at most.</summary>
    public static async Task<List<Person>> FindAsync(Db db, Guid organisation, string search, CancellationToken cancellation)
    {
        var words = UserSearch.Words(search);
        return InOrder(await UserSearch.QueryAsync<Person>(db, $$"""
            with found as materialized (
              select u.id, m.paused_at, m.expires_at, m.sort_name
              from memberships m join users u on u.id = m.user_id
              where m.organisation_id = {0} and m.removed_at is null and {{UserSearch.Condition(words, first: 2)}}
              order by m.user_id limit {1}) -- the same people every time; and without an order the planner may hope to meet enough of them by reading everybody
            select {{Columns}}, 0 as "Total"
            from (select id, paused_at, expires_at, row_number() over (order by sort_name, id) as position from found) m
            join users u on u.id = m.id
            """, [organisation, MostFound + 1, .. words], cancellation));
    }

    /// <summary>The next people of a list after <paramref name="last"/> (null: the first), with all that is told about them.</summary>
    /// <param name="only">Among these; null for all.</param>
    public static Task<List<Exported>> ExportAsync(Db db, Guid organisation, MembershipStatus? status, Guid[]? only, Exported? last, int size, DateTimeOffset now, CancellationToken cancellation)
    {
        var among = status switch
        {
            null => "",
            MembershipStatus.Active => "and standing = 'active'",
            MembershipStatus.Inactive => "and standing = 'inactive'",
            MembershipStatus.Expired => "and standing = 'waiting' and expires_at <= {1}",
            _ => "and standing = 'waiting' and (expires_at is null or expires_at > {1})",
        };
        if (only is not null)
            among += " and user_id = any({5})";
        return db.Database.SqlQuery<Exported>(FormattableStringFactory.Create($$"""
            select u.id as "UserId", m.sort_name as "SortName", u.first_name as "FirstName", u.last_name as "LastName", u.email as "Email", u.registered_at as "RegisteredAt",
                   u.paused_at as "AccountPausedAt", m.paused_at as "PausedAt", m.expires_at as "ExpiresAt", m.role as "Role", m.added_at as "AddedAt", u.last_signed_in_at as "LastSignedInAt",
                   (select string_agg(a.name, ', ' order by a.name) from access_grants g join service_areas a on a.id = g.service_area_id where g.membership_id = m.id) as "Areas"
            from (select * from memberships
                  where organisation_id = {0} and removed_at is null {{among}} and (sort_name, user_id) > ({3}, {4})
                  order by sort_name, user_id limit {2}) m
            join users u on u.id = m.user_id
            order by m.sort_name, m.user_id
            """, organisation, now, size, last?.SortName ?? "", last?.UserId ?? Guid.Empty, only ?? [])).ToListAsync(cancellation);
    }

    /// <param name="sql">With {0}, {1} and so on where the values belong, which become parameters.</param>
    private static async Task<List<Person>> QueryAsync(Db db, string sql, CancellationToken cancellation, params object[] values)
        => InOrder(await db.Database.SqlQuery<Person>(FormattableStringFactory.Create(sql, values)).ToListAsync(cancellation));

    /// <summary>The queries leave the order of the last join open, and a page is sorted in no time.</summary>
    private static List<Person> InOrder(List<Person> people)
    {
        people.Sort((a, b) => a.Position.CompareTo(b.Position));
        return people;
    }
}
