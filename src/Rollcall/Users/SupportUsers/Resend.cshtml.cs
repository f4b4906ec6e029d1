using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Users.SupportUsers;

/// <summary>Sends the invitation of a support user who has not registered yet again.</summary>
internal sealed class ResendModel(Db db, Invitations invitations, Current current, Banner banner) : PageModel
{
    public User Person { get; private set; } = null!;

    public async Task<IActionResult> OnGetAsync([FromRoute] Guid userId, CancellationToken cancellation) =>
        !await OpenAsync(userId, cancellation) ? NotFound()
        : Person is { RegisteredAt: null, PausedAt: null } ? Page()
        : Redirect(Links.SupportUsers);

    public async Task<IActionResult> OnPostAsync([FromRoute] Guid userId, CancellationToken cancellation)
    {
        if (!await OpenAsync(userId, cancellation))
        {
            return NotFound();
        }

        var outcome = await invitations.SendToSupportAgainAsync(userId, current.Viewer, current.Now, cancellation);
        if (outcome == SendAgainOutcome.Sent)
        {
            return Redirect(banner.Then(Links.SupportUsers, $"We’ll email a new link to {Person.Email}."));
        }

        if (outcome == SendAgainOutcome.TooSoon)
        {
            ModelState.AddModelError("", Resend.ResendModel.TooSoon(Person.Email));
            return Page();
        }

        if (outcome == SendAgainOutcome.TooMany)
        {
            ModelState.AddModelError("", Resend.ResendModel.TooMany(Person.Email));
            return Page();
        }

        ModelState.AddModelError("", $"{Person.DisplayName} no longer needs an invitation");
        Response.StatusCode = StatusCodes.Status409Conflict;
        return Page();
    }

    private async Task<bool> OpenAsync(Guid userId, CancellationToken cancellation)
    {
        var found = await db
            .Users.AsNoTracking()
            .SingleOrDefaultAsync(u => u.Id == userId && u.SupportSince != null, cancellation);
        Person = found!;
        return found is not null;
    }
}
