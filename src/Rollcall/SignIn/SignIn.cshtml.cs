using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.WebUtilities;
using Rollcall.Addresses;
using Rollcall.History;
using Rollcall.Web;

namespace Rollcall.SignIn;

/// <summary>
/// Asks for email address and password. No such account, a wrong password and too many tries all get one answer and
/// cost one hash, so that no one learns who has an account (ASVS 5.0, 6.3.8).
/// </summary>
[BackToPageWhenStale]
internal sealed class SignInModel(
    PasswordCheck check,
    SecondFactorStep step,
    CompleteSignIn completeSignIn,
    RefusedSignIns refused,
    Current current
) : PageModel
{
    /// <summary>Why a sign-in has to begin again, by the word in the address.</summary>
    private static readonly Dictionary<string, string> Reasons = new(StringComparer.Ordinal)
    {
        [Links.TooManyCodes] = "You entered too many incorrect codes. Wait a few minutes before you sign in again",
        [Links.TooSlow] =
            $"You did not finish signing in within {Cookies.SecondFactorLasts.TotalMinutes} minutes, "
            + "or your password was changed. Sign in again",
        [Links.Changed] = "How you sign in has just been changed. Sign in again",
    };

    public const string Wrong =
        "The email address or password is incorrect. Check them and try again, or reset your password";

    [BindProperty]
    public string? Email { get; set; }

    [BindProperty]
    public string? Password { get; set; }

    /// <summary>Where to go on. Null when it is no page of this service: that would be an open redirect.</summary>
    public string? ReturnUrl { get; private set; }

    /// <summary>A signed-in person confirms who they are before changing how they sign in (ASVS 5.0, 7.5.1).</summary>
    public bool Again { get; private set; }

    public string DevelopmentSignIn =>
        ReturnUrl is null ? "/dev/sign-in" : QueryHelpers.AddQueryString("/dev/sign-in", "returnUrl", ReturnUrl);

    public void OnGet([FromQuery] string? returnUrl, [FromQuery] bool again, [FromQuery] string? why)
    {
        Open(returnUrl, again);
        if (current.ViewerIfSignedIn is null && Reasons.TryGetValue(why ?? "", out var reason))
        {
            ModelState.AddModelError("", reason);
        }
    }

    public async Task<IActionResult> OnPostAsync(
        [FromQuery] string? returnUrl,
        [FromQuery] bool again,
        CancellationToken cancellation
    )
    {
        Open(returnUrl, again);
        if (!current.Options.SignIn.Passwords)
        {
            return Redirect(Links.SignIn(ReturnUrl));
        }

        var typed = Again ? current.Viewer.Email : Email;
        var (address, problem) = EmailAddress.Check(typed, []);
        if (problem is not null)
        {
            ModelState.AddModelError(nameof(Email), problem);
        }

        if (string.IsNullOrEmpty(Password))
        {
            ModelState.AddModelError(nameof(Password), "Enter your password");
        }

        if (!ModelState.IsValid || address is null)
        {
            return Page();
        }

        var answer = await check.CheckAsync(address, Password!, cancellation);
        if (answer.User is not { } user)
        {
            if (answer.Counted)
            {
                // Recorded for an unknown address too: it must cost the same.
                await refused.RecordAsync(answer.Account, new SignInRefused(EmailAddress.Mask(address.Display)));
            }

            ModelState.AddModelError("", Wrong);
            return Page();
        }

        if (!await completeSignIn.IsAllowedAsync(user, ReturnUrl, cancellation))
        {
            ModelState.AddModelError(
                "",
                "Your organisation does not use passwords for this service. Sign in another way"
            );
            return Page();
        }

        return Redirect(await step.AfterPasswordAsync(user, ReturnUrl, cancellation));
    }

    private void Open(string? returnUrl, bool again)
    {
        ReturnUrl = LocalUrl.Of(returnUrl);
        Again = again && current.ViewerIfSignedIn is not null;
    }
}
