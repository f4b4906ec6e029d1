using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Security;
using Rollcall.Web;

namespace Rollcall.Account;

/// <summary>A number to be reached at. A number that receives security codes is changed by confirming the new one.</summary>
internal sealed class MobileModel(Db db, AuditLog audit, Mobiles mobiles, Current current, Banner banner) : PageModel
{
    public string Hint => mobiles.Hint;

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
            return Redirect(Links.SetUpSecondFactor(SecondFactors.Text, null));
        }

        Mobile = user.Mobile is null ? null : MobileNumber.Shown(user.Mobile);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
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
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var user = await db
            .Users.FromSql($"select * from users where id = {current.Viewer.UserId} for no key update")
            .SingleAsync(cancellation);
        if (user.MobileConfirmedAt is not null)
        {
            return Redirect(Links.SetUpSecondFactor(SecondFactors.Text, null));
        }

        if (user.Mobile != mobile)
        {
            user.Mobile = mobile;
            audit.Add(AuditKinds.MobileChanged, current.Viewer, current.Now, null, user.Id);
            Outbox.Enqueue(
                db,
                user.Email,
                new SignInChanged(SignInChange.Mobile) { FirstName = user.FirstName, LastName = user.LastName },
                null,
                current.Now
            );
            await db.SaveChangesAsync(cancellation);
            await transaction.CommitAsync(cancellation);
        }
        return Redirect(banner.Then(Links.Account, "Your mobile phone number has been changed."));
    }
}
