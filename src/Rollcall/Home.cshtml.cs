using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.WebUtilities;
using Rollcall.Web;

namespace Rollcall;

/// <summary>Redirects everyone to their start page.</summary>
internal sealed class HomeModel(Current current) : PageModel
{
    public IActionResult OnGet([FromQuery] string? banner)
    {
        var page = current.ViewerIfSignedIn switch
        {
            null => Links.SignIn(),
            { IsSupport: false, Memberships: [var only] } => Links.Organisation(only.OrganisationId),
            _ => Links.Organisations,
        };
        // Passes the banner on to the page where the person ends up.
        return Redirect(banner is null ? page : QueryHelpers.AddQueryString(page, "banner", banner));
    }
}
