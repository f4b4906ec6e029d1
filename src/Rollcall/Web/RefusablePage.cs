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

    /// <summary>
    /// Shows why not. A refusal about a field, or about the form as a whole, is shown with the form that can put it
    /// right.
    /// </summary>
    protected PageResult Refuse(Refusal refusal, int status = StatusCodes.Status403Forbidden)
    {
        if (refusal.Field is { } field)
        {
            ModelState.AddModelError(field, refusal.Message);
            return Page();
        }

        Refusal = refusal;
        Response.StatusCode = status;
        return Page();
    }
}
