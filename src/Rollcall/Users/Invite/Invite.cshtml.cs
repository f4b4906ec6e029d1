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
        Addresses = Addresses?.Replace("\0", "", StringComparison.Ordinal); // PostgreSQL keeps none
        var batch = Guid.CreateVersion7();
        var lines = Lines(batch);
        if (Access.Check(ModelState) is not { } access || !ModelState.IsValid)
            return Page();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        db.Add(new InvitationBatch
        {
            Id = batch,
            OrganisationId = current.Organisation.Id,
            ByUser = current.Viewer.UserId,
            Role = access.Role,
            ServiceAreas = access.Areas,
            Typed = File is { Length: > 0 } ? null : Addresses,
            CreatedAt = current.Now,
        });
        await db.SaveChangesAsync(cancellation);
        await SaveAsync(batch, lines, cancellation);
        await transaction.CommitAsync(cancellation);
        return Redirect(Links.InvitationList(current.Organisation.Id, batch));
    }

    private List<InvitationLine> Lines(Guid batch)
    {
        var (most, total) = (current.Options.Limits.AddressesInAList, 0);
        var verdict = new LineOfAList(Access.Offer, current.Options.BlockedEmailDomains, current.Organisation.AreaWord ?? "service area");
        var lines = new List<InvitationLine>();
        foreach (var entry in File is { Length: > 0 } file ? AddressList.ParseCsv(file.OpenReadStream()) : AddressList.Parse(Addresses ?? ""))
        {
            if (++total <= most)
                lines.Add(verdict.Of(batch, total, entry));
        }
        if (lines.Exists(IsOfNoText))
            ModelState.AddModelError(nameof(File), "This is not a CSV file. In a spreadsheet, save it as CSV and upload that file");
        else if (total == 0)
            ModelState.AddModelError(nameof(Addresses), "Enter at least one email address");
        else if (total > most)
            ModelState.AddModelError(File is null ? nameof(Addresses) : nameof(File), $"Enter {most:N0} email addresses or fewer. You entered {total:N0}");
        return lines;
    }

    /// <summary>A workbook, a picture: PostgreSQL could not even keep it to be shown.</summary>
    private static bool IsOfNoText(InvitationLine line)
        => new[] { line.Text, line.FirstName, line.LastName, line.Problem, line.Suggestion }.Any(text => text?.Contains('\0', StringComparison.Ordinal) == true);

    /// <summary>One statement, however long the list is.</summary>
    private Task<int> SaveAsync(Guid batch, List<InvitationLine> lines, CancellationToken cancellation) => db.Database.ExecuteSqlAsync($"""
        insert into invitation_lines (batch_id, position, line, text, email, email_key, first_name, last_name, problem, repeats_line, role, suggestion, service_areas)
        select {batch}, w.position, w.line, w.text, w.email, w.email_key, w.first_name, w.last_name, w.problem, w.repeats_line, w.role, w.suggestion, case when w.area is not null then array[w.area] end
        from unnest({lines.Select(l => l.Position).ToArray()}, {lines.Select(l => l.Line).ToArray()}, {lines.Select(l => l.Text).ToArray()}, {lines.Select(l => l.Email).ToArray()}, {lines.Select(l => l.EmailKey).ToArray()},
          {lines.Select(l => l.FirstName).ToArray()}, {lines.Select(l => l.LastName).ToArray()}, {lines.Select(l => l.Problem).ToArray()}, {lines.Select(l => l.RepeatsLine).ToArray()},
          {lines.Select(l => l.Role).ToArray()}, {lines.Select(l => l.Suggestion).ToArray()}, {lines.Select(l => l.ServiceAreas is [var area, ..] ? area : (Guid?)null).ToArray()})
          as w (position, line, text, email, email_key, first_name, last_name, problem, repeats_line, role, suggestion, area)
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
