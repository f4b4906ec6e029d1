using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Npgsql;
using Rollcall.Data;
using Rollcall.History;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Users;

/// <summary>
/// An organisation's people, each with their status. What is shown is all in the address: filter, search and
/// page.
/// </summary>
internal sealed class ListModel(Db db, NpgsqlDataSource database, AuditLog audit, MemberPolicy policy, Current current)
    : PageModel
{
    private List<ListedMember> found = [];

    public Paging Paging { get; private set; }
    public IReadOnlyList<ListedMember> Members { get; private set; } = [];
    public MemberCounts Counts { get; private set; } = new(0, 0, 0, 0);
    public MembershipStatus? Filter { get; private set; }
    public string Search { get; private set; } = "";

    /// <summary>What the policy would refuse is not offered.</summary>
    public bool MayChange(ListedMember member) =>
        policy.MayAct(current.Viewer, current.Organisation.Id, member.Role, member.Areas);

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
            Search.Length == 0 ? null : [.. found.Select(member => member.UserId)]
        );
    }

    public Task OnGetAsync(string? status, string? search, CancellationToken cancellation) =>
        ReadAsync(status, search, cancellation);

    private async Task ReadAsync(string? filter, string? search, CancellationToken cancellation)
    {
        Filter = Enum.GetValues<MembershipStatus>()
            .Cast<MembershipStatus?>()
            .FirstOrDefault(s => string.Equals(s.ToString(), filter, StringComparison.OrdinalIgnoreCase));
        Search = OrganisationSearch.Term(search);
        var organisation = current.Organisation.Id;
        var now = current.Now;
        var asked = Paging.Asked(Request);
        var size = current.Console.PageSize;
        if (Search.Length > 0)
        {
            var all = await MemberList.FindAsync(db, organisation, Search, cancellation);
            More = all.Count > MemberList.MostFound;
            var by = all.Take(MemberList.MostFound).ToLookup(member => member.Status(now));
            found = Filter is { } status ? [.. by[status]] : [.. all.Take(MemberList.MostFound)];
            Counts = new(
                by[MembershipStatus.Active].Count(),
                by[MembershipStatus.Inactive].Count(),
                by[MembershipStatus.Pending].Count(),
                by[MembershipStatus.Expired].Count()
            );
            Paging = new(asked, size, Counts.Of(Filter));
            Members = [.. found.Skip(Paging.First - 1).Take(size)];
            return;
        }

        (Counts, Members) = await MemberList.PageAsync(database, organisation, asked, size, Filter, now, cancellation);
        Paging = new(asked, size, Counts.Of(Filter));
    }
}
