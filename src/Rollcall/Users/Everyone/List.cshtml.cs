using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Web;

namespace Rollcall.Users.Everyone;

/// <summary>
/// Support finds every person, wherever they belong. Pages are in name order and each starts from a person: the last of
/// a million people costs what the first does, and they are never counted.
/// </summary>
internal sealed class ListModel(Db db, Current current) : PageModel
{
    /// <summary>A search that finds more says so.</summary>
    public const int MostFound = 100;

    public string Search { get; private set; } = "";
    public IReadOnlyList<Row> People { get; private set; } = [];

    /// <summary>The search finds more than it shows.</summary>
    public bool More { get; private set; }
    public Guid? Previous { get; private set; }
    public Guid? Next { get; private set; }

    /// <param name="after">The last person of the page before.</param>
    /// <param name="before">The first person of the page after.</param>
    public async Task OnGetAsync(
        [FromQuery] string? search,
        [FromQuery] Guid? after,
        [FromQuery] Guid? before,
        CancellationToken cancellation
    )
    {
        Search = OrganisationSearch.Term(search);
        var size = current.Console.PageSize;
        if (Search.Length > 0)
        {
            var words = UserSearch.Words(Search);
            var matches = UserSearch.Condition(words, first: 1, "u.search_text");
            var matching =
                $"(select * from users u where u.merged_into is null and {matches} order by u.id limit {{0}})";
            var found = await UserSearch.QueryAsync<Row>(db, Select(matching), [MostFound + 1, .. words], cancellation);
            More = found.Count > MostFound;
            People = [.. found.Take(MostFound)];
            return;
        }

        // One more than fits says whether there is another page.
        var backwards = before is not null;
        var from = before ?? after;
        var place = from is null
            ? ""
            : $"and (u.sort_name, u.id) {(backwards ? "<" : ">")} (select sort_name, id from users where id = {{1}})";
        var direction = backwards ? "desc" : "asc";
        var page =
            $"(select * from users u where u.merged_into is null {place} "
            + $"order by u.sort_name {direction}, u.id {direction} limit {{0}})";
        var sql = Select(page);
        var people = await db
            .Database.SqlQuery<Row>(FormattableStringFactory.Create(sql, from is null ? [size + 1] : [size + 1, from]))
            .ToListAsync(cancellation);
        var another = people.Count > size;
        if (another)
        {
            people.RemoveAt(backwards ? 0 : people.Count - 1);
        }

        People = people;
        var hasPrevious = backwards ? another : after is not null;
        Previous = hasPrevious ? people.FirstOrDefault()?.Id : null;
        Next = backwards || another ? people.LastOrDefault()?.Id : null;
    }

    private static string Select(string users) =>
        $"""
            select u.id as "Id", u.first_name as "FirstName", u.last_name as "LastName", u.email as "Email",
              u.last_signed_in_at as "LastSignedInAt",
              (select string_agg(o.name, ', ' order by o.name)
               from memberships m join organisations o on o.id = m.organisation_id
               where m.user_id = u.id and m.removed_at is null) as "Organisations"
            from {users} u order by u.sort_name, u.id
            """;

    /// <summary>A person, and where they belong.</summary>
    internal sealed record Row(
        Guid Id,
        string? FirstName,
        string? LastName,
        string Email,
        DateTimeOffset? LastSignedInAt,
        string? Organisations
    )
    {
        public string Name => PersonName.FullName(FirstName, LastName, Email);
    }
}
