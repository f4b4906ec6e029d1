using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.History;
using Rollcall.Model;
using Rollcall.Web;

namespace Rollcall.Users.Everyone;

/// <summary>One person for support: every organisation they belong to, and what happened.</summary>
internal sealed class PersonModel(Db db, Current current) : PageModel
{
    public User Person { get; private set; } = null!;

    /// <summary>How the account was paused; null when it is not.</summary>
    public PauseFacts? Pause { get; private set; }
    public IReadOnlyList<Belonging> Memberships { get; private set; } = [];
    public IReadOnlyList<HistoryEntry> History { get; private set; } = [];

    public async Task<IActionResult> OnGetAsync([FromRoute] Guid userId, CancellationToken cancellation)
    {
        if (await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Id == userId, cancellation) is not { } person)
        {
            return NotFound();
        }

        Person = person;
        Pause = await PauseFacts.FindAsync(db, person, null, current, cancellation);
        var memberships = await db
            .Memberships.AsNoTracking()
            .Include(m => m.Organisation)
            .Where(m => m.UserId == userId && m.RemovedAt == null)
            .OrderBy(m => m.Organisation.Name)
            .ThenBy(m => m.OrganisationId)
            .ToListAsync(cancellation);
        Memberships =
        [
            .. memberships.Select(m => new Belonging(
                m.Organisation,
                current.Roles.AreOne ? null : current.Roles.Find(m.Role)?.Name ?? "None",
                MembershipStatuses.Of(person, m, current.Now)
            )),
        ];
        var records = await Timeline.RecordsOfAsync(db, userId, cancellation);
        var events = db.AuditEvents.Where(e => records.Contains(e.UserId!.Value));
        History = await Timeline.ReadAsync(db, events, current.Viewer, current.Options, cancellation);
        return Page();
    }

    internal sealed record Belonging(Organisation Organisation, string? Role, MembershipStatus Status);
}
