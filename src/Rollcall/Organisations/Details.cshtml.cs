using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Web;

namespace Rollcall.Organisations;

internal sealed class DetailsModel(Db db, Current current) : PageModel
{
    /// <summary>It has no users yet, and the viewer may add them.</summary>
    public bool NeedsFirstUser { get; private set; }

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        var here = current.Organisation.Id;
        NeedsFirstUser =
            current.Viewer.IsSupport
            && !await db.Memberships.AnyAsync(m => m.OrganisationId == here && m.RemovedAt == null, cancellation);
    }
}
