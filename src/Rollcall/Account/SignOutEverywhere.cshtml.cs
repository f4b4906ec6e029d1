using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Data;
using Rollcall.History;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Security;
using Rollcall.Web;

namespace Rollcall.Account;

/// <summary>Asks before signing the viewer out on all devices, this one too.</summary>
internal sealed class SignOutEverywhereModel(Db db, AuditLog audit, Current current, Banner banner) : PageModel
{
    public IReadOnlyList<(string Device, DateTimeOffset Since)> Devices { get; private set; } = [];

    public async Task OnGetAsync(CancellationToken cancellation) =>
        Devices = [.. (await SessionsModel.OfAsync(db, current, cancellation)).Select(s => (s.Device, s.CreatedAt))];

    public async Task<IActionResult> OnPostAsync()
    {
        var user = current.Viewer.UserId;
        await db.InTransactionAsync(async () =>
        {
            await db.EndSessionsAsync(user);
            await db.ForgetDevicesAsync(user, current.Now);
            audit.Add(current.Actor, new SignedOutEverywhere(), user: user);
            return Result.Done;
        });
        await Session.EndAsync(HttpContext);
        Response.Headers["Clear-Site-Data"] = "\"cache\", \"storage\"";
        return Redirect(banner.Then(Links.SignIn(), "You have been signed out on all devices."));
    }
}
