using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Users.Invite;

/// <summary>
/// Addresses of many people, typed, pasted or in a file, and the access that all of them get. Nothing is sent before
/// the list was checked.
/// </summary>
internal sealed class InviteModel(Db db, ChangeAccess changeAccess, Current current) : PageModel
{
    private const int EarlierLists = 10;

    [BindProperty]
    public string? Addresses { get; set; }

    [BindProperty]
    public new IFormFile? File { get; set; }

    [BindProperty]
    public string? Role { get; set; }

    [BindProperty]
    public Guid[] Areas { get; set; } = [];

    public AccessForm Access { get; private set; } = null!;

    /// <summary>Lists that were sent before, whose results stay.</summary>
    public IReadOnlyList<(Guid Id, DateTimeOffset At, int Invited)> Earlier { get; private set; } = [];

    /// <summary>The list with the lines of an uploaded file: an error in the form does not lose it.</summary>
    [BindProperty]
    public Guid? Kept { get; set; }
    public string? FileName { get; private set; }

    /// <param name="list">A list to change.</param>
    public async Task<IActionResult> OnGetAsync([FromQuery] Guid? list, CancellationToken cancellation)
    {
        if (!current.Options.BulkInvitations)
        {
            return NotFound();
        }

        var before = await FindAsync(list, cancellation);
        if (before is not null)
        {
            Addresses = before.Typed;
            Role = before.Role;
            Areas = before.ServiceAreas;
            Kept = before.FileName is null ? null : before.Id;
            FileName = before.FileName;
        }

        await OpenAsync(cancellation);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        if (!current.Options.BulkInvitations)
        {
            return NotFound();
        }

        await OpenAsync(cancellation);
        // PostgreSQL keeps neither.
        Addresses = PlainText.Characters(Addresses ?? "").Replace("\0", "", StringComparison.Ordinal);
        var kept = File is { Length: > 0 } ? null : await FindAsync(Kept, cancellation);
        Kept = kept?.Id;
        FileName = kept?.FileName;
        var list = kept?.Id ?? Guid.CreateVersion7();
        var lines = kept is null
            ? Lines(list)
            : await db
                .InvitationLines.AsNoTracking()
                .Where(l => l.OrganisationId == current.Organisation.Id && l.ListId == list)
                .ToListAsync(cancellation);
        var isRead = ModelState.IsValid;
        var fileName = File is { Length: > 0 } file ? UnsentLists.NameOf(file.FileName) : null;
        var people = lines.Where(l => l.EmailKey is not null).ToList();
        var rolesAreKnown = people.Count > 0 && people.TrueForAll(l => l.Role is not null);
        var areasAreKnown = people.Count > 0 && people.TrueForAll(l => l.ServiceAreas is not null);
        var access = Access.Check(ModelState, rolesAreKnown, areasAreKnown);
        if (kept is null && isRead && (access is not null || fileName is not null))
        {
            await UnsentLists.SaveAsync(
                db,
                new()
                {
                    Id = list,
                    OrganisationId = current.Organisation.Id,
                    ByUser = current.Viewer.UserId,
                    Role = access?.Role ?? "",
                    ServiceAreas = access?.Areas ?? [],
                    Typed = fileName is null ? Addresses : null,
                    FileName = fileName,
                    CreatedAt = current.Now,
                },
                lines
            );
            Kept = fileName is null ? null : list;
            FileName = fileName;
        }
        else if (kept is not null && access is not null)
        {
            await UnsentLists.ChangeAsync(db, kept, access);
        }

        return ModelState.IsValid ? Redirect(Links.InvitationList(current.Organisation.Id, list)) : Page();
    }

    private Task<InvitationList?> FindAsync(Guid? list, CancellationToken cancellation) =>
        UnsentLists.FindAsync(db, list, current.Organisation.Id, current.Viewer.UserId, cancellation);

    private List<InvitationLine> Lines(Guid batch)
    {
        var most = current.Options.Limits.AddressesInAList;
        var total = 0;
        var reader = new InvitationLineReader(
            Access.Offer,
            current.Options.BlockedEmailDomains,
            current.Organisation.AreaWord ?? "service area"
        );
        var lines = new List<InvitationLine>();
        foreach (
            var entry in File is { Length: > 0 } file
                ? AddressList.ParseCsv(file.OpenReadStream())
                : AddressList.Parse(Addresses!)
        )
        {
            if (++total <= most)
            {
                lines.Add(reader.Read(current.Organisation.Id, batch, total, entry));
            }
        }
        if (lines.Exists(IsOfNoText))
        {
            ModelState.AddModelError(
                nameof(File),
                "The selected file must be a CSV. In your spreadsheet, save the file as CSV and upload it again"
            );
        }
        else if (total == 0)
        {
            ModelState.AddModelError(nameof(Addresses), "Enter at least one email address");
        }
        else if (total > most)
        {
            ModelState.AddModelError(
                File is null ? nameof(Addresses) : nameof(File),
                $"Enter {most:N0} email addresses or fewer. You entered {total:N0}"
            );
        }

        return lines;
    }

    /// <summary>A workbook, or a picture: PostgreSQL could not keep it.</summary>
    private static bool IsOfNoText(InvitationLine line) =>
        new[] { line.Text, line.FirstName, line.LastName, line.Problem, line.Suggestion }.Any(text =>
            text?.Contains('\0', StringComparison.Ordinal) == true
        );

    private async Task OpenAsync(CancellationToken cancellation)
    {
        var organisation = current.Organisation.Id;
        Access = new(
            await changeAccess.OfferAsync(current.Viewer, organisation, cancellation),
            AccessForm.They,
            Role,
            Areas
        );
        var earlier = await db
            .InvitationLists.AsNoTracking()
            .Where(b => b.OrganisationId == organisation && b.ConfirmedAt != null)
            .OrderByDescending(b => b.ConfirmedAt)
            .Take(EarlierLists)
            .Select(b => new
            {
                b.Id,
                b.ConfirmedAt,
                Invited = db.InvitationLines.Count(l =>
                    l.OrganisationId == b.OrganisationId && l.ListId == b.Id && l.MembershipId != null
                ),
            })
            .ToListAsync(cancellation);
        Earlier = [.. earlier.Select(b => (b.Id, b.ConfirmedAt!.Value, b.Invited))];
    }
}
