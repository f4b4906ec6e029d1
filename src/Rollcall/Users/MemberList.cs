using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Model;

namespace Rollcall.Users;

/// <summary>One row of the list.</summary>
/// <param name="Areas">The service areas they are limited to; none for all of them.</param>
internal sealed record ListedMember(
    Guid UserId,
    string? FirstName,
    string? LastName,
    string Email,
    DateTimeOffset? RegisteredAt,
    DateTimeOffset? AccountPausedAt,
    DateTimeOffset? PausedAt,
    DateTimeOffset? ExpiresAt,
    string Role,
    Guid[] Areas
)
{
    public string Name => PersonName.FullName(FirstName, LastName, Email);

    public MembershipStatus Status(DateTimeOffset now) =>
        MembershipStatuses.Of(PausedAt, AccountPausedAt, RegisteredAt, ExpiresAt, now);
}

/// <summary>
/// The people of one organisation in name order (first name, then last name, as a person would sort them): all, those
/// of one status, or those that a search finds. Reading writes nothing and waits for no lock.
/// </summary>
internal static class MemberList
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
        m.paused_at as "PausedAt", m.expires_at as "ExpiresAt", m.role as "Role"
        """;

    private const string Areas = """
        array(
          select g.service_area_id from access_grants g
          where g.organisation_id = m.organisation_id and g.membership_id = m.id) as "Areas"
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

    /// <summary>
    /// One page of everyone, or of one status, and the counts. A page that is too high is the last one.
    /// </summary>
    /// <remarks>
    /// Steps over the entries of an index that has the list in order, from the end that is nearer; only the people of
    /// the page itself are read. Page 1 costs the same however many there are. Read without EF: it is the page that is
    /// asked for most.
    /// </remarks>
    public static async Task<(MemberCounts Counts, List<ListedMember> Members)> PageAsync(
        NpgsqlDataSource database,
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
        var sql = $$"""
            with counted as ({{MemberCounts.Sql}}),
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
            select c.*, {{Seen}}, {{Areas}}
            from counted c
            left join (
              shown s
              join memberships m
                on m.organisation_id = {0} and m.user_id = s.user_id and m.removed_at is null
              join users u on u.id = s.user_id) on true
            order by m.sort_name, m.user_id
            """;
        await using var command = database.Command(
            string.Format(CultureInfo.InvariantCulture, sql, "$1", "$2", "$3"),
            organisation,
            now,
            page
        );
        await using var row = await command.ExecuteReaderAsync(cancellation);
        await row.ReadAsync(cancellation);
        var counts = new MemberCounts(row.GetInt32(0), row.GetInt32(1), row.GetInt32(2), row.GetInt32(3));
        var members = new List<ListedMember>(size);
        // An organisation without members has one row: the counts beside nothing.
        do
        {
            if (!row.IsDBNull(4))
            {
                members.Add(
                    new(
                        row.GetGuid(4),
                        row.OrNull<string>(5),
                        row.OrNull<string>(6),
                        row.GetString(7),
                        row.GetFieldValue<DateTimeOffset?>(8),
                        row.GetFieldValue<DateTimeOffset?>(9),
                        row.GetFieldValue<DateTimeOffset?>(10),
                        row.GetFieldValue<DateTimeOffset?>(11),
                        row.GetString(12),
                        row.GetFieldValue<Guid[]>(13)
                    )
                );
            }
        } while (await row.ReadAsync(cancellation));

        return (counts, members);
    }

    private const string Typed = """
        search_fold(coalesce(m.typed_first_name, '') || ' ' || coalesce(m.typed_last_name, '') || ' ' || m.typed_email)
        """;

    /// <summary>
    /// Everyone whom the words find (<see cref="UserSearch"/>), in order: one more than <see cref="MostFound"/> at
    /// most.
    /// </summary>
    public static Task<List<ListedMember>> FindAsync(
        Db db,
        Guid organisation,
        string search,
        CancellationToken cancellation
    )
    {
        var words = UserSearch.Words(search);
        string Which(string column) => UserSearch.Condition(words, first: 2, column);
        // Ordered by id: the same people every time, and without an order the planner may hope to meet enough of them
        // by reading everyone.
        return UserSearch.QueryAsync<ListedMember>(
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
            select {{Seen}}, {{Areas}}
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
                    select {{Seen}}, m.sort_name as "SortName", m.added_at as "AddedAt",
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
}
