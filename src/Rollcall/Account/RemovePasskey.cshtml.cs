using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Account;

internal sealed class RemovePasskeyModel(Db db, PasskeySetUp setUp, Current current, Banner banner) : PageModel
{
    public string Name { get; private set; } = "";

    /// <summary>Why it stays.</summary>
    public Refusal? Refusal { get; private set; }

    public async Task<IActionResult> OnGetAsync([FromRoute] Guid passkeyId, CancellationToken cancellation)
    {
        if (!current.ConfirmedLately)
        {
            return Redirect(Links.ConfirmIdentity(Links.RemovePasskey(passkeyId)));
        }

        if (
            await db
                .Passkeys.Where(p => p.Id == passkeyId && p.UserId == current.Viewer.UserId)
                .Select(p => p.Name)
                .SingleOrDefaultAsync(cancellation)
            is not { } name
        )
        {
            return Redirect(Links.Passkeys);
        }

        Name = name;
        return Page();
    }

    public async Task<IActionResult> OnPostAsync([FromRoute] Guid passkeyId)
    {
        if (!current.ConfirmedLately)
        {
            return Redirect(Links.ConfirmIdentity(Links.RemovePasskey(passkeyId)));
        }

        var demanded = current.SecondFactorIsDemanded;
        var result = await setUp.RemoveAsync(current.Actor, passkeyId, current.Session!.Id, demanded);
        Refusal = result.Refusal;
        return Refusal is not null ? Page() : Redirect(banner.Then(Links.Passkeys, "Your passkey has been removed."));
    }
}
