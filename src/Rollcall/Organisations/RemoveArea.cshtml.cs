using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Organisations;

/// <summary>Removing a service area, which must be confirmed.</summary>
internal sealed class RemoveAreaModel(Db db, OrganisationSettings settings, Current current, Banner banner) : PageModel
{
    public ServiceArea Area { get; private set; } = null!;

    /// <summary>How many people are limited to it, and to others.</summary>
    public int People { get; private set; }

    /// <summary>Why it cannot be removed now.</summary>
    public Refusal? Refusal { get; private set; }

    public async Task<IActionResult> OnGetAsync([FromRoute] Guid areaId, CancellationToken cancellation)
    {
        if (!await OpenAsync(areaId, cancellation))
        {
            return Redirect(Links.Areas(current.Organisation.Id)); // it has been removed
        }

        Refusal = await settings.RefuseToRemoveAreaAsync(Area, current.Now, cancellation);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync([FromRoute] Guid areaId, CancellationToken cancellation)
    {
        var here = current.Organisation.Id;
        if (!await OpenAsync(areaId, cancellation))
        {
            return Redirect(Links.Areas(here)); // a second click: it is gone
        }

        Refusal = await settings.RemoveAreaAsync(current.Viewer, here, areaId, current.Now, cancellation);
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
            m => m.RemovedAt == null && db.AccessGrants.Any(g => g.ServiceAreaId == id && g.MembershipId == m.Id),
            cancellation
        );
        return true;
    }
}
