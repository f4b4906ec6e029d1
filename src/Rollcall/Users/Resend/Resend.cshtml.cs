using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Users.Resend;

/// <summary>
/// Resends an invitation: seven new days, and a link that was sent before says so. Someone who has an account gets no
/// link, so the words promise none.
/// </summary>
internal sealed class ResendModel(
    Db db,
    Invitations invitations,
    ChangeDetails changeDetails,
    MemberPolicy policy,
    Current current,
    Banner banner
) : PageModel
{
    public Member Member { get; private set; } = null!;
    public bool MayChangeAddress { get; private set; }
    public Refusal? Refusal { get; private set; }

    public async Task<IActionResult> OnGetAsync([FromRoute] Guid userId, CancellationToken cancellation)
    {
        if (!await OpenAsync(userId, cancellation))
        {
            return NotFound();
        }

        if (await policy.RefuseAsync(current.Actor, Member.Membership, cancellation) is { } refusal)
        {
            return Refuse(refusal);
        }

        return IsWaitedFor ? Page() : Redirect(Links.User(current.Organisation.Id, userId)); // which says what they are now
    }

    public async Task<IActionResult> OnPostAsync([FromRoute] Guid userId, CancellationToken cancellation)
    {
        if (!await OpenAsync(userId, cancellation))
        {
            return NotFound();
        }

        switch (await invitations.SendAgainAsync(Member.Membership.Id, current.Viewer, current.Now, cancellation))
        {
            case SendAgainOutcome.Sent:
                return Redirect(
                    banner.Then(
                        Links.User(current.Organisation.Id, userId),
                        $"We’ll email the invitation to {Member.User.Email} again."
                    )
                );
            case SendAgainOutcome.TooSoon:
                ModelState.AddModelError("", TooSoon(Member.User.Email));
                return Page();
            case SendAgainOutcome.TooMany:
                ModelState.AddModelError("", TooMany(Member.User.Email));
                return Page();
            case SendAgainOutcome.NotAllowed:
                return Refuse(MemberPolicy.Above);
            default:
                ModelState.AddModelError("", $"{Member.User.DisplayName} no longer needs an invitation");
                Response.StatusCode = StatusCodes.Status409Conflict;
                return Page();
        }
    }

    public static string TooSoon(string email) =>
        $"There is already a new invitation for {email}. Ask them to check their spam or junk folder, "
        + "and wait a few minutes before you resend it";

    public static string TooMany(string email) =>
        $"We cannot send another invitation to {email} for you today. Try again tomorrow";

    private PageResult Refuse(Refusal refusal)
    {
        Refusal = refusal;
        Response.StatusCode = StatusCodes.Status403Forbidden;
        return Page();
    }

    private bool IsWaitedFor => Member.Status(current.Now) is MembershipStatus.Pending or MembershipStatus.Expired;

    private async Task<bool> OpenAsync(Guid userId, CancellationToken cancellation)
    {
        if (await Member.FindAsync(db, current.Organisation.Id, userId, cancellation) is not { } member)
        {
            return false;
        }

        (Member, MayChangeAddress) = (
            member,
            (
                await changeDetails.MayAsync(
                    current.Viewer,
                    current.Console,
                    member.Account,
                    member.Membership,
                    member.BelongsElsewhere,
                    cancellation
                )
            ).Email
        );
        return true;
    }
}
