using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Security;
using Rollcall.Web;

namespace Rollcall.SignIn;

/// <summary>
/// Asks for the second factor after the password. Five wrong answers end the sign-in, whatever the way and however many
/// codes are sent.
/// </summary>
internal sealed class SecondFactorModel(
    SecondFactorStep step,
    SecondFactorCheck check,
    SecondFactorCodes codes,
    CompleteSignIn completeSignIn,
    Current current
) : PageModel
{
    [BindProperty]
    public string? Code { get; set; }

    public string Way { get; private set; } = "";
    public SecondFactorMethods Ways { get; private set; } = null!;
    public User Person { get; private set; } = null!;
    public string? ReturnUrl { get; private set; }

    /// <summary>A code is on its way, or none needs to be.</summary>
    public bool Sent { get; private set; } = true;

    public IReadOnlyList<(string Way, string Words)> Others { get; private set; } = [];

    /// <summary>Their only second factor is the mailbox that has just reset the password: it proves nothing.</summary>
    public bool NoWay => Way == SecondFactors.Recovery && Ways.RecoveryCodes == 0;

    /// <summary>They usually get codes by email, and a link in that mailbox has just set the password.</summary>
    public bool EmailIsNotEnough => Ways.Email && Person.PasswordResetAt is not null;

    /// <summary>Where to go when no sign-in waits for a second factor.</summary>
    private string startAgain = Links.SignIn();

    private string WrongCode =>
        Way == SecondFactors.Authenticator ? SecondFactorProof.Wrong : SecondFactorProof.WrongMessage;

    public string Heading =>
        NoWay
            ? "Ask for help to sign in"
            : Way switch
            {
                SecondFactors.Text => "Check your phone",
                SecondFactors.Email => "Check your email",
                SecondFactors.Authenticator => "Enter the code from your authenticator app",
                SecondFactors.Passkey => "Use your passkey",
                _ => "Enter a recovery code",
            };

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

        Sent = sent || !SecondFactors.IsSent(Way);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync([FromForm] string? way, CancellationToken cancellation)
    {
        if (await OpenAsync(way, cancellation) is not { } waiting)
        {
            return Redirect(startAgain);
        }

        var answer = await check.CheckAsync(waiting, Way, Code, current.Now);
        if (answer == Answer.Right && await step.EndAsync(waiting, cancellation))
        {
            var method = SignInMethods.PasswordAnd(Way);
            return Redirect(await completeSignIn.EnterAsync(Person, method, ReturnUrl, cancellation));
        }

        if (answer is Answer.Right or Answer.TooMany)
        {
            await step.EndAsync(waiting, cancellation);
            return Redirect(Links.SignInAgain(answer == Answer.Right ? Links.Changed : Links.TooManyCodes, ReturnUrl));
        }

        ModelState.AddModelError(
            nameof(Code),
            answer switch
            {
                Answer.Empty => Way == SecondFactors.Recovery ? "Enter a recovery code" : "Enter the security code",
                Answer.Expired => SecondFactorProof.Expired,
                _ => Way == SecondFactors.Recovery
                    ? "The recovery code is incorrect, or you have used it already. Enter another one"
                    : WrongCode,
            }
        );
        return Page();
    }

    public async Task<IActionResult> OnPostSendAsync([FromForm] string? way, CancellationToken cancellation)
    {
        if (await OpenAsync(way, cancellation) is not { } waiting)
        {
            return Redirect(startAgain);
        }

        if (!SecondFactors.IsSent(Way))
        {
            return Redirect(Links.SecondFactor(Way));
        }

        var result = await codes.SendAsync(waiting, Way);
        if (result.Refusal is not null)
        {
            ModelState.AddModelError(nameof(Code), result.Refusal.Message);
            return Page();
        }

        return Redirect(Links.SecondFactor(Way, sent: true));
    }

    private async Task<WaitingSignIn?> OpenAsync(string? way, CancellationToken cancellation)
    {
        (var waiting, startAgain) = await step.FindAsync(cancellation);
        if (waiting is null)
        {
            return null;
        }

        Person = waiting.Person;
        Ways = waiting.Ways;
        ReturnUrl = waiting.Pending.ReturnUrl;
        var possible = Possible().ToList();
        Way = possible.Any(p => p.Way == way) ? way! : SecondFactorStep.First(waiting);
        Others = [.. possible.Where(p => p.Way != Way)];
        return waiting;
    }

    private IEnumerable<(string Way, string Words)> Possible()
    {
        if (Ways.Authenticator)
        {
            yield return (SecondFactors.Authenticator, "Use your authenticator app");
        }

        if (Ways.Mobile is not null)
        {
            yield return (SecondFactors.Text, "Get a code by text message");
        }

        if (Ways.Email && Person.PasswordResetAt is null)
        {
            yield return (SecondFactors.Email, "Get a code by email");
        }

        if (Ways.Passkeys > 0)
        {
            yield return (SecondFactors.Passkey, "Use a passkey");
        }

        if (Ways.RecoveryCodes > 0)
        {
            yield return (SecondFactors.Recovery, "Use a recovery code");
        }
    }
}
