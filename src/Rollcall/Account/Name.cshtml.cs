using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Account;

internal sealed class NameModel(Db db, AccountDetails account, Current current, Banner banner) : PageModel
{
    [BindProperty]
    public string? FirstName { get; set; }

    [BindProperty]
    public string? LastName { get; set; }

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        var user = await db.Users.AsNoTracking().SingleAsync(u => u.Id == current.Viewer.UserId, cancellation);
        FirstName = user.FirstName;
        LastName = user.LastName;
    }

    public async Task<IActionResult> OnPostAsync()
    {
        var (first, firstError) = PersonName.Check(FirstName, PersonName.First);
        var (last, lastError) = PersonName.Check(LastName, PersonName.Last);
        if (firstError is not null)
        {
            ModelState.AddModelError(nameof(FirstName), firstError);
        }

        if (lastError is not null)
        {
            ModelState.AddModelError(nameof(LastName), lastError);
        }

        if (!ModelState.IsValid)
        {
            return Page();
        }

        await account.ChangeNameAsync(current.Actor, first!, last!);
        return Redirect(banner.Then(Links.Account, "Your name has been changed."));
    }
}
