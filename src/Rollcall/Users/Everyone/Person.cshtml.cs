using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Users.Everyone;

/// <summary>One person for support: everywhere they belong, and what happened.</summary>
internal sealed class PersonModel(Db db, Pausing pausing, Managing managing, Current current, Banner banner) : PageModel
{
    private const int LongestHistory = 100;

    [BindProperty]
    public string? Reason { get; set; }

    public User Person { get; private set; } = null!;
    public IReadOnlyList<(Organisation Organisation, string? Role, MembershipStatus Status)> Memberships { get; private set; } = [];

    /// <summary>The organisations whose users nobody else could manage: support is warned, and may pause the account.</summary>
    public IReadOnlyList<string> LastIn { get; private set; } = [];
    public IReadOnlyList<(DateTimeOffset At, string What)> History { get; private set; } = [];

    public async Task<IActionResult> OnGetAsync([FromRoute] Guid userId, CancellationToken cancellation) => await OpenAsync(userId, cancellation) ? Page() : NotFound();

    /// <summary>Pauses the account, or resumes it.</summary>
    public async Task<IActionResult> OnPostAsync([FromRoute] Guid userId, [FromForm] bool pause, CancellationToken cancellation)
    {
        if (!await OpenAsync(userId, cancellation))
            return NotFound();
        var reason = PlainText.OneLine(Reason);
        if (reason.Length > Pause.PauseModel.MostWords)
        {
            ModelState.AddModelError(nameof(Reason), $"Reason must be {Pause.PauseModel.MostWords} characters or fewer");
            return Page();
        }
        if ((await pausing.SetAccountAsync(current.Viewer, userId, pause, reason.Length == 0 ? null : reason, current.Now, cancellation)).Refusal is { } refusal)
        {
            ModelState.AddModelError("", refusal.Message);
            return Page();
        }
        return Redirect(banner.Then(Links.Person(userId), $"The account of {Person.DisplayName} has been {(pause ? "paused" : "resumed")}."));
    }

    private async Task<bool> OpenAsync(Guid userId, CancellationToken cancellation)
    {
        if (await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Id == userId, cancellation) is not { } person)
            return false;
        Person = person;
        var memberships = await (
            from m in db.Memberships
            where m.UserId == userId && m.RemovedAt == null
            join o in db.Organisations on m.OrganisationId equals o.Id
            orderby o.Name, o.Id
            select new { Membership = m, Organisation = o }).AsNoTracking().ToListAsync(cancellation);
        Memberships = [.. memberships.Select(m => (m.Organisation, current.Roles.AreOne ? null : current.Roles.Find(m.Membership.Role)?.Name ?? "None",
            MembershipStatuses.Of(person, m.Membership, current.Now)))];
        var lastIn = new List<string>();
        foreach (var m in memberships.Where(m => current.Roles.ManagesUsers(m.Membership.Role))) // a few at most
        {
            if (await managing.AreLastAsync(m.Organisation.Id, [userId], cancellation))
                lastIn.Add(m.Organisation.Name);
        }
        LastIn = lastIn;
        var records = await Users.History.RecordsOfAsync(db, userId, cancellation);
        var events = await (
            from e in db.AuditEvents.AsNoTracking()
            where records.Contains(e.UserId!.Value)
            orderby e.At descending, e.Id descending
            select new { Event = e, Organisation = db.Organisations.Where(o => o.Id == e.OrganisationId).Select(o => o.Name).FirstOrDefault() })
            .Take(LongestHistory).ToListAsync(cancellation);
        History = [.. events.Select(e => (e.Event.At, Users.History.InWords(e.Event, e.Organisation)))];
        return true;
    }
}
