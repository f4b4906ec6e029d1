using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Web;

namespace Rollcall;

/// <summary>Where everybody starts: nobody stands at a page that is not theirs.</summary>
internal sealed class HomeModel(Current current) : PageModel
{
    public IActionResult OnGet() => Redirect(current.ViewerIfSignedIn switch
    {
        null => Links.SignIn(),
        { IsSupport: false, Memberships: [var only] } => Links.Organisation(only.OrganisationId),
        _ => Links.Organisations,
    });
}
