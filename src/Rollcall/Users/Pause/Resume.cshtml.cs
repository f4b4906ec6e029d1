using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Users.Pause;

/// <summary>Resumes a paused user.</summary>
internal sealed class ResumeModel(Db db, Pausing pausing, Current current, Banner banner) : PageModel
{
    public Member Member { get; private set; } = null!;
    public Refusal? Refusal { get; private set; }

    /// <summary>What they will be.</summary>
    public MembershipStatus Then => MembershipStatuses.Of(null, Member.User.PausedAt, Member.User.RegisteredAt, Member.Membership.ExpiresAt, current.Now);

    public async Task<IActionResult> OnGetAsync([FromRoute] Guid userId, CancellationToken cancellation)
    {
        if (await Member.FindAsync(db, current.Organisation.Id, userId, cancellation) is not { } member)
            return NotFound();
        Member = member;
        return member.Membership.PausedAt is not null ? Page() : Redirect(Links.User(current.Organisation.Id, userId));
    }

    public async Task<IActionResult> OnPostAsync([FromRoute] Guid userId, CancellationToken cancellation)
    {
        if (await Member.FindAsync(db, current.Organisation.Id, userId, cancellation) is not { } member)
            return NotFound();
        Member = member;
        var (_, refusal) = await pausing.ResumeAsync(current.Viewer, current.Organisation.Id, userId, current.Now, cancellation);
        if (refusal is null)
            return Redirect(banner.Then(Links.User(current.Organisation.Id, userId), $"{Member.User.DisplayName} has been resumed."));
        Refusal = refusal;
        Response.StatusCode = StatusCodes.Status403Forbidden;
        return Page();
    }
}
