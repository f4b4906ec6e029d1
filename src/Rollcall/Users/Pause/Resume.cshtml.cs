using Microsoft.AspNetCore.Mvc;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Users.Pause;

/// <summary>Asks before giving a paused user their access back.</summary>
internal sealed class ResumeModel(Db db, PauseMember pauseMember, MemberPolicy policy, Current current, Banner banner)
    : MemberPage(db, current, banner)
{
    /// <summary>Their status once resumed.</summary>
    public MembershipStatus Then =>
        MembershipStatuses.Of(
            null,
            Member.User.PausedAt,
            Member.User.RegisteredAt,
            Member.Membership.ExpiresAt,
            Current.Now
        );

    public async Task<IActionResult> OnGetAsync([FromRoute] Guid userId, CancellationToken cancellation)
    {
        if (!await FindMemberAsync(userId, cancellation))
        {
            return NotFound();
        }

        if (await policy.RefuseAsync(Current.Actor, Member.Membership, cancellation) is { } refusal)
        {
            return Refuse(refusal);
        }

        return Member.Membership.PausedAt is null ? ToPerson() : Page();
    }

    public async Task<IActionResult> OnPostAsync([FromRoute] Guid userId, CancellationToken cancellation)
    {
        if (!await FindMemberAsync(userId, cancellation))
        {
            return NotFound();
        }

        var result = await pauseMember.ResumeAsync(Current.Actor, OrganisationId, userId);
        return result.Refusal is null
            ? ToPerson($"{Member.User.DisplayName} has been resumed.")
            : Refuse(result.Refusal);
    }
}
