using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Security;
using Rollcall.Web;

namespace Rollcall.Account;

/// <summary>
/// Changes the password, for anyone who knows the old one (ASVS 5.0, 6.2.3). A person without one chooses their first
/// after confirming who they are.
/// </summary>
internal sealed class PasswordModel(
    Db db,
    PasswordResets resets,
    SecondFactors factors,
    Passwords passwords,
    Throttle throttle,
    KnownDevice device,
    Current current,
    Banner banner
) : PageModel
{
    private const string Wrong =
        "Your current password is incorrect. Check it and try again, or wait a few minutes if you have tried several times";

    [BindProperty]
    public string? CurrentPassword { get; set; }

    [BindProperty]
    public string? NewPassword { get; set; }

    public bool HasPassword { get; private set; }
    public string PasswordHint { get; private set; } = "";

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation) =>
        !current.Options.SignIn.Passwords ? Redirect(Links.Account)
        : await OpenAsync(cancellation) is null ? Redirect(Links.ConfirmIdentity(Links.ChangePassword))
        : Page();

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        if (await OpenAsync(cancellation) is not var (user, secondFactor))
        {
            return Redirect(Links.ConfirmIdentity(Links.ChangePassword));
        }

        var known = device.Of(user);
        if (HasPassword && string.IsNullOrEmpty(CurrentPassword))
        {
            ModelState.AddModelError(nameof(CurrentPassword), "Enter your current password");
        }
        else if (HasPassword)
        {
            var counted = known is null
                ? await throttle.TryAsync(Tries.Account, user.EmailKey, cancellation)
                : await throttle.TryKnownAsync(Tries.Account, known, user.Id, cancellation);
            if (!passwords.Verify(counted ? user.PasswordHash : null, CurrentPassword!).Right)
            {
                ModelState.AddModelError(nameof(CurrentPassword), Wrong);
            }
        }
        if (
            passwords.Problem(
                NewPassword,
                secondFactor,
                [current.Options.ServiceName, user.FirstName, user.LastName, user.Email]
            ) is
            { } problem
        )
        {
            ModelState.AddModelError(nameof(NewPassword), problem);
        }

        if (!ModelState.IsValid)
        {
            return Page();
        }

        if (known is null)
        {
            await throttle.ForgiveAsync(Tries.Account, user.EmailKey, cancellation);
        }
        else
        {
            await throttle.ForgiveKnownAsync(Tries.Account, known, user.Id, cancellation);
        }

        var hash = passwords.Hash(NewPassword!);
        var result = await resets.SetAsync(current.Actor, user, hash, exceptSession: current.Session!.Id);
        if (result.Refusal is not null)
        {
            ModelState.AddModelError("", result.Refusal.Message);
            return Page();
        }

        device.Remember(user.Id, signedIn: true); // the change has made the server forget this browser
        return Redirect(banner.Then(Links.Account, "Your password has been changed."));
    }

    private async Task<(User User, bool SecondFactor)?> OpenAsync(CancellationToken cancellation)
    {
        var user = await db.Users.SingleAsync(u => u.Id == current.Viewer.UserId, cancellation);
        var secondFactor = (await factors.OfAsync(user, cancellation)).Any;
        HasPassword = user.PasswordHash is not null;
        PasswordHint = Passwords.Hint(secondFactor);
        return HasPassword || current.ConfirmedLately ? (user, secondFactor) : null;
    }
}
