using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Model;

namespace Rollcall.Web;

/// <summary>
/// A page for something that a rule may forbid. It then shows the refusal instead of the form, with status 403.
/// </summary>
internal abstract class RefusablePage : PageModel
{
    public Refusal? Refusal { get; private set; }

    protected PageResult Refuse(Refusal refusal)
    {
        Refusal = refusal;
        Response.StatusCode = StatusCodes.Status403Forbidden;
        return Page();
    }
}
