using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Addresses;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Organisations;

/// <summary>What support decides about an organisation: its name, its code and how much it may send.</summary>
internal sealed class EditModel(OrganisationSettings settings, Current current, Banner banner) : PageModel
{
    private const int Most = 1_000_000;

    [BindProperty]
    public string? Name { get; set; }

    [BindProperty]
    public string? Code { get; set; }

    [BindProperty]
    public string? BulkInvitationsADay { get; set; }

    /// <summary>Others of the same name, which the page asks about.</summary>
    public IReadOnlyList<Organisation> Others { get; private set; } = [];

    /// <summary>The name that the question is about: the answer does not count for another name.</summary>
    public string AskedAbout { get; private set; } = "";

    public void OnGet()
    {
        var organisation = current.Organisation;
        Name = organisation.Name;
        Code = organisation.Code;
        BulkInvitationsADay = organisation.BulkInvitationsADay?.ToString(CultureInfo.InvariantCulture);
    }

    public async Task<IActionResult> OnPostAsync([FromForm] string? sameName)
    {
        var (name, nameError) = Organisation.CheckName(Name);
        var (code, codeError) = Organisation.CheckCode(Code);
        var (most, mostError) = CheckMost();
        if (nameError is not null)
        {
            ModelState.AddModelError(nameof(Name), nameError);
        }

        if (codeError is not null)
        {
            ModelState.AddModelError(nameof(Code), codeError);
        }

        if (mostError is not null)
        {
            ModelState.AddModelError(nameof(BulkInvitationsADay), mostError);
        }

        if (!ModelState.IsValid)
        {
            return Page();
        }

        var here = current.Organisation.Id;
        var confirmed = string.Equals(sameName, name, StringComparison.OrdinalIgnoreCase);
        var (changed, refusal, others) = await settings.ChangeAsync(current.Actor, here, name!, code, most, confirmed);
        if (changed is not null)
        {
            return Redirect(banner.Then(Links.Organisation(here), $"{name} has been changed."));
        }

        if (refusal is not null)
        {
            ModelState.AddModelError(refusal.Field!, refusal.Message);
        }

        Others = others;
        AskedAbout = name!;
        return Page();
    }

    /// <summary>The daily limit. Without bulk invitations the form does not ask for it, and it stays.</summary>
    private (int? Most, string? Error) CheckMost()
    {
        if (!current.Options.BulkInvitations)
        {
            return (current.Organisation.BulkInvitationsADay, null);
        }

        var text = PlainText.OneLine(BulkInvitationsADay).Replace(",", "", StringComparison.Ordinal);
        if (text.Length == 0)
        {
            return (null, null);
        }

        var isNumber = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var most);
        return isNumber && most <= Most
            ? (most, null)
            : (null, $"Daily limit for bulk invitations must be a whole number between 0 and {Most:N0}");
    }
}
