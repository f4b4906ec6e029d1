using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Account;

/// <summary>Adds a passkey. A demanded second factor can be one, so the page is open before anything else is.</summary>
internal sealed class AddPasskeyModel(
    Security.Passkeys passkeys,
    PasskeySetUp setUp,
    Registration registration,
    Current current,
    Banner banner
) : PageModel
{
    public string? ReturnUrl { get; private set; }

    /// <summary>The recovery codes, shown once, to a person who had none.</summary>
    public IReadOnlyList<string>? Codes { get; private set; }

    public string Here => Links.AddPasskey(ReturnUrl);
    public string Back => current.NeedsSecondFactor ? Links.SetUpSecondFactor(ReturnUrl) : Links.Passkeys;
    public string Next =>
        registers ? Links.RegistrationDone : ReturnUrl ?? (current.NeedsSecondFactor ? Links.Home : Links.Passkeys);

    /// <summary>This passkey completes a new account.</summary>
    private bool registers;

    public IActionResult OnGet([FromQuery] string? returnUrl) => Open(returnUrl) ?? Page();

    public async Task<IActionResult> OnPostOptionsAsync([FromQuery] string? returnUrl)
    {
        if (Open(returnUrl) is not null)
        {
            // The script then asks to reload the page, which redirects.
            return StatusCode(StatusCodes.Status403Forbidden);
        }

        var asked = await passkeys.BeginAddingAsync(current.Viewer.UserId, current.Viewer.Email, current.Viewer.Name);
        return PasskeyForm.Question(asked.Challenge, asked.Json);
    }

    public async Task<IActionResult> OnPostAsync(
        [FromQuery] string? returnUrl,
        [FromForm] string? challenge,
        [FromForm] string? credential,
        [FromForm] string? name,
        CancellationToken cancellation
    )
    {
        if (Open(returnUrl) is { } elsewhere)
        {
            return elsewhere;
        }

        var passkey = await passkeys.FinishAddingAsync(
            current.Viewer.UserId,
            challenge,
            credential,
            name,
            cancellation
        );
        var added = passkey is null ? null : (await setUp.AddAsync(current.Actor, current.Session!.Id, passkey)).Value;
        if (added is null)
        {
            ModelState.AddModelError("", PasskeySetUp.NotAdded.Message);
            return Page();
        }

        // A session that was begun with more than a password stays as it is.
        var user = added.User;
        var begun = current.Session!.Method;
        var method = SignInMethods.HasSecondFactor(begun, user.SupportSince is not null)
            ? begun
            : SignInMethods.Passkey;
        if (await Session.BeginAsync(HttpContext, user.Id, method, user.PasswordHash) is not { } session)
        {
            return Redirect(Links.SignInAgain(Links.Changed, ReturnUrl));
        }

        registers = user.RegisteredAt is null;
        if (registers)
        {
            await registration.CompleteAsync(user.Id, session, method, current.Now);
        }

        Codes = added.RecoveryCodes;
        if (Codes is not null)
        {
            return Page();
        }

        return Redirect(registers ? Next : ReturnUrl ?? banner.Then(Next, "Your passkey has been added."));
    }

    private IActionResult? Open(string? returnUrl)
    {
        ReturnUrl = LocalUrl.Of(returnUrl);
        return !current.Options.SignIn.Passwords ? NotFound()
            : current.ConfirmedLately ? null
            : Redirect(Links.ConfirmIdentity(Here));
    }
}
