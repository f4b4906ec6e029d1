using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Organisations;

internal sealed class CreateModel(OrganisationSettings settings, Current current, Banner banner) : PageModel
{
    [BindProperty]
    public string? Name { get; set; }

    [BindProperty]
    public string? Code { get; set; }

    /// <summary>The new organisation's id, made with the form: a form sent twice creates one.</summary>
    [BindProperty]
    public string? Id { get; set; }

    /// <summary>Others of the same name, which the page asks about.</summary>
    public IReadOnlyList<Organisation> Others { get; private set; } = [];

    /// <summary>The name that the question is about: the answer does not count for another name.</summary>
    public string AskedAbout { get; private set; } = "";

    public void OnGet() => Id = Guid.CreateVersion7().ToString();

    public async Task<IActionResult> OnPostAsync([FromForm] string? sameName)
    {
        var (name, nameError) = Organisation.CheckName(Name);
        var (code, codeError) = Organisation.CheckCode(Code);
        if (nameError is not null)
        {
            ModelState.AddModelError(nameof(Name), nameError);
        }

        if (codeError is not null)
        {
            ModelState.AddModelError(nameof(Code), codeError);
        }

        if (!ModelState.IsValid)
        {
            return Page();
        }

        var id = Guid.TryParse(Id, out var made) ? made : Guid.CreateVersion7();
        var confirmed = string.Equals(sameName, name, StringComparison.OrdinalIgnoreCase);
        var (created, refusal, others) = await settings.CreateAsync(current.Actor, id, name!, code, confirmed);
        if (created is not null)
        {
            return Redirect(banner.Then(Links.Organisation(created.Id), $"{created.Name} has been created."));
        }

        if (refusal is not null)
        {
            ModelState.AddModelError(refusal.Field!, refusal.Message);
        }

        Others = others;
        AskedAbout = name!;
        return Page();
    }
}
