using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Organisations;

/// <summary>What an organisation asks of its people when they sign in. Whoever belongs to several is held to the strictest.</summary>
internal sealed class SignInRulesModel(Organising organising, Current current, Banner banner) : PageModel
{
    [BindProperty]
    public string? SecondFactor { get; set; }

    public void OnGet() => SecondFactor = current.Organisation.SecondFactorRequired ? "yes" : "no";

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        var organisation = current.Organisation;
        if (SecondFactor is not ("yes" or "no"))
        {
            ModelState.AddModelError(nameof(SecondFactor), "Select yes if people sign in with a security code as well as a password");
            return Page();
        }
        if (SecondFactor == "no" && organisation.SecondFactorRequired && !current.ConfirmedLately)
            return Redirect(Links.ConfirmIdentity(Links.SignInRules(organisation.Id)));
        await organising.DemandSecondFactorAsync(current.Viewer, organisation.Id, SecondFactor == "yes", current.Now, cancellation);
        return Redirect(banner.Then(Links.Organisation(organisation.Id), SecondFactor == "yes" ? "People now sign in with a security code as well as a password." : "People now sign in with a password alone."));
    }
}
