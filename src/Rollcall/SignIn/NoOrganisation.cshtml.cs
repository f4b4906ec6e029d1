using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Web;

namespace Rollcall.SignIn;

/// <summary>For a person with an account who belongs to no organisation.</summary>
internal sealed class NoOrganisationModel(Current current) : PageModel
{
    public IActionResult OnGet() =>
        current.Viewer is { IsSupport: false, Memberships: [] } ? Page() : Redirect(Links.Home);
}
