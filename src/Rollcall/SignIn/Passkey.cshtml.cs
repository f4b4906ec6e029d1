using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Security;
using Rollcall.Web;

namespace Rollcall.SignIn;

/// <summary>A passkey that checks its owner stands for password and second factor (NIST SP 800-63B-4, 3.1.7): this is a sign-in of its own.</summary>
internal sealed class PasskeyModel(
    Security.Passkeys passkeys,
    PasskeyCheck check,
    PendingSignIns pending,
    CompleteSignIn completeSignIn,
    SignIns signIns,
    AuditLog audit,
    Db db,
    Current current
) : PageModel
{
    public string? ReturnUrl { get; private set; }

    /// <summary>Their organisations let them in by other ways only.</summary>
    public bool NotAllowed { get; private set; }

    public IActionResult OnGet([FromQuery] string? returnUrl) => Redirect(Links.SignIn(LocalUrl.Of(returnUrl)));

    /// <summary>The question: to whoever is signed in and confirms it; or, beside a password that was right, to its owner; else to anybody.</summary>
    public async Task<IActionResult> OnPostOptionsAsync([FromQuery] bool waiting, CancellationToken cancellation)
    {
        if (!current.Options.SignIn.Passwords)
        {
            return NotFound();
        }

        var user = waiting
            ? (await pending.FindAsync(cancellation) is { Expired: false } begun ? begun.UserId : (Guid?)null)
            : current.Session?.UserId;
        var asked = await passkeys.BeginSignInAsync(user, cancellation);
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

        if (!await signIns.IsAllowedAsync(user, SignInMethods.Password, cancellation) && ReturnUrl != Links.Connect) // as with a password
        {
            NotAllowed = true;
            audit.Add(AuditKinds.SignInRefused, null, current.Now, null, user.Id, new { way = SecondFactors.Passkey });
            await db.SaveChangesAsync(cancellation);
            return Page();
        }
        if (await pending.FindAsync(cancellation) is { } waiting)
        {
            await pending.EndAsync(waiting, cancellation);
        }

        return Redirect(await completeSignIn.EnterAsync(user, SignInMethods.Passkey, ReturnUrl, cancellation));
    }
}
