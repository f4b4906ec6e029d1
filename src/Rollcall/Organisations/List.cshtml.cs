using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Web;

namespace Rollcall.Organisations;

/// <summary>Support finds any organisation; everyone else sees the ones they belong to.</summary>
internal sealed class ListModel(Db db, Current current) : PageModel
{
    public string Search { get; private set; } = "";
    public Paging Paging { get; private set; }
    public IReadOnlyList<Organisation> Organisations { get; private set; } = [];

    /// <summary>The organisation that the viewer was removed from while they looked at it.</summary>
    public string? RemovedFrom { get; private set; }

    public string Found => Paging.Total == 1 ? "1 organisation" : $"{Paging.Total:N0} organisations";

    public async Task OnGetAsync(string? search, Guid? removedFrom, CancellationToken cancellation)
    {
        if (removedFrom is { } id && !current.Viewer.MaySee(id))
        {
            RemovedFrom = await (
                from m in db.Memberships
                where m.UserId == current.Viewer.UserId && m.OrganisationId == id && m.RemovedAt != null
                join o in db.Organisations on m.OrganisationId equals o.Id
                select o.Name
            ).FirstOrDefaultAsync(cancellation);
        }

        Search = OrganisationSearch.Term(search);
        var organisations = db.Organisations.AsNoTracking();
        if (!current.Viewer.IsSupport)
        {
            var mine = current.Viewer.Memberships.Select(m => m.OrganisationId).ToList();
            organisations = organisations.Where(o => mine.Contains(o.Id));
        }
        organisations = organisations.Matching(Search);
        var total = await organisations.CountAsync(cancellation);
        var size = current.Console.PageSize;
        Paging = new(Paging.Asked(Request), size, total);
        Organisations = await organisations
            .OrderBy(o => o.Name)
            .ThenBy(o => o.Id)
            .Skip(Paging.First - 1)
            .Take(size)
            .ToListAsync(cancellation);
    }
}
