using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Addresses;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.SignIn;

/// <summary>
/// Asks for a link to a new password. The response is the same for every address, and is sent before the address is
/// looked up.
/// </summary>
internal sealed class ForgotPasswordModel(AfterAnswer afterAnswer, Current current) : PageModel
{
    [BindProperty]
    public string? Email { get; set; }

    public bool Asked { get; private set; }

    public IActionResult OnGet([FromQuery] bool asked)
    {
        Asked = asked;
        return current.Options.SignIn.Passwords ? Page() : Redirect(Links.SignIn());
    }

    public IActionResult OnPost()
    {
        var (address, problem) = EmailAddress.Check(Email, []);
        if (problem is not null)
        {
            ModelState.AddModelError(nameof(Email), problem);
            return Page();
        }

        var now = current.Now;
        afterAnswer.Do<PasswordResets>(resets => resets.AskAsync(address!, now));
        return Redirect(Links.ForgotPassword + "?asked=true");
    }
}
