using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Organisations;

/// <summary>Asks before removing a service area.</summary>
internal sealed class RemoveAreaModel(Db db, ServiceAreas areas, Current current, Banner banner) : PageModel
{
    public ServiceArea Area { get; private set; } = null!;

    /// <summary>How many people are limited to it, some of them also to others.</summary>
    public int People { get; private set; }

    /// <summary>Why it cannot be removed now.</summary>
    public Refusal? Refusal { get; private set; }

    public async Task<IActionResult> OnGetAsync([FromRoute] Guid areaId, CancellationToken cancellation)
    {
        if (!await OpenAsync(areaId, cancellation))
        {
            return Redirect(Links.Areas(current.Organisation.Id)); // it has been removed
        }

        Refusal = await areas.RefuseToRemoveAsync(Area, current.Now, cancellation);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync([FromRoute] Guid areaId, CancellationToken cancellation)
    {
        var here = current.Organisation.Id;
        if (!await OpenAsync(areaId, cancellation))
        {
            return Redirect(Links.Areas(here)); // a second click: it is gone
        }

        var result = await areas.RemoveAsync(current.Actor, here, areaId);
        Refusal = result.Refusal;
        return Refusal is null ? Redirect(banner.Then(Links.Areas(here), $"{Area.Name} has been removed.")) : Page();
    }

    private async Task<bool> OpenAsync(Guid id, CancellationToken cancellation)
    {
        var here = current.Organisation.Id;
        var found = await db
            .ServiceAreas.AsNoTracking()
            .SingleOrDefaultAsync(a => a.Id == id && a.OrganisationId == here, cancellation);
        if (found is null)
        {
            return false;
        }

        Area = found;
        People = await db.Memberships.CountAsync(
            m =>
                m.OrganisationId == here
                && m.RemovedAt == null
                && db.AccessGrants.Any(g =>
                    g.OrganisationId == m.OrganisationId && g.MembershipId == m.Id && g.ServiceAreaId == id
                ),
            cancellation
        );
        return true;
    }
}
