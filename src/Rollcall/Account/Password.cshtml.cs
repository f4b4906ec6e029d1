using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Account;

/// <summary>
/// Changes the password, for anyone who knows the old one (ASVS 5.0, 6.2.3). A person without one chooses their first
/// after confirming who they are.
/// </summary>
internal sealed class PasswordModel(
    PasswordResets resets,
    PasswordRules rules,
    CurrentPassword currentPassword,
    Current current,
    Banner banner
) : PageModel
{
    private const string Wrong =
        "Your current password is incorrect. "
        + "Check it and try again, or wait a few minutes if you have tried several times";

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
        if (await OpenAsync(cancellation) is not { } user)
        {
            return Redirect(Links.ConfirmIdentity(Links.ChangePassword));
        }

        if (HasPassword && string.IsNullOrEmpty(CurrentPassword))
        {
            ModelState.AddModelError(nameof(CurrentPassword), "Enter your current password");
        }
        else if (HasPassword && !await currentPassword.IsRightAsync(user, CurrentPassword!, cancellation))
        {
            ModelState.AddModelError(nameof(CurrentPassword), Wrong);
        }

        if (await rules.ProblemAsync(user, NewPassword, cancellation) is { } problem)
        {
            ModelState.AddModelError(nameof(NewPassword), problem);
        }

        if (!ModelState.IsValid)
        {
            return Page();
        }

        await currentPassword.ForgiveAsync(user, cancellation);
        var hash = rules.Hash(NewPassword!);
        var result = await resets.SetAsync(current.Actor, user, hash, exceptSession: current.Session!.Id);
        if (result.Refusal is not null)
        {
            ModelState.AddModelError("", result.Refusal.Message);
            return Page();
        }

        currentPassword.Remember(user);
        return Redirect(banner.Then(Links.Account, "Your password has been changed."));
    }

    private async Task<User?> OpenAsync(CancellationToken cancellation)
    {
        var user = await currentPassword.OwnerAsync(cancellation);
        HasPassword = user.PasswordHash is not null;
        PasswordHint = await rules.HintAsync(user, cancellation);
        return HasPassword || current.ConfirmedLately ? user : null;
    }
}
