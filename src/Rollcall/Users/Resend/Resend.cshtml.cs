using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Users.Edit;
using Rollcall.Web;

namespace Rollcall.Users.Resend;

/// <summary>
/// Resends an invitation, with a new time limit; an earlier link says that there is a newer one. A person who has an
/// account gets no link, so the words promise none.
/// </summary>
internal sealed class ResendModel(
    Db db,
    Invitations invitations,
    ChangeDetails changeDetails,
    Current current,
    Banner banner
) : EditPage(db, changeDetails, current, banner)
{
    private bool IsWaitedFor => Member.Status(Current.Now) is MembershipStatus.Pending or MembershipStatus.Expired;

    public async Task<IActionResult> OnGetAsync([FromRoute] Guid userId, CancellationToken cancellation)
    {
        if (!await OpenAsync(userId, cancellation))
        {
            return NotFound();
        }

        if (await invitations.RefuseToSendAsync(Current.Actor, Member.Membership, cancellation) is { } refusal)
        {
            return Refuse(refusal);
        }

        return IsWaitedFor ? Page() : ToPerson(); // whose page says what they are now
    }

    public async Task<IActionResult> OnPostAsync([FromRoute] Guid userId, CancellationToken cancellation)
    {
        if (!await OpenAsync(userId, cancellation))
        {
            return NotFound();
        }

        var result = await invitations.SendAgainAsync(Current.Actor, Member.Membership);
        if (result.Refusal is { } refusal)
        {
            return Refuse(refusal);
        }

        if (result.IsDone)
        {
            return ToPerson($"We’ll email the invitation to {Member.User.Email} again.");
        }

        ModelState.AddModelError("", $"{Member.User.DisplayName} no longer needs an invitation");
        Response.StatusCode = StatusCodes.Status409Conflict;
        return Page();
    }
}
