using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Users.Pause;

/// <summary>Resumes a paused user.</summary>
internal sealed class ResumeModel(Db db, PauseMember pauseMember, MemberPolicy policy, Current current, Banner banner)
    : PageModel
{
    public Member Member { get; private set; } = null!;
    public Refusal? Refusal { get; private set; }

    /// <summary>What they will be.</summary>
    public MembershipStatus Then =>
        MembershipStatuses.Of(
            null,
            Member.User.PausedAt,
            Member.User.RegisteredAt,
            Member.Membership.ExpiresAt,
            current.Now
        );

    public async Task<IActionResult> OnGetAsync([FromRoute] Guid userId, CancellationToken cancellation)
    {
        if (await Member.FindAsync(db, current.Organisation.Id, userId, cancellation) is not { } member)
        {
            return NotFound();
        }

        Member = member;
        if (await policy.RefuseAsync(current.Viewer, member.Membership, cancellation) is { } refusal)
        {
            return Refuse(refusal);
        }

        return member.Membership.PausedAt is not null ? Page() : Redirect(Links.User(current.Organisation.Id, userId));
    }

    public async Task<IActionResult> OnPostAsync([FromRoute] Guid userId, CancellationToken cancellation)
    {
        if (await Member.FindAsync(db, current.Organisation.Id, userId, cancellation) is not { } member)
        {
            return NotFound();
        }

        Member = member;
        var (_, refusal) = await pauseMember.ResumeAsync(
            current.Viewer,
            current.Organisation.Id,
            userId,
            current.Now,
            cancellation
        );
        return refusal is null
            ? Redirect(
                banner.Then(Links.User(current.Organisation.Id, userId), $"{Member.User.DisplayName} has been resumed.")
            )
            : Refuse(refusal);
    }

    private PageResult Refuse(Refusal refusal)
    {
        Refusal = refusal;
        Response.StatusCode = StatusCodes.Status403Forbidden;
        return Page();
    }
}
