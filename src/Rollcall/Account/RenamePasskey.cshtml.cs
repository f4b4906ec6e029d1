using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Web;

namespace Rollcall.Account;

internal sealed class RenamePasskeyModel(Db db, Current current, Banner banner) : PageModel
{
    [BindProperty]
    public string? Name { get; set; }

    public async Task<IActionResult> OnGetAsync([FromRoute] Guid passkeyId, CancellationToken cancellation)
    {
        Name = await Mine(passkeyId).Select(p => p.Name).SingleOrDefaultAsync(cancellation);
        return Name is null ? Redirect(Links.Passkeys) : Page();
    }

    public async Task<IActionResult> OnPostAsync([FromRoute] Guid passkeyId, CancellationToken cancellation)
    {
        var (name, problem) = Passkey.CheckName(Name);
        if (problem is not null)
        {
            ModelState.AddModelError(nameof(Name), problem);
            return Page();
        }
        return await Mine(passkeyId).ExecuteUpdateAsync(p => p.SetProperty(x => x.Name, name), cancellation) == 0
            ? Redirect(Links.Passkeys)
            : Redirect(banner.Then(Links.Passkeys, "Your passkey has been renamed."));
    }

    private IQueryable<Passkey> Mine(Guid id) =>
        db.Passkeys.Where(p => p.Id == id && p.UserId == current.Viewer.UserId);
}
