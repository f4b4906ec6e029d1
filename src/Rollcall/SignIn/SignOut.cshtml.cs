using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Data;
using Rollcall.History;
using Rollcall.Operations;
using Rollcall.SignIn.Providers;
using Rollcall.Web;

namespace Rollcall.SignIn;

[BackToPageWhenStale]
internal sealed class SignOutModel(Db db, Current current, AuditLog audit, ProviderSignOut provider) : PageModel
{
    public void OnGet() { }

    public async Task<IActionResult> OnPostAsync([FromForm] string? returnUrl, CancellationToken cancellation)
    {
        // On the way to a page of ours, such as another person's invitation, there is no detour by the provider.
        var goOn = LocalUrl.Of(returnUrl);
        var elsewhere =
            goOn is null && current.Session is { } session ? await provider.AddressAsync(session, cancellation) : null;
        if (current.ViewerIfSignedIn is { } viewer)
        {
            audit.Add(current.Actor, new UserSignedOut(), user: viewer.UserId);
            await db.SaveChangesAsync(cancellation);
        }
        await Session.EndAsync(HttpContext);
        // What the browser kept of the pages before goes with the session (ASVS 5.0, 14.3.1).
        Response.Headers["Clear-Site-Data"] = "\"cache\", \"storage\"";
        return Redirect(goOn ?? elsewhere ?? Links.SignOut);
    }
}
