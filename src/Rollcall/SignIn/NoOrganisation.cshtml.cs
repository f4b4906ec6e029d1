using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Web;

namespace Rollcall.SignIn;

/// <summary>For somebody whom we know and who belongs nowhere, or nowhere any more.</summary>
internal sealed class NoOrganisationModel(Current current) : PageModel
{
    public IActionResult OnGet() =>
        current.Viewer is { IsSupport: false, Memberships: [] } ? Page() : Redirect(Links.Home);
}
