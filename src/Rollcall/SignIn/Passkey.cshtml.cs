using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.History;
using Rollcall.Model;
using Rollcall.Security;
using Rollcall.Web;

namespace Rollcall.SignIn;

/// <summary>
/// Signs in with a passkey. One that checks its owner stands for password and second factor (NIST SP 800-63B-4, 3.1.7).
/// </summary>
internal sealed class PasskeyModel(
    PasskeyCheck check,
    PendingSignIns pending,
    CompleteSignIn completeSignIn,
    RefusedSignIns refused,
    Current current
) : PageModel
{
    public string? ReturnUrl { get; private set; }

    /// <summary>Their organisations allow other ways only.</summary>
    public bool NotAllowed { get; private set; }

    public IActionResult OnGet([FromQuery] string? returnUrl) => Redirect(Links.SignIn(LocalUrl.Of(returnUrl)));

    /// <summary>
    /// The challenge: for the person who is signed in and confirms who they are, for the owner of a password that was
    /// right, or else for anyone.
    /// </summary>
    public async Task<IActionResult> OnPostOptionsAsync([FromQuery] bool waiting, CancellationToken cancellation)
    {
        if (!current.Options.SignIn.Passwords)
        {
            return NotFound();
        }

        var user = waiting
            ? (await pending.FindAsync(cancellation) is { Expired: false } begun ? begun.User.Id : (Guid?)null)
            : current.Session?.UserId;
        var asked = await check.BeginAsync(user, cancellation);
        return PasskeyForm.Question(asked.Challenge, asked.Json);
    }

    public async Task<IActionResult> OnPostAsync(
        [FromQuery] string? returnUrl,
        [FromForm] string? challenge,
        [FromForm] string? credential,
        CancellationToken cancellation
    )
    {
        ReturnUrl = LocalUrl.Of(returnUrl);
        if (!current.Options.SignIn.Passwords)
        {
            return NotFound();
        }

        if (await check.CheckAsync(challenge, credential, cancellation) is not { } user)
        {
            return Page();
        }

        if (!await completeSignIn.IsAllowedAsync(user, ReturnUrl, cancellation))
        {
            NotAllowed = true;
            await refused.RecordAsync(user.Id, new SignInRefused(Way: SecondFactorKind.Passkey.Key));
            return Page();
        }

        await pending.EndAsync(cancellation);
        return Redirect(await completeSignIn.EnterAsync(user, SignInMethods.Passkey, ReturnUrl, cancellation));
    }
}
