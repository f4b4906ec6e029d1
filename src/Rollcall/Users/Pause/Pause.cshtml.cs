using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Users.Pause;

/// <summary>Pausing a user in one organisation, which must be confirmed. Undone on <see cref="ResumeModel"/>.</summary>
internal sealed class PauseModel(Db db, PauseMember pauseMember, MemberPolicy policy, Current current, Banner banner)
    : PageModel
{
    public const int MostWords = 500;

    [BindProperty]
    public string? Reason { get; set; }

    public Member Member { get; private set; } = null!;
    public Refusal? Refusal { get; private set; }

    /// <summary>No one else could manage the organisation's users: support is warned, and may.</summary>
    public bool IsLast { get; private set; }

    public async Task<IActionResult> OnGetAsync([FromRoute] Guid userId, CancellationToken cancellation)
    {
        if (!await OpenAsync(userId, cancellation))
        {
            return NotFound();
        }

        if (current.Viewer.Is(userId))
        {
            return Refuse(PauseMember.Yourself);
        }

        if (await policy.RefuseAsync(current.Viewer, Member.Membership, cancellation) is { } refusal)
        {
            return Refuse(refusal);
        }

        return Member.Membership.PausedAt is null ? Page() : Redirect(Links.User(current.Organisation.Id, userId));
    }

    public async Task<IActionResult> OnPostAsync([FromRoute] Guid userId, CancellationToken cancellation)
    {
        if (!await OpenAsync(userId, cancellation))
        {
            return NotFound();
        }

        var reason = PlainText.OneLine(Reason);
        if (reason.Length > MostWords)
        {
            ModelState.AddModelError(nameof(Reason), $"Reason must be {MostWords} characters or fewer");
            return Page();
        }
        var (_, refusal) = await pauseMember.PauseAsync(
            current.Viewer,
            current.Organisation.Id,
            userId,
            reason.Length == 0 ? null : reason,
            current.Now,
            cancellation
        );
        return refusal is null
            ? Redirect(
                banner.Then(Links.User(current.Organisation.Id, userId), $"{Member.User.DisplayName} has been paused.")
            )
            : Refuse(refusal);
    }

    private async Task<bool> OpenAsync(Guid userId, CancellationToken cancellation)
    {
        if (await Member.FindAsync(db, current.Organisation.Id, userId, cancellation) is not { } member)
        {
            return false;
        }

        (Member, IsLast) = (member, await policy.AreLastAsync(current.Organisation.Id, [userId], cancellation));
        return true;
    }

    private PageResult Refuse(Refusal refusal)
    {
        Refusal = refusal;
        Response.StatusCode = StatusCodes.Status403Forbidden;
        return Page();
    }
}
