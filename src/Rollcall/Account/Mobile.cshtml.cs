using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.Operations;
using Rollcall.Security;
using Rollcall.Web;

namespace Rollcall.Account;

/// <summary>Changes a contact number. One that gets security codes is changed in the second factor's set-up.</summary>
internal sealed class MobileModel(
    Db db,
    AccountDetails account,
    MobileQuestion mobileQuestion,
    Current current,
    Banner banner
) : PageModel
{
    public string Hint => mobileQuestion.Hint;

    [BindProperty]
    public string? Mobile { get; set; }

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        if (!current.ConfirmedLately)
        {
            return Redirect(Links.ConfirmIdentity(Links.ChangeMobile));
        }

        var user = await db.Users.AsNoTracking().SingleAsync(u => u.Id == current.Viewer.UserId, cancellation);
        if (user.MobileConfirmedAt is not null)
        {
            return Redirect(Links.SetUpSecondFactor(SecondFactorKind.Text, null));
        }

        Mobile = user.Mobile is null ? null : MobileNumber.Shown(user.Mobile);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync()
    {
        if (!current.ConfirmedLately)
        {
            return Redirect(Links.ConfirmIdentity(Links.ChangeMobile));
        }

        var (mobile, problem) = MobileNumber.Check(Mobile);
        if (problem is not null)
        {
            ModelState.AddModelError(nameof(Mobile), problem);
            return Page();
        }

        var result = await account.ChangeMobileAsync(current.Actor, mobile!);
        return result.Refusal is null
            ? Redirect(banner.Then(Links.Account, "Your mobile phone number has been changed."))
            : Redirect(Links.SetUpSecondFactor(SecondFactorKind.Text, null));
    }
}
