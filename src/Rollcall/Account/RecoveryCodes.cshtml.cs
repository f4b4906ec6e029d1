using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.History;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Security;
using Rollcall.Web;

namespace Rollcall.Account;

/// <summary>Replaces the recovery codes. The new ones are shown in the response, and never again.</summary>
internal sealed class RecoveryCodesModel(Db db, RecoveryCodes codes, AuditLog audit, Current current) : PageModel
{
    public IReadOnlyList<string>? Codes { get; private set; }
    public int Left { get; private set; }

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        Left = await codes.LeftAsync(current.Viewer.UserId, cancellation);
        return current.ConfirmedLately ? Page() : Redirect(Links.ConfirmIdentity(Links.RecoveryCodes));
    }

    public async Task<IActionResult> OnPostAsync()
    {
        if (!current.ConfirmedLately)
        {
            return Redirect(Links.ConfirmIdentity(Links.RecoveryCodes));
        }

        await db.InTransactionAsync(async () =>
        {
            var user = await db.Users.SingleAsync(u => u.Id == current.Viewer.UserId);
            Codes = await codes.ReplaceAsync(user.Id, CancellationToken.None);
            audit.Add(current.Actor, new RecoveryCodesCreated(), user: user.Id);
            Outbox.Enqueue(db, user, new SignInChanged(SignInChange.RecoveryCodesMade), current.Now);
            return Result.Done;
        });
        return Page();
    }
}
