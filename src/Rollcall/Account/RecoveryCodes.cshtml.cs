using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Security;
using Rollcall.Web;

namespace Rollcall.Account;

/// <summary>New recovery codes for the old ones; shown in the answer to the button and never again.</summary>
internal sealed class RecoveryCodesModel(Db db, RecoveryCodes codes, AuditLog audit, Current current) : PageModel
{
    public IReadOnlyList<string>? Codes { get; private set; }
    public int Left { get; private set; }

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        Left = await codes.LeftAsync(current.Viewer.UserId, cancellation);
        return current.ConfirmedLately ? Page() : Redirect(Links.ConfirmIdentity(Links.RecoveryCodes));
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        if (!current.ConfirmedLately)
        {
            return Redirect(Links.ConfirmIdentity(Links.RecoveryCodes));
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var user = await db.Users.SingleAsync(u => u.Id == current.Viewer.UserId, cancellation);
        Codes = await codes.ReplaceAsync(user.Id, cancellation);
        audit.Add(AuditKinds.RecoveryCodesMade, current.Viewer, current.Now, null, user.Id);
        Outbox.Enqueue(
            db,
            user.Email,
            new SignInChanged(SignInChange.RecoveryCodesMade) { FirstName = user.FirstName, LastName = user.LastName },
            null,
            current.Now
        );
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return Page();
    }
}
