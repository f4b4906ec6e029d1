using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.SignIn;

/// <summary>Asks for a link to a new password. The answer is the same for every address, and comes before anything is looked up.</summary>
internal sealed class ForgotPasswordModel(Resetting resetting, Current current) : PageModel
{
    [BindProperty]
    public string? Email { get; set; }

    public bool Asked { get; private set; }

    public void OnGet([FromQuery] bool asked) => Asked = asked;

    public IActionResult OnPost()
    {
        var (address, problem) = EmailAddress.Check(Email, []);
        if (problem is not null)
        {
            ModelState.AddModelError(nameof(Email), problem);
            return Page();
        }
        // Not the request's cancellation: the person may be gone by then.
        Response.OnCompleted(() => resetting.AskAsync(address!, current.Now, CancellationToken.None));
        return Redirect(Links.ForgotPassword + "?asked=true");
    }
}
