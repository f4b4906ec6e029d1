using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Register;

/// <summary>The last step for whoever came back to an account that they had begun.</summary>
internal sealed class FinishModel(Db db, Inviting inviting, Registering registering, Current current, Banner banner) : PageModel
{
    /// <summary>The link ran out, or ended another way, before everything was complete.</summary>
    public bool LinkEnded { get; private set; }

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        if (!current.HasUnfinishedRegistration)
            return Redirect(Links.Home);
        if (current.NeedsSecondFactor)
            return Redirect(Links.SetUpSecondFactor());
        LinkEnded = !await registering.HasLiveLinkAsync(current.Viewer.UserId, current.Now, cancellation);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
        => await registering.CompleteAsync(current.Viewer.UserId, current.Session!.Method, current.Now, cancellation) == RegistrationOutcome.Done
            ? Redirect(banner.Then(Links.Home, "Your account is ready."))
            : Redirect(Links.FinishRegistration);

    public async Task<IActionResult> OnPostSendAgainAsync(CancellationToken cancellation)
    {
        foreach (var membership in await db.Memberships.Where(m => m.UserId == current.Viewer.UserId && m.RemovedAt == null).Select(m => m.Id).ToListAsync(cancellation))
            await inviting.SendAgainAsync(membership, null, current.Now, cancellation);
        await inviting.SendToSupportAgainAsync(current.Viewer.UserId, null, current.Now, cancellation); // for whoever was invited to that
        await HttpContext.SignOutAsync(Session.Scheme);
        return Redirect(banner.Then(Links.SignIn(), $"We have emailed a new link to {current.Viewer.Email}."));
    }
}
