using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Account;

/// <summary>Where the link in the new mailbox leads. Looking changes nothing: the button does.</summary>
internal sealed class ConfirmEmailModel(OwnAccount account, Current current, Banner banner) : PageModel
{
    public string? NewEmail { get; private set; }

    public async Task OnGetAsync([FromRoute] string? token, CancellationToken cancellation)
        => NewEmail = (await account.FindAddressChangeAsync(token, current.Now, cancellation))?.Email;

    public async Task<IActionResult> OnPostAsync([FromRoute] string? token, CancellationToken cancellation)
    {
        var change = await account.FindAddressChangeAsync(token, current.Now, cancellation);
        return await account.ConfirmAddressAsync(token, current.Now, cancellation)
            ? Redirect(banner.Then(current.ViewerIfSignedIn is null ? Links.SignIn() : Links.Account, $"Your email address has been changed. You sign in with {change!.Email} now."))
            : Page();
    }
}
