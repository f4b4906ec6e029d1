using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Users.Remove;

/// <summary>Removing a user, which must be confirmed.</summary>
internal sealed class RemoveModel(Db db, Leaving leaving, Current current, Banner banner) : PageModel
{
    public new User User { get; private set; } = null!;
    public Refusal? Refusal { get; private set; }

    public async Task<IActionResult> OnGetAsync(Guid userId, CancellationToken cancellation)
    {
        if (await Member.FindAsync(db, current.Organisation.Id, userId, cancellation) is not { } member)
            return NotFound();
        User = member.User;
        return current.Viewer.Is(userId) ? Refuse(Leaving.Yourself) : Page();
    }

    public async Task<IActionResult> OnPostAsync(Guid userId, CancellationToken cancellation)
    {
        var organisation = current.Organisation;
        // Somebody who was removed a moment ago (a second click, another tab) is removed: the same answer, not an error.
        if (await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Id == userId
                && db.Memberships.Any(m => m.UserId == userId && m.OrganisationId == organisation.Id), cancellation) is not { } user)
            return NotFound();
        User = user;
        return await leaving.RemoveAsync(current.Viewer, organisation, user, current.Now, cancellation) is { } refusal
            ? Refuse(refusal)
            : Redirect(banner.Then(Links.Users(organisation.Id), $"{user.DisplayName} has been removed. We’ll email {user.Email}."));
    }

    private PageResult Refuse(Refusal refusal)
    {
        Refusal = refusal;
        Response.StatusCode = StatusCodes.Status403Forbidden;
        return Page();
    }
}
