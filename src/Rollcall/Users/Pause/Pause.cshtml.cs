using Microsoft.AspNetCore.Mvc;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Users.Pause;

/// <summary>Asks before pausing a user in one organisation. <see cref="ResumeModel"/> gives access back.</summary>
internal sealed class PauseModel(Db db, PauseMember pauseMember, MemberPolicy policy, Current current, Banner banner)
    : MemberPage(db, current, banner)
{
    public const int MostWords = 500;

    [BindProperty]
    public string? Reason { get; set; }

    /// <summary>No one else can manage the organisation's users. Support is warned, and may still pause them.</summary>
    public bool IsLast { get; private set; }

    public async Task<IActionResult> OnGetAsync([FromRoute] Guid userId, CancellationToken cancellation)
    {
        if (!await OpenAsync(userId, cancellation))
        {
            return NotFound();
        }

        if (Current.Viewer.Is(userId))
        {
            return Refuse(PauseMember.Yourself);
        }

        if (await policy.RefuseAsync(Current.Actor, Member.Membership, cancellation) is { } refusal)
        {
            return Refuse(refusal);
        }

        return Member.Membership.PausedAt is null ? Page() : ToPerson();
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

        var result = await pauseMember.PauseAsync(
            Current.Actor,
            OrganisationId,
            userId,
            reason.Length == 0 ? null : reason
        );
        return result.Refusal is null
            ? ToPerson($"{Member.User.DisplayName} has been paused.")
            : Refuse(result.Refusal);
    }

    private async Task<bool> OpenAsync(Guid userId, CancellationToken cancellation)
    {
        if (!await FindMemberAsync(userId, cancellation))
        {
            return false;
        }

        IsLast = await policy.AreLastAsync(OrganisationId, [userId], cancellation);
        return true;
    }
}
