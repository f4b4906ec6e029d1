using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Organisations;

/// <summary>The parts of an organisation that people may be limited to, and what it calls them.</summary>
internal sealed class AreasModel(Db db, ServiceAreas areas, Current current, Banner banner) : PageModel
{
    [BindProperty]
    public string? Name { get; set; }

    [BindProperty]
    public string? Word { get; set; }

    /// <summary>The area being renamed; null when adding one.</summary>
    public Guid? Renaming { get; private set; }
    public IReadOnlyList<(ServiceArea Area, int People)> Areas { get; private set; } = [];

    private string Here => Links.Areas(current.Organisation.Id);

    public async Task OnGetAsync([FromQuery] Guid? rename, CancellationToken cancellation)
    {
        await OpenAsync(rename, cancellation);
        Name = Areas.FirstOrDefault(a => a.Area.Id == rename).Area?.Name;
        Word = current.Organisation.AreaWord;
    }

    public async Task<IActionResult> OnPostAsync([FromQuery] Guid? rename, CancellationToken cancellation)
    {
        var name = PlainText.OneLine(Name);
        if (Problem(name, "Enter a name", "Name", ServiceArea.LongestName) is { } problem)
        {
            ModelState.AddModelError(nameof(Name), problem);
        }
        else
        {
            var result = rename is { } areaId
                ? await areas.RenameAsync(current.Actor, current.Organisation.Id, areaId, name)
                : await areas.AddAsync(current.Actor, current.Organisation.Id, name);
            if (result.Refusal is null)
            {
                var saved = rename is null ? $"{name} has been added." : $"The name has been changed to {name}.";
                return Redirect(banner.Then(Here, saved));
            }

            ModelState.AddModelError(result.Refusal.Field ?? "", result.Refusal.Message);
        }

        await OpenAsync(rename, cancellation);
        Word = current.Organisation.AreaWord;
        return Page();
    }

    public async Task<IActionResult> OnPostWordAsync(CancellationToken cancellation)
    {
        var word = PlainText.OneLine(Word).ToLowerInvariant();
        if (word.Length > 0 && Problem(word, "", "What you call a service area", 50) is { } problem)
        {
            ModelState.AddModelError(nameof(Word), problem);
            await OpenAsync(null, cancellation);
            return Page();
        }

        var stored = word.Length == 0 || word == "service area" ? null : word;
        var result = await areas.ChangeWordAsync(current.Actor, current.Organisation.Id, stored);
        return result.Refusal is null
            ? Redirect(banner.Then(Here, "The name has been changed."))
            : StatusCode(StatusCodes.Status403Forbidden);
    }

    private static string? Problem(string text, string missing, string label, int longest) =>
        text.Length == 0 ? missing
        : text.Length > longest ? $"{label} must be {longest} characters or fewer"
        : null;

    private async Task OpenAsync(Guid? rename, CancellationToken cancellation)
    {
        Renaming = rename;
        var organisation = current.Organisation.Id;
        var rows = await db
            .ServiceAreas.AsNoTracking()
            .Where(a => a.OrganisationId == organisation)
            .OrderBy(a => a.Name)
            .ThenBy(a => a.Id)
            .Select(a => new
            {
                Area = a,
                People = db.AccessGrants.Count(g =>
                    g.OrganisationId == a.OrganisationId
                    && g.ServiceAreaId == a.Id
                    && db.Memberships.Any(m =>
                        m.OrganisationId == g.OrganisationId && m.Id == g.MembershipId && m.RemovedAt == null
                    )
                ),
            })
            .ToListAsync(cancellation);
        Areas = [.. rows.Select(a => (a.Area, a.People))];
    }
}
