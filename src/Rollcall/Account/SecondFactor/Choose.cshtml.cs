using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.Security;
using Rollcall.Web;

namespace Rollcall.Account.SecondFactor;

/// <summary>Which second factor to set up. Cannot be passed by while one is demanded: the gate leads back here from everywhere.</summary>
internal sealed class ChooseModel(Db db, Texts texts, Current current) : PageModel
{
    [BindProperty]
    public string? Way { get; set; }

    public bool TextsArePossible => texts.ArePossible;

    /// <summary>Somebody who is to be support staff, before the account is complete.</summary>
    public bool IsInvitedToSupport { get; private set; }

    /// <summary>Never for support staff: the mailbox can reset the password, and would be all that it takes.</summary>
    public bool EmailIsPossible => !IsInvitedToSupport;

    public Task OnGetAsync(CancellationToken cancellation) => OpenAsync(cancellation);

    public async Task<IActionResult> OnPostAsync([FromQuery] string? returnUrl, CancellationToken cancellation)
    {
        await OpenAsync(cancellation);
        if (
            Way == SecondFactors.Authenticator
            || (Way == SecondFactors.Text && TextsArePossible)
            || (Way == SecondFactors.Email && EmailIsPossible)
        )
        {
            return Redirect(Links.SetUpSecondFactor(Way, LocalUrl.Of(returnUrl)));
        }

        ModelState.AddModelError(nameof(Way), "Select how to get security codes");
        return Page();
    }

    private async Task OpenAsync(CancellationToken cancellation) =>
        IsInvitedToSupport = await db.Users.AnyAsync(
            u => u.Id == current.Viewer.UserId && u.SupportSince != null,
            cancellation
        );
}
