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
internal sealed class RemoveModel(Db db, RemoveMember removeMember, MemberPolicy policy, Current current, Banner banner)
    : PageModel
{
    public new User User { get; private set; } = null!;
    public Refusal? Refusal { get; private set; }

    /// <summary>No one else could manage the organisation's users: support is warned, and may.</summary>
    public bool IsLast { get; private set; }

    public async Task<IActionResult> OnGetAsync([FromRoute] Guid userId, CancellationToken cancellation)
    {
        if (await Member.FindAsync(db, current.Organisation.Id, userId, cancellation) is not { } member)
        {
            return NotFound();
        }

        (User, IsLast) = (member.User, await policy.AreLastAsync(current.Organisation.Id, [userId], cancellation));
        return current.Viewer.Is(userId) ? Refuse(RemoveMember.Yourself)
            : await policy.RefuseAsync(current.Viewer, member.Membership, cancellation) is { } refusal ? Refuse(refusal)
            : Page();
    }

    public async Task<IActionResult> OnPostAsync([FromRoute] Guid userId, CancellationToken cancellation)
    {
        var organisation = current.Organisation;
        // A second click, or another tab: the same answer, not an error.
        if (
            !await db.Memberships.AnyAsync(m => m.UserId == userId && m.OrganisationId == organisation.Id, cancellation)
        )
        {
            return NotFound();
        }

        var (removed, refusal) = await removeMember.RemoveAsync(
            current.Viewer,
            organisation,
            userId,
            current.Now,
            cancellation
        );
        if (refusal is not null)
        {
            return Refuse(refusal);
        }
        // Nothing of the person as they are today is told to an organisation that they left before.
        if (removed is null)
        {
            return Redirect(banner.Then(Links.Users(organisation.Id), "The user has already been removed."));
        }

        var (list, name, minutes) = (Links.Users(organisation.Id), removed.DisplayName, current.Options.UndoMinutes);
        // Support can still open the person's page; an organisation cannot.
        (string, string)? person = current.Viewer.IsSupport ? (name, Links.Person(userId)) : null;
        var done = $"{name} has been removed. We’ll email {removed.Email}";
        return Redirect(
            minutes == 0
                ? banner.Then(list, $"{done}.", person: person)
                : banner.Then(
                    list,
                    $"{done} in {(minutes == 1 ? "a minute" : $"{minutes} minutes")}, unless you undo it.",
                    (Links.UndoRemoval(organisation.Id, userId), $"removing {name}"),
                    person
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
