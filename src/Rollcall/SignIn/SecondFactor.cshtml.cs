using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Model;
using Rollcall.Security;
using Rollcall.Web;

namespace Rollcall.SignIn;

/// <summary>
/// Asks for the second factor after the password. Five wrong answers end the sign-in, whatever the kind and however
/// many codes are sent.
/// </summary>
internal sealed class SecondFactorModel(
    PendingSignIns pendingSignIns,
    SecondFactorStep step,
    SecondFactorCheck check,
    CompleteSignIn completeSignIn,
    Current current
) : PageModel
{
    [BindProperty]
    public string? Code { get; set; }

    public SecondFactorKind Kind { get; private set; } = null!;
    public SecondFactors Factors { get; private set; } = null!;
    public User Person { get; private set; } = null!;
    public string? ReturnUrl { get; private set; }

    /// <summary>A code is on its way, or none needs to be.</summary>
    public bool Sent { get; private set; } = true;

    public IReadOnlyList<SecondFactorKind> Others { get; private set; } = [];

    /// <summary>Their only second factor is the mailbox that has just reset the password: it proves nothing.</summary>
    public bool HasNone => Kind == SecondFactorKind.Recovery && Factors.RecoveryCodes == 0;

    /// <summary>They usually get codes by email, and a link in that mailbox has just set the password.</summary>
    public bool EmailIsNotEnough => Factors.Email && Person.PasswordResetAt is not null;

    public string Heading => HasNone ? "Ask for help to sign in" : Kind.Heading;

    /// <summary>Where to go when no sign-in waits for a second factor.</summary>
    private string startAgain = Links.SignIn();

    public async Task<IActionResult> OnGetAsync(
        [FromQuery] string? way,
        [FromQuery] bool sent,
        CancellationToken cancellation
    )
    {
        if (await OpenAsync(way, cancellation) is null)
        {
            return Redirect(startAgain);
        }

        Sent = sent || !Kind.IsSent;
        return Page();
    }

    public async Task<IActionResult> OnPostAsync([FromForm] string? way, CancellationToken cancellation)
    {
        var pending = await OpenAsync(way, cancellation);
        if (pending is null)
        {
            return Redirect(startAgain);
        }

        if (string.IsNullOrWhiteSpace(Code))
        {
            var needed = Kind == SecondFactorKind.Recovery ? "Enter a recovery code" : "Enter the security code";
            ModelState.AddModelError(nameof(Code), needed);
            return Page();
        }

        var answer = await check.CheckAsync(pending, Kind, Code, current.Now);
        if (answer is CodeCheck.Wrong or CodeCheck.Expired)
        {
            ModelState.AddModelError(nameof(Code), answer == CodeCheck.Expired ? OneTimeCodes.Expired : Kind.Wrong);
            return Page();
        }

        // Of two right answers at once, one ends the wait and signs in.
        var isFirst = await pendingSignIns.EndAsync(cancellation);
        if (answer == CodeCheck.TooMany || !isFirst)
        {
            var why = answer == CodeCheck.TooMany ? Links.TooManyCodes : Links.Changed;
            return Redirect(Links.SignInAgain(why, ReturnUrl));
        }

        return Redirect(await completeSignIn.EnterAsync(Person, Kind.Method, ReturnUrl, cancellation));
    }

    public async Task<IActionResult> OnPostSendAsync([FromForm] string? way, CancellationToken cancellation)
    {
        var pending = await OpenAsync(way, cancellation);
        if (pending is null)
        {
            return Redirect(startAgain);
        }

        if (!Kind.IsSent)
        {
            return Redirect(Links.SecondFactor(Kind));
        }

        var result = await step.SendCodeAsync(pending, Kind);
        if (result.Refusal is not null)
        {
            ModelState.AddModelError(nameof(Code), result.Refusal.Message);
            return Page();
        }

        return Redirect(Links.SecondFactor(Kind, sent: true));
    }

    private async Task<PendingSignIn?> OpenAsync(string? way, CancellationToken cancellation)
    {
        if (pendingSignIns.Cookie is null)
        {
            return null;
        }

        var pending = await pendingSignIns.FindAsync(cancellation);
        if (pending is null or { Expired: true })
        {
            startAgain = Links.SignInAgain(Links.TooSlow, pending?.ReturnUrl);
            return null;
        }

        Person = pending.User;
        Factors = pending.Factors;
        ReturnUrl = pending.ReturnUrl;
        Kind = pending.Kinds.FirstOrDefault(kind => kind.Key == way) ?? pending.First;
        Others = [.. pending.Kinds.Where(kind => kind != Kind)];
        return pending;
    }
}
