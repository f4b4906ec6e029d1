using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Addresses;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Account;

/// <summary>
/// Asks for a new address. Nothing changes until its mailbox confirms. The answer comes before the address is looked
/// up, so neither its words nor its time tell whether an account has it.
/// </summary>
internal sealed class EmailModel(AfterAnswer afterAnswer, Current current) : PageModel
{
    [BindProperty]
    public string? NewEmail { get; set; }

    public string? SentTo { get; private set; }

    public IActionResult OnGet() =>
        current.ConfirmedLately ? Page() : Redirect(Links.ConfirmIdentity(Links.ChangeAccountEmail));

    public IActionResult OnPost()
    {
        if (!current.ConfirmedLately)
        {
            return Redirect(Links.ConfirmIdentity(Links.ChangeAccountEmail));
        }

        var (address, problem) = EmailAddress.Check(NewEmail, current.Options.BlockedEmailDomains);
        if (problem is null && EmailAddress.TryParse(current.Viewer.Email, out var now) && now.Key == address!.Key)
        {
            problem = "Enter a different email address: this is the one you have now";
        }

        if (problem is not null)
        {
            ModelState.AddModelError(nameof(NewEmail), problem);
            return Page();
        }
        var (viewer, asked) = (current.Viewer, current.Now);
        afterAnswer.Do<AccountDetails>(account =>
            account.AskForAddressAsync(viewer, address!, asked, CancellationToken.None)
        );
        SentTo = address!.Display;
        return Page();
    }
}
