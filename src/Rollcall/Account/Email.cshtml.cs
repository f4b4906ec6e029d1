using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Account;

/// <summary>Asks for a new address. Nothing changes until its mailbox confirms.</summary>
internal sealed class EmailModel(OwnAccount account, Current current) : PageModel
{
    [BindProperty]
    public string? NewEmail { get; set; }

    public string? SentTo { get; private set; }

    public IActionResult OnGet() => current.ConfirmedLately ? Page() : Redirect(Links.ConfirmIdentity(Links.ChangeAccountEmail));

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        if (!current.ConfirmedLately)
            return Redirect(Links.ConfirmIdentity(Links.ChangeAccountEmail));
        var (address, problem) = EmailAddress.Check(NewEmail, current.Options.BlockedEmailDomains);
        if (problem is null && EmailAddress.TryParse(current.Viewer.Email, out var now) && now.Key == address!.Key)
            problem = "Enter another email address: this is the one that you have";
        if (problem is not null)
        {
            ModelState.AddModelError(nameof(NewEmail), problem);
            return Page();
        }
        await account.AskForAddressAsync(current.Viewer, address!, current.Now, cancellation);
        SentTo = address!.Display;
        return Page();
    }
}
