using Microsoft.AspNetCore.Html;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Security;
using Rollcall.Web;

namespace Rollcall.Account.SecondFactor;

/// <summary>
/// Sets up one second factor. It counts once a code proves that it works. Until then the key or number is only in the
/// form, sealed.
/// </summary>
internal sealed class SetUpModel(
    Db db,
    NewSecondFactorForm form,
    SecondFactorSetUp setUp,
    Registration registration,
    Current current
) : PageModel
{
    [BindProperty]
    public string? Mobile { get; set; }

    /// <summary>The number as the page before showed it.</summary>
    [BindProperty]
    public string? Shown { get; set; }

    [BindProperty]
    public string? Code { get; set; }

    [BindProperty]
    public string? Sealed { get; set; }

    public SecondFactorKind Kind { get; private set; } = null!;
    public User Person { get; private set; } = null!;
    public string? ReturnUrl { get; private set; }

    /// <summary>Where the code went.</summary>
    public string Destination { get; private set; } = "";

    /// <summary>No number is known, or the person wants to use another one.</summary>
    public bool AsksForNumber { get; private set; }

    public string Key { get; private set; } = "";

    /// <summary>What the picture encodes, as a link for an app on this device.</summary>
    public string KeyAddress { get; private set; } = "";
    public IHtmlContent? Picture { get; private set; }

    /// <summary>The recovery codes, shown once when the first second factor is set up.</summary>
    public IReadOnlyList<string>? Codes { get; private set; }

    public string Here => Links.SetUpSecondFactor(Kind, ReturnUrl);
    public string Send => QueryHelpers.AddQueryString(Here, "handler", "Send");
    public string Back => current.NeedsSecondFactor ? Links.SetUpSecondFactor(ReturnUrl) : Links.Account;
    public string Next =>
        registers ? Links.RegistrationDone : ReturnUrl ?? (current.NeedsSecondFactor ? Links.Home : Links.Account);

    /// <summary>This second factor completes a new account.</summary>
    private bool registers;

    public string Heading =>
        Codes is not null ? "Save your recovery codes"
        : Kind.IsSent && Sealed is not null ? Kind.Heading
        : Kind.SetUpHeading;

    public async Task<IActionResult> OnGetAsync(
        [FromRoute] string way,
        [FromQuery] string? returnUrl,
        [FromQuery] bool another,
        CancellationToken cancellation
    )
    {
        if (await OpenAsync(way, returnUrl, cancellation) is { } elsewhere)
        {
            return elsewhere;
        }

        if (Kind == SecondFactorKind.Authenticator)
        {
            ShowKey(form.NewKey(Person));
        }

        // A number that they have given already is shown instead of asked for.
        AsksForNumber = another || Person.Mobile is null;
        if (!AsksForNumber)
        {
            Mobile = MobileNumber.Shown(Person.Mobile!);
            Shown = Mobile;
        }

        return Page();
    }

    public async Task<IActionResult> OnPostSendAsync(
        [FromRoute] string way,
        [FromQuery] string? returnUrl,
        CancellationToken cancellation
    )
    {
        if (await OpenAsync(way, returnUrl, cancellation) is { } elsewhere)
        {
            return elsewhere;
        }

        Sealed = null; // nothing was sent yet, whatever is posted
        string? number = null;
        if (Kind == SecondFactorKind.Text)
        {
            (number, var problem) = MobileNumber.Check(Mobile);
            if (problem is not null)
            {
                AsksForNumber = true;
                ModelState.AddModelError(nameof(Mobile), problem);
                return Page();
            }

            var shown = MobileNumber.Shown(number!);
            if (shown != Mobile && shown != Shown)
            {
                // Shows the number as it was understood before anything is sent to it.
                ModelState.Clear();
                Mobile = shown;
                Shown = shown;
                return Page();
            }
        }

        var what = new NewSecondFactor(Person.Id, Kind.Key, number, null, current.Now);
        var result = await setUp.SendCodeAsync(Person, what);
        if (result.Refusal is not null)
        {
            AsksForNumber = Kind == SecondFactorKind.Text;
            ModelState.AddModelError(AsksForNumber ? nameof(Mobile) : "", result.Refusal.Message);
            return Page();
        }

        Sealed = form.Seal(what);
        Destination = number is null ? Person.Email : MobileNumber.Shown(number);
        ModelState.Clear();
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(
        [FromRoute] string way,
        [FromQuery] string? returnUrl,
        CancellationToken cancellation
    )
    {
        if (await OpenAsync(way, returnUrl, cancellation) is { } elsewhere)
        {
            return elsewhere;
        }

        if (form.Open(Person, Kind, Sealed) is not { } what)
        {
            return Redirect(Here);
        }

        var outcome = await setUp.FinishAsync(current.Actor, current.Session!.Id, what, Code);
        if (outcome.Error is { } error)
        {
            ModelState.AddModelError(nameof(Code), error);
            Destination = what.Number is { } number ? MobileNumber.Shown(number) : Person.Email;
            if (Kind == SecondFactorKind.Authenticator)
            {
                ShowKey(what);
            }

            return Page();
        }

        // A session that was begun with more than a password stays as it is.
        var needed = current.NeedsSecondFactor;
        var begun = current.Session.Method;
        var method = SignInMethods.HasSecondFactor(begun, Person.SupportSince is not null) ? begun : outcome.Method!;
        if (await Session.BeginAsync(HttpContext, Person.Id, method, Person.PasswordHash) is not { } session)
        {
            return Redirect(Links.SignInAgain(Links.Changed, ReturnUrl));
        }

        registers = Person.RegisteredAt is null;
        if (registers)
        {
            await registration.CompleteAsync(Person.Id, session, method, current.Now);
        }

        Codes = outcome.RecoveryCodes;
        if (Codes is not null)
        {
            return Page();
        }

        return Redirect(registers ? Next : ReturnUrl ?? (needed ? Links.Home : Links.Account));
    }

    private void ShowKey(NewSecondFactor what)
    {
        Sealed = form.Seal(what);
        Key = Totp.Base32(what.Key!);
        KeyAddress = Totp.Address(current.Options.ServiceName, Person.Email, what.Key!);
        Picture = QrCode.Svg(KeyAddress, "QR code to scan with an authenticator app");
        ModelState.Remove(nameof(Sealed));
    }

    private async Task<IActionResult?> OpenAsync(string way, string? returnUrl, CancellationToken cancellation)
    {
        Kind = SecondFactorKind.Find(way)!; // the route has no other
        ReturnUrl = LocalUrl.Of(returnUrl);
        Person = await db.Users.AsNoTracking().SingleAsync(u => u.Id == current.Viewer.UserId, cancellation);
        if (!current.ConfirmedLately)
        {
            return Redirect(Links.ConfirmIdentity(Here));
        }

        return form.IsPossible(Person, Kind) ? null : Redirect(Links.SetUpSecondFactor(ReturnUrl));
    }
}
