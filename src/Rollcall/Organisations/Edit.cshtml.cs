using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Organisations;

/// <summary>What support decides about an organisation: what it is called, and how much it may send.</summary>
internal sealed class EditModel(Organising organising, Current current, Banner banner) : PageModel
{
    private const int Most = 1_000_000;

    [BindProperty]
    public string? Name { get; set; }

    [BindProperty]
    public string? Code { get; set; }

    [BindProperty]
    public string? BulkInvitationsADay { get; set; }

    public void OnGet()
    {
        var organisation = current.Organisation;
        (Name, Code, BulkInvitationsADay) = (organisation.Name, organisation.Code, organisation.BulkInvitationsADay?.ToString(CultureInfo.InvariantCulture));
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        var (name, nameError) = Organisation.CheckName(Name);
        var (code, codeError) = Organisation.CheckCode(Code);
        var (most, mostError) = CheckMost();
        foreach (var (field, error) in new[] { (nameof(Name), nameError), (nameof(Code), codeError), (nameof(BulkInvitationsADay), mostError) })
        {
            if (error is not null)
                ModelState.AddModelError(field, error);
        }
        if (!ModelState.IsValid)
            return Page();
        if (await organising.ChangeAsync(current.Viewer, current.Organisation.Id, name!, code, most, current.Now, cancellation) is { } refusal)
        {
            ModelState.AddModelError(refusal.Field!, refusal.Message);
            return Page();
        }
        return Redirect(banner.Then(Links.Organisation(current.Organisation.Id), $"{name} has been changed."));
    }

    private (int? Most, string? Error) CheckMost() => PlainText.OneLine(BulkInvitationsADay).Replace(",", "", StringComparison.Ordinal) switch
    {
        "" => (null, null),
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 0 and <= Most => (number, null),
        _ => (null, $"People invited by lists a day must be a whole number between 0 and {Most:N0}"),
    };
}
