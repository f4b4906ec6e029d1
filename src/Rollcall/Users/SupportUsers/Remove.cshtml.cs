using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Users.SupportUsers;

/// <summary>Removing a support user, which must be confirmed.</summary>
internal sealed class RemoveModel(Db db, SupportTeam staff, Current current, Banner banner) : PageModel
{
    public User? Person { get; private set; }
    public Refusal? Refusal { get; private set; }

    public async Task<IActionResult> OnGetAsync([FromRoute] Guid userId, CancellationToken cancellation)
    {
        if (current.Viewer.Is(userId))
        {
            return Refuse(SupportTeam.Yourself);
        }

        Person = await db
            .Users.AsNoTracking()
            .SingleOrDefaultAsync(u => u.Id == userId && u.SupportSince != null, cancellation);
        return Person is null ? NotFound() : Page();
    }

    public async Task<IActionResult> OnPostAsync([FromRoute] Guid userId, CancellationToken cancellation)
    {
        var (removed, refusal) = await staff.RemoveAsync(current.Viewer, userId, current.Now, cancellation);
        if (refusal is not null)
        {
            return Refuse(refusal);
        }
        // A second click, or another tab: the same answer, not an error. Someone who was never a support user does not exist here.
        if (
            removed is null
            && !await db.AuditEvents.AnyAsync(
                e => e.UserId == userId && e.Kind == AuditKinds.SupportRemoved,
                cancellation
            )
        )
        {
            return NotFound();
        }

        return Redirect(
            removed is null
                ? banner.Then(Links.SupportUsers, "The support user has already been removed.")
                : banner.Then(
                    Links.SupportUsers,
                    $"{removed.DisplayName} has been removed from the support users. We’ll email {removed.Email}.",
                    person: (removed.DisplayName, Links.Person(removed.Id))
                )
        );
    }

    private PageResult Refuse(Refusal refusal)
    {
        Refusal = refusal;
        Response.StatusCode = StatusCodes.Status403Forbidden;
        return Page();
    }
}
