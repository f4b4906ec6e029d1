using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Web;

namespace Rollcall.Users;

/// <summary>An organisation's people in name order: first name, then last name, as a person would sort them.</summary>
internal sealed class ListModel(Db db, Current current) : PageModel
{
    public Paging Paging { get; private set; }
    public IReadOnlyList<Person> People { get; private set; } = [];

    public string Showing => Paging.Total == 1 ? "1 user" : Paging.Pages == 1 ? $"{Paging.Total} users" : $"Showing {Paging.First:N0} to {Paging.Last:N0} of {Paging.Total:N0} users";

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        var (asked, size) = (Paging.Asked(Request), current.Console.PageSize);
        People = await PageAsync(db, current.Organisation.Id, asked, size, cancellation);
        Paging = new(asked, size, People is [var first, ..] ? first.Total : 0);
    }

    /// <summary>
    /// One page in one query, whose cost does not grow with the page's number: the stretches of member_counts say in which stretch the page
    /// begins and how far into it, and how many people there are in all.
    /// </summary>
    internal static async Task<List<Person>> PageAsync(Db db, Guid organisation, int page, int size, CancellationToken cancellation)
    {
        var people = await db.Database.SqlQuery<Person>($"""
            with counted as materialized (
              select from_name, from_user, members, (sum(members) over (order by from_name, from_user))::int as upto
              from member_counts where organisation_id = {organisation}),
            asked as (
              select total, (greatest(least({page}, (total + {size} - 1) / {size}), 1) - 1) * {size} as skip
              from (select coalesce(max(upto), 0) as total from counted) t),
            start as materialized ( -- or the planner may step over before it has found the stretch
              select c.from_name, c.from_user, a.skip - (c.upto - c.members) as skip, a.total
              from asked a join counted c on a.skip >= c.upto - c.members and a.skip < c.upto)
            select u.id as "UserId", u.first_name as "FirstName", u.last_name as "LastName", u.email as "Email",
                   u.registered_at as "RegisteredAt", u.paused_at as "AccountPausedAt", m.paused_at as "PausedAt", m.expires_at as "ExpiresAt",
                   m.position as "Position", s.total as "Total"
            from start s
            cross join lateral (
              select user_id, paused_at, expires_at, row_number() over (order by sort_name, user_id) as position
              from memberships
              where organisation_id = {organisation} and removed_at is null and (sort_name, user_id) >= (s.from_name, s.from_user)
              order by sort_name, user_id offset s.skip limit {size}) m
            join users u on u.id = m.user_id
            """).ToListAsync(cancellation);
        // The query leaves the order of the last join open, and sorting 25 rows here costs nothing.
        people.Sort((a, b) => a.Position.CompareTo(b.Position));
        return people;
    }

    internal sealed record Person(
        Guid UserId, string? FirstName, string? LastName, string Email, DateTimeOffset? RegisteredAt, DateTimeOffset? AccountPausedAt,
        DateTimeOffset? PausedAt, DateTimeOffset? ExpiresAt, long Position, int Total)
    {
        public MembershipStatus Status(DateTimeOffset now) => MembershipStatuses.Of(PausedAt, AccountPausedAt, RegisteredAt, ExpiresAt, now);
    }
}
