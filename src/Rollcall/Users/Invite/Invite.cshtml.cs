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
        var (most, total) = (current.Options.Limits.AddressesInAList, 0);
        var lines = new List<InvitationLine>();
        foreach (var entry in File is { Length: > 0 } file ? AddressList.ParseCsv(file.OpenReadStream()) : AddressList.Parse(Addresses ?? ""))
        {
            if (++total <= most)
                lines.Add(Line(batch, total, entry));
        }
        if (total == 0)
            ModelState.AddModelError(nameof(Addresses), "Enter at least one email address");
        else if (total > most)
            ModelState.AddModelError(File is null ? nameof(Addresses) : nameof(File), $"Enter {most:N0} email addresses or fewer. You entered {total:N0}");
        return lines;
    }

    private InvitationLine Line(Guid batch, int position, AddressEntry entry)
    {
        var (address, blocked) = entry.Address is null ? (null, null) : EmailAddress.Check(entry.Address.Display, current.Options.BlockedEmailDomains);
        var (role, areas, unknown) = AccessOf(entry.Details);
        var problem = entry.Kind == AddressKind.NotValid ? "Not an email address" : blocked ?? unknown;
        var usable = problem is null && entry.Kind == AddressKind.Recognised ? address : null;
        return new()
        {
            BatchId = batch,
            Position = position,
            Line = entry.Line,
            Text = entry.Text,
            Email = usable?.Display,
            EmailKey = usable?.Key,
            FirstName = PersonName.Check(entry.Details.FirstName, PersonName.First).Name,
            LastName = PersonName.Check(entry.Details.LastName, PersonName.Last).Name,
            Role = role,
            ServiceAreas = areas,
            RepeatsLine = entry.FirstLine,
            Problem = problem,
            Suggestion = entry.Suggestion,
        };
    }

    /// <summary>The role and area that a file gives to one person, by their names.</summary>
    private (string? Role, Guid[]? Areas, string? Problem) AccessOf(AddressDetails details)
    {
        var role = Access.Offer.Roles.FirstOrDefault(r => Same(r.Name, details.Role) || Same(r.Key, details.Role));
        var area = Access.Offer.Areas.FirstOrDefault(a => Same(a.Name, details.ServiceArea));
        return (role?.Key, area is null ? null : [area.Id],
            details.Role is not null && role is null ? $"There is no role “{details.Role}” that you can give"
            : details.ServiceArea is not null && area is null ? $"There is no {current.Organisation.AreaWord ?? "service area"} “{details.ServiceArea}” that you can give" : null);

        static bool Same(string name, string? typed) => string.Equals(name, PlainText.OneLine(typed), StringComparison.OrdinalIgnoreCase);
    }

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
