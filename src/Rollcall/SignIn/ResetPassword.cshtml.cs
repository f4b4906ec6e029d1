using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.SignIn;

/// <summary>
/// Where the email's link leads. Saving uses the link up; opening it does not. The person then signs in with their
/// second factor as usual.
/// </summary>
internal sealed class ResetPasswordModel(
    PasswordResets resets,
    PasswordRules rules,
    KnownDevice device,
    Current current,
    Banner banner
) : PageModel
{
    [BindProperty]
    public string? Password { get; set; }

    public User? Whose { get; private set; }
    public string PasswordHint { get; private set; } = "";

    public Task OnGetAsync([FromRoute] string? token, CancellationToken cancellation) => OpenAsync(token, cancellation);

    public async Task<IActionResult> OnPostAsync([FromRoute] string? token, CancellationToken cancellation)
    {
        if (await OpenAsync(token, cancellation) is not { } user)
        {
            return Page();
        }

        if (await rules.ProblemAsync(user, Password, cancellation) is { } problem)
        {
            ModelState.AddModelError(nameof(Password), problem);
            return Page();
        }

        var result = await resets.ResetAsync(token, rules.Hash(Password!), current.Now);
        if (result.Refusal is not null)
        {
            return Redirect(Links.ResetPassword(token ?? ""));
        }

        device.Remember(user.Id, signedIn: false); // lets the owner in again while strangers' guesses are blocked
        return Redirect(banner.Then(Links.SignIn(), "Your password has been changed. Sign in with your new password."));
    }

    private async Task<User?> OpenAsync(string? token, CancellationToken cancellation)
    {
        Whose = await resets.FindAsync(token, current.Now, cancellation);
        PasswordHint = Whose is null ? "" : await rules.HintAsync(Whose, cancellation);
        return Whose;
    }
}
