using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Users.SupportUsers;

/// <summary>Resends the invitation of a support user who has not registered yet.</summary>
internal sealed class ResendModel(Db db, Invitations invitations, Current current, Banner banner) : RefusablePage
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

        var result = await invitations.SendToSupportAgainAsync(current.Actor, userId);
        if (result.Refusal is { } refusal)
        {
            return Refuse(refusal);
        }

        if (result.IsDone)
        {
            return Redirect(banner.Then(Links.SupportUsers, $"We’ll email a new link to {Person.Email}."));
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
