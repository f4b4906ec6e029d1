using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Addresses;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Account;

/// <summary>
/// Asks for a new address. Nothing changes until the link in its mailbox is used. The response is sent before the
/// address is looked up, so neither its words nor its timing reveal whether an account has it.
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

        var actor = current.Actor;
        afterAnswer.Do<AccountDetails>(account => account.AskForAddressAsync(actor, address!));
        SentTo = address!.Display;
        return Page();
    }
}
