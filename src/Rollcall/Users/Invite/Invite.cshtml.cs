using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Users.Invite;

/// <summary>Addresses of many people, typed, pasted or in a file, and the access that all of them get. Nothing is sent before the list was looked at.</summary>
internal sealed class InviteModel(Db db, GivingAccess giving, Current current) : PageModel
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

    /// <summary>Lists that were sent before: their results stay to be read.</summary>
    public IReadOnlyList<(Guid Id, DateTimeOffset At, int Invited)> Earlier { get; private set; } = [];

    /// <param name="list">A list that is to be changed.</param>
    public async Task<IActionResult> OnGetAsync([FromQuery] Guid? list, CancellationToken cancellation)
    {
        if (!current.Options.BulkInvitations)
            return NotFound();
        var before = await db.InvitationBatches.AsNoTracking().SingleOrDefaultAsync(b => b.Id == list && b.OrganisationId == current.Organisation.Id && b.ByUser == current.Viewer.UserId && b.ConfirmedAt == null, cancellation);
        if (before is not null)
            (Addresses, Role, Areas) = (before.Typed, before.Role, before.ServiceAreas);
        await OpenAsync(cancellation);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        if (!current.Options.BulkInvitations)
            return NotFound();
        await OpenAsync(cancellation);
        var batch = Guid.CreateVersion7();
        var lines = Lines(batch);
        if (Access.Check(ModelState) is not { } access || !ModelState.IsValid)
            return Page();
        db.Add(new InvitationBatch
        {
            Id = batch,
            OrganisationId = current.Organisation.Id,
            ByUser = current.Viewer.UserId,
            Role = access.Role,
            ServiceAreas = access.Areas,
            Typed = File is null ? Addresses : null,
            CreatedAt = current.Now,
        });
        await db.SaveChangesAsync(cancellation);
        await SaveAsync(batch, lines, cancellation);
        return Redirect(Links.InvitationList(current.Organisation.Id, batch));
    }

    private List<InvitationLine> Lines(Guid batch)
    {
        List<AddressEntry> entries;
        try
        {
            entries = [.. File is { Length: > 0 } file ? AddressList.ParseCsv(file.OpenReadStream()) : AddressList.Parse(Addresses ?? "")];
        }
        catch (InvalidDataException)
        {
            ModelState.AddModelError(nameof(File), "The selected file must be a CSV file");
            return [];
        }
        var most = current.Options.Limits.AddressesInAList;
        if (entries.Count == 0)
            ModelState.AddModelError(nameof(Addresses), "Enter at least one email address");
        else if (entries.Count > most)
            ModelState.AddModelError(File is null ? nameof(Addresses) : nameof(File), $"Enter {most:N0} email addresses or fewer. You entered {entries.Count:N0}");
        return [.. entries.Select((entry, i) => Line(batch, i, entry))];
    }

    private InvitationLine Line(Guid batch, int position, AddressEntry entry)
    {
        var (address, blocked) = entry.Address is null ? (null, null) : EmailAddress.Check(entry.Address.Display, current.Options.BlockedEmailDomains);
        var usable = address is not null && entry.RepeatsLine is null ? address : null;
        return new()
        {
            BatchId = batch,
            Position = position,
            Line = entry.Line,
            Text = entry.Text,
            Email = usable?.Display,
            EmailKey = usable?.Key,
            FirstName = PersonName.Check(entry.FirstName, PersonName.First).Name,
            LastName = PersonName.Check(entry.LastName, PersonName.Last).Name,
            RepeatsLine = entry.RepeatsLine,
            Problem = blocked ?? (entry.Address is not null ? null : entry.Suggestion is { } meant ? $"Not an email address. Did you mean {meant}?" : "Not an email address"),
        };
    }

    /// <summary>One statement, however long the list is.</summary>
    private Task<int> SaveAsync(Guid batch, List<InvitationLine> lines, CancellationToken cancellation) => db.Database.ExecuteSqlAsync($"""
        insert into invitation_lines (batch_id, position, line, text, email, email_key, first_name, last_name, problem, repeats_line)
        select {batch}, w.* from unnest({lines.Select(l => l.Position).ToArray()}, {lines.Select(l => l.Line).ToArray()}, {lines.Select(l => l.Text).ToArray()}, {lines.Select(l => l.Email).ToArray()}, {lines.Select(l => l.EmailKey).ToArray()},
          {lines.Select(l => l.FirstName).ToArray()}, {lines.Select(l => l.LastName).ToArray()}, {lines.Select(l => l.Problem).ToArray()}, {lines.Select(l => l.RepeatsLine).ToArray()}) as w
        """, cancellation);

    private async Task OpenAsync(CancellationToken cancellation)
    {
        var organisation = current.Organisation.Id;
        Access = new(await giving.OfferAsync(current.Viewer, organisation, cancellation), "they", Role, Areas);
        var earlier = await db.InvitationBatches.AsNoTracking().Where(b => b.OrganisationId == organisation && b.ConfirmedAt != null).OrderByDescending(b => b.ConfirmedAt).Take(EarlierLists)
            .Select(b => new { b.Id, b.ConfirmedAt, Invited = db.InvitationLines.Count(l => l.BatchId == b.Id && l.MembershipId != null) }).ToListAsync(cancellation);
        Earlier = [.. earlier.Select(b => (b.Id, b.ConfirmedAt!.Value, b.Invited))];
    }
}
