using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Organisations;

internal sealed class CreateModel(Organising organising, Current current, Banner banner) : PageModel
{
    [BindProperty]
    public string? Name { get; set; }

    [BindProperty]
    public string? Code { get; set; }

    /// <summary>The new organisation's id, made with the form: the form sent twice creates one.</summary>
    [BindProperty]
    public string? Id { get; set; }

    public void OnGet() => Id = Guid.CreateVersion7().ToString();

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        var (name, nameError) = Organisation.CheckName(Name);
        var (code, codeError) = Organisation.CheckCode(Code);
        if (nameError is not null)
            ModelState.AddModelError(nameof(Name), nameError);
        if (codeError is not null)
            ModelState.AddModelError(nameof(Code), codeError);
        if (!ModelState.IsValid)
            return Page();
        var (created, refusal) = await organising.CreateAsync(current.Viewer, Guid.TryParse(Id, out var id) ? id : Guid.CreateVersion7(), name!, code, current.Now, cancellation);
        if (created is null)
        {
            ModelState.AddModelError(refusal!.Field!, refusal.Message);
            return Page();
        }
        return Redirect(banner.Then(Links.Organisation(created.Id), $"{created.Name} has been created"));
    }
}
