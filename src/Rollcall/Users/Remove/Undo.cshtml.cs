using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Users.Remove;

/// <summary>Undoes a removal: from the button in the banner, or on a page of its own.</summary>
internal sealed class UndoModel(Db db, RemoveMember removeMember, Current current, Banner banner) : PageModel
{
    /// <summary>Null: it is too late.</summary>
    public User? Removed { get; private set; }

    public Refusal? Refusal { get; private set; }
    public bool TooLate => Refusal == RemoveMember.TooLate;

    public async Task<IActionResult> OnGetAsync([FromRoute] Guid userId, CancellationToken cancellation)
    {
        if (await Member.FindAsync(db, current.Organisation.Id, userId, cancellation) is not null)
        {
            return Redirect(Links.User(current.Organisation.Id, userId));
        }

        if (!await WasHereAsync(userId, cancellation))
        {
            return NotFound();
        }

        Removed = await removeMember.RemovedLatelyAsync(
            current.Viewer,
            current.Organisation.Id,
            userId,
            current.Now,
            cancellation
        );
        Refusal = Removed is null ? RemoveMember.TooLate : null;
        return Page();
    }

    public async Task<IActionResult> OnPostAsync([FromRoute] Guid userId, CancellationToken cancellation)
    {
        var organisation = current.Organisation;
        if (!await WasHereAsync(userId, cancellation))
        {
            return NotFound();
        }

        var (back, refusal) = await removeMember.UndoAsync(
            current.Viewer,
            organisation,
            userId,
            current.Now,
            cancellation
        );
        if (refusal is null)
        {
            return Redirect(
                banner.Then(
                    Links.User(organisation.Id, userId),
                    $"{back!.DisplayName} has not been removed. They will not be emailed."
                )
            );
        }

        (Refusal, Response.StatusCode) = (refusal, StatusCodes.Status409Conflict);
        return Page();
    }

    private Task<bool> WasHereAsync(Guid userId, CancellationToken cancellation) =>
        db.Memberships.AnyAsync(m => m.OrganisationId == current.Organisation.Id && m.UserId == userId, cancellation);
}
