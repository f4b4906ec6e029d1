using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;

namespace Rollcall.Users;

/// <summary>One row of a list of people.</summary>
/// <param name="Position">From 1, in the order of the list.</param>
/// <param name="Total">People in the list, where the query counts them.</param>
internal sealed record Person(
    Guid UserId,
    string? FirstName,
    string? LastName,
    string Email,
    DateTimeOffset? RegisteredAt,
    DateTimeOffset? AccountPausedAt,
    DateTimeOffset? PausedAt,
    DateTimeOffset? ExpiresAt,
    long Position,
    int Total
)
{
    public string Name => PersonName.FullName(FirstName, LastName, Email);

    public MembershipStatus Status(DateTimeOffset now) =>
        MembershipStatuses.Of(PausedAt, AccountPausedAt, RegisteredAt, ExpiresAt, now);
}

/// <summary>How many people of an organisation there are of each status, at one instant.</summary>
/// <param name="AreStale">Some of the Pending are Expired by now, or the other way round.</param>
internal sealed record Counts(int Active, int Inactive, int Pending, int Expired, bool AreStale = false)
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
}

/// <summary>
/// The people of one organisation in name order (first name, then last name, as a person would sort them): all, those of one status, or those that
/// a search finds. No query's cost grows with the number of the page, nor the number of queries with anything.
/// </summary>
internal static class People
{
    /// <summary>A search that finds more says so, and asks for more of the name.</summary>
    public const int MostFound = 1000;

    /// <summary>What the organisation may see of a person: <see cref="User.SeenFrom"/> in SQL.</summary>
    private const string Seen = """
        u.id as "UserId", case when m.awaited then m.typed_first_name else u.first_name end as "FirstName",
        case when m.awaited then m.typed_last_name else u.last_name end as "LastName", case when m.awaited then m.typed_email else u.email end as "Email",
        case when m.registered then u.registered_at end as "RegisteredAt", case when m.account_paused then u.paused_at end as "AccountPausedAt",
        m.paused_at as "PausedAt", m.expires_at as "ExpiresAt"
        """;

    private const string Columns = $"""{Seen}, m.position as "Position" """;

    private const string Waiting = "organisation_id = {0} and removed_at is null and standing = 'waiting'";

    /// <summary>
    /// How many there are of each status now. The lists are brought up to date in the background (<see cref="ExpiringInvitations"/>); the few who
    /// have expired since are counted here, so that reading writes nothing and waits for no lock.
    /// </summary>
    /// <remarks>Looks at the two ends of an index first: a count alone might read the whole table where it expects to find many.</remarks>
    public static async Task<Counts> CountAsync(
        Db db,
        Guid organisation,
        DateTimeOffset now,
        CancellationToken cancellation
    ) =>
        (
            await db
                .Database.SqlQuery<Counts>(
                    FormattableStringFactory.Create(
                        $$"""
                        with counted as (
                          select coalesce(sum(members) filter (where list = 'active'), 0)::int as active, coalesce(sum(members) filter (where list = 'inactive'), 0)::int as inactive,
                                 coalesce(sum(members) filter (where list = 'pending'), 0)::int as pending, coalesce(sum(members) filter (where list = 'expired'), 0)::int as expired,
                                 coalesce((select expires_at <= {1} from memberships where {{Waiting}} and not late order by expires_at limit 1), false) as has_expired,
                                 coalesce((select expires_at is null or expires_at > {1} from memberships where {{Waiting}} and late order by expires_at desc limit 1), false) as has_returned
                          from member_stretches where organisation_id = {0}),
                        moved as (
                          select *, case when has_expired then (select count(*)::int from memberships where {{Waiting}} and not late and expires_at <= {1}) else 0 end
                                  - case when has_returned then (select count(*)::int from memberships where {{Waiting}} and late and (expires_at > {1} or expires_at is null)) else 0 end as people
                          from counted)
                        select active as "Active", inactive as "Inactive", pending - people as "Pending", expired + people as "Expired", has_expired or has_returned as "AreStale" from moved
                        """,
                        organisation,
                        now
                    )
                )
                .ToListAsync(cancellation)
        )[0];

    /// <summary>One page of everyone, or of one status.</summary>
    public static Task<List<Person>> PageAsync(
        Db db,
        Guid organisation,
        int page,
        int size,
        MembershipStatus? status,
        Counts counts,
        DateTimeOffset now,
        CancellationToken cancellation
    ) =>
        counts.AreStale && status is MembershipStatus.Pending or MembershipStatus.Expired
            ? PageByTheClockAsync(db, organisation, page, size, status.Value, counts, now, cancellation)
            : PageAsync(db, organisation, page, size, status, cancellation);

    /// <summary>
    /// One page in one query: the stretches say in which stretch the page begins and how far into it, and how many people there are in all.
    /// </summary>
    public static async Task<List<Person>> PageAsync(
        Db db,
        Guid organisation,
        int page,
        int size,
        MembershipStatus? status,
        CancellationToken cancellation
    )
    {
        var list = status?.ToString().ToLowerInvariant() ?? "all";
        var among = status switch
        {
            null => "",
            MembershipStatus.Pending => "and standing = 'waiting' and not late",
            MembershipStatus.Expired => "and standing = 'waiting' and late",
            _ => "and standing = {3}",
        };
        return await QueryAsync(
            db,
            $$"""
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
              select *, row_number() over (order by sort_name, user_id) as position
              from memberships
              where organisation_id = {0} and removed_at is null {{among}} and (sort_name, user_id) >= (s.from_name, s.from_user)
              order by sort_name, user_id offset s.skip limit {2}) m
            join users u on u.id = m.user_id
            """,
            cancellation,
            organisation,
            page,
            size,
            list
        );
    }

    /// <summary>The same for the seconds until the lists are up to date: it steps over everyone before the page.</summary>
    private static Task<List<Person>> PageByTheClockAsync(
        Db db,
        Guid organisation,
        int page,
        int size,
        MembershipStatus status,
        Counts counts,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        var total = counts.Of(status);
        var skip = (Math.Clamp(page, 1, Math.Max(1, (total + size - 1) / size)) - 1) * size;
        return QueryAsync(
            db,
            $$"""
            select {{Columns}}, {4} as "Total"
            from (select *, row_number() over (order by sort_name, user_id) as position from memberships
                  where {{Waiting}} and {{(status == MembershipStatus.Expired ? ExpiredNow : PendingNow)}}
                  order by sort_name, user_id offset {2} limit {3}) m
            join users u on u.id = m.user_id
            """,
            cancellation,
            organisation,
            now,
            skip,
            size,
            total
        );
    }

    private const string ExpiredNow = "expires_at <= {1}";
    private const string PendingNow = "(expires_at is null or expires_at > {1})";

    private const string Typed =
        "search_fold(coalesce(m.typed_first_name, '') || ' ' || coalesce(m.typed_last_name, '') || ' ' || m.typed_email)";

    /// <summary>Everybody whom the words find (<see cref="UserSearch"/>): one more than <see cref="MostFound"/> at most.</summary>
    public static async Task<List<Person>> FindAsync(
        Db db,
        Guid organisation,
        string search,
        CancellationToken cancellation
    )
    {
        var words = UserSearch.Words(search);
        return InOrder(
            await UserSearch.QueryAsync<Person>(
                db,
                $$"""
                with found as materialized (
                  select m.*
                  from memberships m join users u on u.id = m.user_id
                  where m.organisation_id = {0} and m.removed_at is null and not m.awaited and {{UserSearch.Condition(
                    words,
                    first: 2,
                    "u.search_text"
                )}}
                  order by m.user_id limit {1}), -- the same people every time; and without an order the planner may hope to meet enough of them by reading everyone
                found_awaited as materialized (
                  select m.* from memberships m
                  where m.organisation_id = {0} and m.removed_at is null and m.awaited and {{UserSearch.Condition(
                    words,
                    first: 2,
                    Typed
                )}}
                  order by m.user_id limit {1})
                select {{Columns}}, 0 as "Total"
                from (select *, row_number() over (order by sort_name, user_id) as position from (table found union all table found_awaited) f) m
                join users u on u.id = m.user_id
                """,
                [organisation, MostFound + 1, .. words],
                cancellation
            )
        );
    }

    /// <summary>The next people of a list after <paramref name="last"/> (null: the first), with all that is told about them.</summary>
    /// <param name="only">Among these; null for all.</param>
    public static Task<List<UsersCsvRow>> ExportAsync(
        Db db,
        Guid organisation,
        MembershipStatus? status,
        Guid[]? only,
        UsersCsvRow? last,
        int size,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        var among = status switch
        {
            null => "",
            MembershipStatus.Active => "and standing = 'active'",
            MembershipStatus.Inactive => "and standing = 'inactive'",
            MembershipStatus.Expired => $"and standing = 'waiting' and {ExpiredNow}",
            _ => $"and standing = 'waiting' and {PendingNow}",
        };
        if (only is not null)
        {
            among += " and user_id = any({5})";
        }

        return db
            .Database.SqlQuery<UsersCsvRow>(
                FormattableStringFactory.Create(
                    $$"""
                    select {{Seen}}, m.sort_name as "SortName", m.role as "Role", m.added_at as "AddedAt", u.last_signed_in_at as "LastSignedInAt",
                           (select string_agg(a.name, ', ' order by a.name) from access_grants g join service_areas a on a.id = g.service_area_id where g.membership_id = m.id) as "Areas"
                    from (select * from memberships
                          where organisation_id = {0} and removed_at is null {{among}} and (sort_name, user_id) > ({3}, {4})
                          order by sort_name, user_id limit {2}) m
                    join users u on u.id = m.user_id
                    order by m.sort_name, m.user_id
                    """,
                    organisation,
                    now,
                    size,
                    last?.SortName ?? "",
                    last?.UserId ?? Guid.Empty,
                    only ?? []
                )
            )
            .ToListAsync(cancellation);
    }

    /// <param name="sql">With {0}, {1} and so on where the values belong, which become parameters.</param>
    private static async Task<List<Person>> QueryAsync(
        Db db,
        string sql,
        CancellationToken cancellation,
        params object[] values
    ) =>
        InOrder(
            await db.Database.SqlQuery<Person>(FormattableStringFactory.Create(sql, values)).ToListAsync(cancellation)
        );

    /// <summary>The queries leave the order of the last join open, and a page is sorted in no time.</summary>
    private static List<Person> InOrder(List<Person> people)
    {
        people.Sort((a, b) => a.Position.CompareTo(b.Position));
        return people;
    }
}
