using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Security;
using Rollcall.Web;

namespace Rollcall.SignIn;

/// <summary>The second proof, for ten minutes after the password. Five wrong answers end the sign-in, whatever the way and however many codes are sent.</summary>
internal sealed class SecondFactorModel(
    Db db,
    PendingSignIns pending,
    SecondFactors factors,
    SecondFactorCheck check,
    CompleteSignIn completeSignIn,
    SignInCodes codes,
    KnownDevice device,
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

    /// <summary>They forgot the password, codes by email do not stand beside a link by email, and there is no other way.</summary>
    public bool NoWay => Way == SecondFactors.Recovery && Ways.RecoveryCodes == 0;

    /// <summary>They usually get codes by email, and a link by email has just set the password.</summary>
    public bool EmailIsNotEnough => Ways.Email && Person.PasswordResetAt is not null;

    /// <summary>Where to go when no sign-in waits for a second factor.</summary>
    private string startAgain = Links.SignIn();

    private string WrongCode =>
        Way == SecondFactors.Authenticator
            ? "The security code is incorrect. Check the app and that your device’s time is set automatically"
            : "The security code is incorrect. Check the message and try again";

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

        Sent = sent || Way is not (SecondFactors.Text or SecondFactors.Email);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync([FromForm] string? way, CancellationToken cancellation)
    {
        if (await OpenAsync(way, cancellation) is not { } waiting)
        {
            return Redirect(startAgain);
        }

        var answer = await check.CheckAsync(waiting.Id, Person, Way, Code, current.Now, cancellation);
        if (answer == Answer.Right && await pending.EndAsync(waiting, cancellation))
        {
            return Redirect(
                await completeSignIn.EnterAsync(Person, SecondFactorCheck.Method(Way), waiting.ReturnUrl, cancellation)
            );
        }

        if (answer is Answer.Right or Answer.TooMany)
        {
            await pending.EndAsync(waiting, cancellation);
            return Redirect(
                Links.SignInAgain(answer == Answer.Right ? Links.Changed : Links.TooManyCodes, waiting.ReturnUrl)
            );
        }
        ModelState.AddModelError(
            nameof(Code),
            answer switch
            {
                Answer.Empty => Way == SecondFactors.Recovery ? "Enter a recovery code" : "Enter the security code",
                Answer.Expired => "This security code has expired. Get a new one",
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

        if (Way is not (SecondFactors.Text or SecondFactors.Email))
        {
            return Redirect(Links.SecondFactor(Way));
        }

        var mobile = Way == SecondFactors.Text ? Ways.Mobile : null;
        if (
            !await codes.SendAsync(
                waiting.Id,
                Way,
                Person,
                mobile,
                current.Now,
                cancellation,
                device.Of(Person, signedIn: true)
            )
        )
        {
            ModelState.AddModelError(nameof(Code), "Wait a minute before you ask for another code");
            return Page();
        }
        return Redirect(Links.SecondFactor(Way, sent: true));
    }

    private async Task<PendingSignIn?> OpenAsync(string? way, CancellationToken cancellation)
    {
        var waiting = await pending.FindAsync(cancellation);
        if (waiting is null or { Expired: true })
        {
            startAgain = pending.Cookie is null ? Links.SignIn() : Links.SignInAgain(Links.TooSlow, waiting?.ReturnUrl);
            return null;
        }
        if (
            await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Id == waiting.UserId, cancellation)
            is not { } user
        )
        {
            return null;
        }

        (Person, Ways, ReturnUrl) = (user, await factors.OfAsync(user, cancellation), waiting.ReturnUrl);
        var possible = Possible().ToList();
        Way = possible.Any(p => p.Way == way) ? way! : CompleteSignIn.First(Ways, user);
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
