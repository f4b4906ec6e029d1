using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Account;

/// <summary>Where the link in the new mailbox leads. Only the button changes the address.</summary>
internal sealed class ConfirmEmailModel(Db db, AccountDetails account, Current current, Banner banner) : PageModel
{
    /// <summary>The account that asked; null when the link does not work, or no longer.</summary>
    public User? Person { get; private set; }

    public string NewEmail { get; private set; } = "";

    public bool IsAnotherAccount => Person is not null && !current.Viewer.Is(Person.Id);

    public string Here { get; private set; } = "";

    public Task OnGetAsync([FromRoute] string? token, CancellationToken cancellation) => OpenAsync(token, cancellation);

    public async Task<IActionResult> OnPostAsync([FromRoute] string? token, CancellationToken cancellation)
    {
        await OpenAsync(token, cancellation);
        if (IsAnotherAccount)
        {
            return Page();
        }

        var result = await account.ConfirmAddressAsync(current.Actor, token);
        if (result.Refusal is null)
        {
            return Redirect(
                banner.Then(Links.Account, $"Your email address has been changed. Sign in with {NewEmail} from now on.")
            );
        }

        Person = null;
        return Page();
    }

    private async Task OpenAsync(string? token, CancellationToken cancellation)
    {
        Here = Links.ConfirmEmail(token ?? "");
        if (await account.FindAddressChangeAsync(token, current.Now, cancellation) is not { } change)
        {
            return;
        }

        NewEmail = change.Email;
        Person = await db.Users.AsNoTracking().SingleAsync(u => u.Id == change.UserId, cancellation);
    }
}
