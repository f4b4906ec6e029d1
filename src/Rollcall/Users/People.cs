using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Model;

namespace Rollcall.Users;

/// <summary>One row of a list of people.</summary>
internal sealed record Person(
    Guid UserId,
    string? FirstName,
    string? LastName,
    string Email,
    DateTimeOffset? RegisteredAt,
    DateTimeOffset? AccountPausedAt,
    DateTimeOffset? PausedAt,
    DateTimeOffset? ExpiresAt
)
{
    public string Name => PersonName.FullName(FirstName, LastName, Email);

    public MembershipStatus Status(DateTimeOffset now) =>
        MembershipStatuses.Of(PausedAt, AccountPausedAt, RegisteredAt, ExpiresAt, now);
}

/// <summary>How many people of an organisation there are of each status, at one instant.</summary>
internal sealed record Counts(int Active, int Inactive, int Pending, int Expired)
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
/// The people of one organisation in name order (first name, then last name, as a person would sort them): all, those
/// of one status, or those that a search finds. Reading writes nothing and waits for no lock.
/// </summary>
internal static class People
{
    /// <summary>A search that finds more says so, and asks for more of the name.</summary>
    public const int MostFound = 1000;

    /// <summary>What the organisation may see of a person: <see cref="User.SeenFrom"/> in SQL.</summary>
    private const string Seen = """
        u.id as "UserId",
        case when m.awaited then m.typed_first_name else u.first_name end as "FirstName",
        case when m.awaited then m.typed_last_name else u.last_name end as "LastName",
        case when m.awaited then m.typed_email else u.email end as "Email",
        case when m.registered then u.registered_at end as "RegisteredAt",
        case when m.account_paused then u.paused_at end as "AccountPausedAt",
        m.paused_at as "PausedAt", m.expires_at as "ExpiresAt"
        """;

    /// <summary>
    /// The counts of organisation {0} at the instant {1}. Expired: the sum of the days before, and those of today whose
    /// time has come.
    /// </summary>
    private const string Counted = """
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

    /// <summary>The people of one status at the instant {1}: <see cref="MembershipStatuses"/> in SQL.</summary>
    private static string Among(MembershipStatus? status) =>
        status switch
        {
            null => "",
            MembershipStatus.Active => "and standing = 'active'",
            MembershipStatus.Inactive => "and standing = 'inactive'",
            MembershipStatus.Expired => "and standing = 'waiting' and expires_at <= {1}",
            _ => "and standing = 'waiting' and (expires_at is null or expires_at > {1})",
        };

    public static async Task<Counts> CountAsync(
        Db db,
        Guid organisation,
        DateTimeOffset now,
        CancellationToken cancellation
    ) =>
        (
            await db
                .Database.SqlQuery<Counts>(FormattableStringFactory.Create(Counted, organisation, now))
                .ToListAsync(cancellation)
        )[0];

    /// <summary>
    /// One page of everyone, or of one status, and the counts. A page that is too high is the last one.
    /// </summary>
    /// <remarks>
    /// Steps over the entries of an index that has the list in order, from the end that is nearer; only the people of
    /// the page itself are read. Page 1 costs the same however many there are.
    /// </remarks>
    public static async Task<(Counts Counts, List<Person> People)> PageAsync(
        Db db,
        Guid organisation,
        int page,
        int size,
        MembershipStatus? status,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        var total = status is null ? "\"Active\" + \"Inactive\" + \"Pending\" + \"Expired\"" : $"\"{status}\"";
        var ids =
            $"select user_id from memberships where organisation_id = {{0}} and removed_at is null {Among(status)}";
        // The size is part of the text: the planner must know that a page is short.
        var rows = await db
            .Database.SqlQuery<Row>(
                FormattableStringFactory.Create(
                    $$"""
                    with counted as ({{Counted}}),
                    asked as (
                      select total, skip, skip > total / 2 as from_the_end
                      from (select {{total}} as total from counted) t
                      cross join lateral (
                        select (least({2}, greatest((total + {{size - 1}}) / {{size}}, 1)) - 1) * {{size}} as skip) s),
                    -- Materialised: a planner that knows nothing of the tables yet would find the page for each person.
                    shown as materialized (
                      select i.user_id from asked a cross join lateral (
                        {{ids}} order by sort_name, user_id offset a.skip limit {{size}}) i
                      where not from_the_end
                      union all
                      select i.user_id from asked a cross join lateral (
                        {{ids}} order by sort_name desc, user_id desc
                        offset greatest(a.total - a.skip - {{size}}, 0) limit least(a.total - a.skip, {{size}})) i
                      where from_the_end
                      limit {{size}})
                    select c.*, {{Seen}}
                    from counted c
                    left join (
                      shown s
                      join memberships m
                        on m.organisation_id = {0} and m.user_id = s.user_id and m.removed_at is null
                      join users u on u.id = s.user_id) on true
                    order by m.sort_name, m.user_id
                    """,
                    organisation,
                    now,
                    page
                )
            )
            .ToListAsync(cancellation);
        return (rows[0].Counts, [.. rows.Where(row => row.UserId is not null).Select(row => row.Person)]);
    }

    private const string Typed = """
        search_fold(coalesce(m.typed_first_name, '') || ' ' || coalesce(m.typed_last_name, '') || ' ' || m.typed_email)
        """;

    /// <summary>
    /// Everyone whom the words find (<see cref="UserSearch"/>), in order: one more than <see cref="MostFound"/> at
    /// most.
    /// </summary>
    public static Task<List<Person>> FindAsync(Db db, Guid organisation, string search, CancellationToken cancellation)
    {
        var words = UserSearch.Words(search);
        string Which(string column) => UserSearch.Condition(words, first: 2, column);
        // Ordered by id: the same people every time, and without an order the planner may hope to meet enough of them
        // by reading everyone.
        return UserSearch.QueryAsync<Person>(
            db,
            $$"""
            with found as materialized (
              select m.* from memberships m join users u on u.id = m.user_id
              where m.organisation_id = {0} and m.removed_at is null and not m.awaited and {{Which("u.search_text")}}
              order by m.user_id limit {1}),
            found_awaited as materialized (
              select m.* from memberships m
              where m.organisation_id = {0} and m.removed_at is null and m.awaited and {{Which(Typed)}}
              order by m.user_id limit {1})
            select {{Seen}}
            from (table found union all table found_awaited) m
            join users u on u.id = m.user_id
            order by m.sort_name, m.user_id
            """,
            [organisation, MostFound + 1, .. words],
            cancellation
        );
    }

    /// <summary>The next people of a list after <paramref name="last"/> (null: the first), for a spreadsheet.</summary>
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
    ) =>
        db
            .Database.SqlQuery<UsersCsvRow>(
                FormattableStringFactory.Create(
                    $$"""
                    select {{Seen}}, m.sort_name as "SortName", m.role as "Role", m.added_at as "AddedAt",
                           u.last_signed_in_at as "LastSignedInAt",
                           (select string_agg(a.name, ', ' order by a.name)
                            from access_grants g
                            join service_areas a on a.organisation_id = g.organisation_id and a.id = g.service_area_id
                            where g.organisation_id = m.organisation_id and g.membership_id = m.id) as "Areas"
                    from (
                      select * from memberships
                      where organisation_id = {0} and removed_at is null {{Among(status)}}
                        and (sort_name, user_id) > ({3}, {4}) {{(only is null ? "" : "and user_id = any({5})")}}
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

    /// <summary>A person of a page beside the counts; no person where the list is empty.</summary>
    private sealed record Row(
        int Active,
        int Inactive,
        int Pending,
        int Expired,
        Guid? UserId,
        string? FirstName,
        string? LastName,
        string? Email,
        DateTimeOffset? RegisteredAt,
        DateTimeOffset? AccountPausedAt,
        DateTimeOffset? PausedAt,
        DateTimeOffset? ExpiresAt
    )
    {
        public Counts Counts => new(Active, Inactive, Pending, Expired);

        public Person Person =>
            new(UserId!.Value, FirstName, LastName, Email!, RegisteredAt, AccountPausedAt, PausedAt, ExpiresAt);
    }
}
