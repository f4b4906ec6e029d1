using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Web;

namespace Rollcall.Register;

/// <summary>The end of registering: what the service is for, the way to it, and who to ask.</summary>
internal sealed class ReadyModel(Db db, Current current) : PageModel
{
    private const int MostNames = 3;

    public IReadOnlyList<Place> Places { get; private set; } = [];

    /// <summary>The service itself; without its address, the page of the organisation.</summary>
    public string GoOn => current.Options.ServiceUrl?.AbsoluteUri ?? Links.Home;

    public string Purpose => current.Options.ServicePurpose.Trim().TrimEnd('.');

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        var mine = current.Viewer.Memberships;
        var ids = mine.Select(m => m.OrganisationId).ToList();
        var names = await db
            .Organisations.AsNoTracking()
            .Where(o => ids.Contains(o.Id))
            .OrderBy(o => o.Name)
            .ThenBy(o => o.Id)
            .Select(o => new { o.Id, o.Name })
            .ToListAsync(cancellation);
        var places = new List<Place>();
        foreach (var organisation in names)
        {
            var managesUsers = mine.Any(m => m.OrganisationId == organisation.Id && m.ManagesUsers);
            var managers = managesUsers ? [] : await ManagersAsync(organisation.Id, cancellation);
            places.Add(new(organisation.Id, organisation.Name, managesUsers, managers));
        }
        Places = places;
    }

    /// <summary>
    /// The first few people, in name order, who can manage users now. Leaves out anyone who has not opened the
    /// organisation yet: that they have an account must not show.
    /// </summary>
    private async Task<IReadOnlyList<string>> ManagersAsync(Guid organisation, CancellationToken cancellation)
    {
        var roles = current.Roles.All.Where(r => r.ManagesUsers).Select(r => r.Key).ToList();
        var managers = await (
            from m in db.Memberships
            where
                m.OrganisationId == organisation
                && m.RemovedAt == null
                && m.PausedAt == null
                && !m.Awaited
                && roles.Contains(m.Role)
            join u in db.Users on m.UserId equals u.Id
            where u.RegisteredAt != null && u.PausedAt == null
            orderby u.FirstName, u.LastName, u.Id
            select u
        )
            .AsNoTracking()
            .Take(MostNames)
            .ToListAsync(cancellation);
        return [.. managers.Select(u => u.DisplayName)];
    }

    /// <param name="Managers">Who to ask; empty where the viewer manages users, or no one does.</param>
    internal sealed record Place(Guid Id, string Name, bool ManagesUsers, IReadOnlyList<string> Managers);
}
