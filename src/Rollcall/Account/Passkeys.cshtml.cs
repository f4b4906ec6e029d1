using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Web;

namespace Rollcall.Account;

internal sealed class PasskeysModel(Db db, Current current) : PageModel
{
    public IReadOnlyList<Passkey> Passkeys { get; private set; } = [];

    public async Task OnGetAsync(CancellationToken cancellation) =>
        Passkeys = await db
            .Passkeys.AsNoTracking()
            .Where(p => p.UserId == current.Viewer.UserId)
            .OrderBy(p => p.CreatedAt)
            .ThenBy(p => p.Id)
            .ToListAsync(cancellation);

    /// <summary>Its name, and when it was added where two have the same: for people who hear only the link.</summary>
    public string Told(Passkey passkey) =>
        Passkeys.Count(p => p.Name == passkey.Name) == 1
            ? passkey.Name
            : $"{passkey.Name}, added at {Uk.DateAndTime(passkey.CreatedAt)}";
}
