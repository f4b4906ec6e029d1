using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Account;

/// <summary>Ends every session of the viewer, this one too, which must be confirmed.</summary>
internal sealed class SignOutEverywhereModel(Db db, AuditLog audit, Current current, Banner banner) : PageModel
{
    public IReadOnlyList<(string Device, DateTimeOffset Since)> Devices { get; private set; } = [];

    public async Task OnGetAsync(CancellationToken cancellation) =>
        Devices = [.. (await SessionsModel.OfAsync(db, current, cancellation)).Select(s => (s.Device, s.CreatedAt))];

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        var user = current.Viewer.UserId;
        await db.Database.ExecuteSqlAsync($"delete from sessions where user_id = {user}", cancellation);
        await db.Database.ExecuteSqlAsync(
            $"update users set known_devices_since = {current.Now} where id = {user}",
            cancellation
        );
        audit.Add(AuditKinds.SignedOutEverywhere, current.Viewer, current.Now, null, user);
        await db.SaveChangesAsync(cancellation);
        await HttpContext.SignOutAsync(Session.Scheme);
        Response.Headers["Clear-Site-Data"] = "\"cache\", \"storage\"";
        return Redirect(banner.Then(Links.SignIn(), "You have been signed out on all devices."));
    }
}
