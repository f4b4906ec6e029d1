using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Data;
using Rollcall.History;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Users;

/// <summary>
/// An organisation's people, and where each of them stands. What is shown is all in the address: filter, search and
/// page.
/// </summary>
internal sealed class ListModel(Db db, AuditLog audit, MemberPolicy policy, Current current) : PageModel
{
    private List<Person> found = [];

    public Paging Paging { get; private set; }
    public IReadOnlyList<Person> People { get; private set; } = [];
    public Counts Counts { get; private set; } = new(0, 0, 0, 0);
    public MembershipStatus? Filter { get; private set; }
    public string Search { get; private set; } = "";

    /// <summary>Those on this page whom the viewer may act on: what would be refused is not offered.</summary>
    public IReadOnlySet<Guid> WithinReach { get; private set; } = new HashSet<Guid>();

    /// <summary>The search finds more than it shows.</summary>
    public bool More { get; private set; }

    /// <summary>Where no link expires, no one is ever Expired.</summary>
    public bool HasMeaning(MembershipStatus? status) =>
        status != MembershipStatus.Expired || current.Options.InvitationHours is not null || Counts.Expired > 0;

    /// <summary>"pending users", "users with an expired invitation"; in the singular for one.</summary>
    public string Kind(int count)
    {
        var users = count == 1 ? "user" : "users";
        return Filter switch
        {
            null => users,
            MembershipStatus.Expired => $"{users} with an expired invitation",
            var one => $"{one.ToString()!.ToLowerInvariant()} {users}",
        };
    }

    public string Showing
    {
        get
        {
            var total = $"{Paging.Total:N0} {Kind(Paging.Total)}";
            return (Paging.Pages == 1 ? total : $"Showing {Paging.First:N0} to {Paging.Last:N0} of {total}")
                + (Search.Length > 0 ? $" found for “{Search}”" : "");
        }
    }

    /// <summary>What the filter and the search show, all pages of it, for a spreadsheet.</summary>
    public async Task<IActionResult> OnGetCsvAsync(string? status, string? search, CancellationToken cancellation)
    {
        await ReadAsync(status, search, cancellation);
        var exported = new UsersExported(Filter?.ToString(), Search, Paging.Total);
        audit.Add(current.Actor, exported, current.Organisation.Id);
        await db.SaveChangesAsync(cancellation);
        return new UsersCsv(
            db,
            current,
            Filter,
            Search.Length == 0 ? null : [.. found.Select(person => person.UserId)]
        );
    }

    public async Task OnGetAsync(string? status, string? search, CancellationToken cancellation)
    {
        await ReadAsync(status, search, cancellation);
        if (current.Console.ActionsInList)
        {
            WithinReach = await policy.WithinReachAsync(
                current.Viewer,
                current.Organisation.Id,
                [.. People.Select(person => person.UserId)],
                cancellation
            );
        }
    }

    private async Task ReadAsync(string? status, string? search, CancellationToken cancellation)
    {
        Filter = Enum.GetValues<MembershipStatus>()
            .Cast<MembershipStatus?>()
            .FirstOrDefault(s => string.Equals(s.ToString(), status, StringComparison.OrdinalIgnoreCase));
        Search = OrganisationSearch.Term(search);
        var (organisation, now, asked, size) = (
            current.Organisation.Id,
            current.Now,
            Paging.Asked(Request),
            current.Console.PageSize
        );
        if (Search.Length > 0)
        {
            var all = await Users.People.FindAsync(db, organisation, Search, cancellation);
            More = all.Count > Users.People.MostFound;
            var by = all.Take(Users.People.MostFound).ToLookup(person => person.Status(now));
            found =
            [
                .. all.Take(Users.People.MostFound).Where(person => Filter is null || person.Status(now) == Filter),
            ];
            Counts = new(
                by[MembershipStatus.Active].Count(),
                by[MembershipStatus.Inactive].Count(),
                by[MembershipStatus.Pending].Count(),
                by[MembershipStatus.Expired].Count()
            );
            Paging = new(asked, size, Counts.Of(Filter));
            People = [.. found.Skip(Paging.First - 1).Take(size)];
            return;
        }
        (Counts, var people) = await Users.People.PageAsync(db, organisation, asked, size, Filter, now, cancellation);
        Paging = new(asked, size, Counts.Of(Filter));
        People = people;
    }
}
