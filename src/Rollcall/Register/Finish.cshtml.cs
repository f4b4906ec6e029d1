using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Register;

/// <summary>The last step for a person who comes back to an account that they had begun.</summary>
internal sealed class FinishModel(
    Db db,
    Invitations invitations,
    Registration registration,
    Current current,
    Banner banner
) : PageModel
{
    /// <summary>The link expired, or ended another way, before everything was complete.</summary>
    public bool LinkEnded { get; private set; }

    /// <summary>They were removed, or are paused, everywhere: a new link would lead nowhere.</summary>
    public bool NotWaitedFor { get; private set; }

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        if (!current.HasUnfinishedRegistration)
        {
            return Redirect(Links.Home);
        }

        if (current.NeedsSecondFactor)
        {
            return Redirect(Links.SetUpSecondFactor());
        }

        await OpenAsync(cancellation);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync()
    {
        var session = current.Session!;
        var result = await registration.CompleteAsync(session.UserId, session.Id, session.Method, current.Now);
        return Redirect(result.Refusal is null ? Links.RegistrationDone : Links.FinishRegistration);
    }

    public async Task<IActionResult> OnPostSendAgainAsync(CancellationToken cancellation)
    {
        var themselves = new Actor(null, current.Now); // as if they were not signed in
        var results = new List<Result>();
        foreach (
            var membership in await db
                .Memberships.AsNoTracking()
                .Where(m => m.UserId == current.Viewer.UserId && m.RemovedAt == null)
                .ToListAsync(cancellation)
        )
        {
            results.Add(await invitations.SendAgainAsync(themselves, membership));
        }

        results.Add(await invitations.SendToSupportAgainAsync(themselves, current.Viewer.UserId));
        if (!results.Exists(r => r.IsDone))
        {
            if (results.Find(r => r.Refusal is not null) is { Refusal: { } refusal })
            {
                ModelState.AddModelError("", refusal.Message);
            }

            await OpenAsync(cancellation);
            return Page();
        }
        // A new link begins anew: what was begun with the old one has ended.
        await Session.EndAsync(HttpContext);
        return Redirect(banner.Then(Links.SignIn(), $"We’ll email a new link to {current.Viewer.Email}."));
    }

    private async Task OpenAsync(CancellationToken cancellation)
    {
        var id = current.Viewer.UserId;
        LinkEnded = !await registration.HasLiveLinkAsync(id, current.Now, cancellation);
        NotWaitedFor =
            LinkEnded
            && !await db.Users.AnyAsync(
                u =>
                    u.Id == id
                    && u.PausedAt == null
                    && (
                        u.SupportSince != null
                        || db.Memberships.Any(m => m.UserId == id && m.RemovedAt == null && m.PausedAt == null)
                    ),
                cancellation
            );
    }
}
