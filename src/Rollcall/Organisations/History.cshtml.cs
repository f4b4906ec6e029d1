using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Data;
using Rollcall.History;
using Rollcall.Web;

namespace Rollcall.Organisations;

/// <summary>What happened to the organisation itself. What happened to a user is on the user's page.</summary>
internal sealed class HistoryModel(Db db, Current current) : PageModel
{
    public IReadOnlyList<HistoryEntry> Entries { get; private set; } = [];

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        var organisation = current.Organisation.Id;
        var events = db.AuditEvents.Where(e => e.OrganisationId == organisation && e.UserId == null);
        Entries = await Timeline.ReadAsync(db, events, current.Viewer, current.Options, cancellation);
    }
}
