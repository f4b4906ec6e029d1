using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Register;

/// <summary>
/// Where the email's link leads. Shows what the invitation is for, or why the link does not work and what to do.
/// Opening it changes nothing: mail scanners open links too, and run their scripts.
/// </summary>
internal sealed class StartModel(Db db, Invitations invitations, Current current, Banner banner) : PageModel
{
    public string Token { get; private set; } = "";
    public OpenedLink Link { get; private set; } = null!;

    /// <summary>The invitation is for another person than the one who is signed in.</summary>
    public bool IsAnotherPerson { get; private set; }

    /// <summary>Where the newest link went, and when, for a person who opens an older one.</summary>
    public string SentTo { get; private set; } = "";
    public DateTimeOffset NewerSentAt { get; private set; }

    public string AddedBy =>
        Link.InvitedBy
        ?? (current.Options.SupportName is [var first, .. var rest] ? char.ToUpperInvariant(first) + rest : "");
    public string? AfterSignIn => Link.Organisation is { } organisation ? Links.Organisation(organisation.Id) : null;

    public string Heading =>
        IsAnotherPerson
            ? "You are signed in as someone else"
            : Link.State switch
            {
                LinkState.Live when Link.Organisation is { } organisation =>
                    $"Create an account to join {organisation.Name}",
                LinkState.Live => $"Create an account to join the {current.Options.ServiceName} support team",
                LinkState.Expired => "Your invitation has expired",
                LinkState.Superseded => "There is a newer link for you",
                LinkState.Used => "You have already used this link",
                LinkState.Withdrawn when Link.Invitation!.AcceptedAt is not null =>
                    $"You are no longer in {Link.Organisation!.Name}",
                LinkState.Withdrawn => "Your invitation has been withdrawn",
                LinkState.Paused => "Your access has been paused",
                _ => "This link does not work",
            };

    public async Task<IActionResult> OnGetAsync([FromRoute] string? token, CancellationToken cancellation)
    {
        Token = token ?? "";
        Link = await invitations.FindAsync(token, current.Now, cancellation);
        if (current.Session is { } session && Link.User is { } user)
        {
            if (session.UserId == user.Id && Link.State != LinkState.Withdrawn)
            {
                return Redirect(AfterSignIn ?? Links.Home);
            }

            IsAnotherPerson = Link.State == LinkState.Live;
        }
        if (Link.State == LinkState.Superseded)
        {
            var newest = await db
                .Invitations.AsNoTracking()
                .Where(i => i.UserId == Link.User!.Id && i.MembershipId == Link.Invitation!.MembershipId)
                .OrderByDescending(i => i.SentAt)
                .FirstAsync(cancellation);
            // Another address than the one that this link went to is none of its holder's business.
            (SentTo, NewerSentAt) = (
                newest.Email == Link.Invitation!.Email ? newest.Email : "another address",
                newest.SentAt
            );
        }
        return Page();
    }

    /// <summary>Sends a new link, always to the address that is invited now.</summary>
    public async Task<IActionResult> OnPostAsync([FromRoute] string? token, CancellationToken cancellation)
    {
        Token = token ?? "";
        var link = await invitations.FindAsync(token, current.Now, cancellation);
        if (link.State is not (LinkState.Expired or LinkState.Superseded))
        {
            return Redirect(Links.Register(Token));
        }

        var themselves = new Actor(null, current.Now);
        var result = link.Membership is { } membership
            ? await invitations.SendAgainAsync(themselves, membership)
            : await invitations.SendToSupportAgainAsync(themselves, link.User!.Id);
        if (result.Refusal is { } refusal)
        {
            Link = link;
            ModelState.AddModelError("", refusal.Message);
            return Page();
        }

        return Redirect(
            result.IsDone
                ? banner.Then(Links.Register(Token), "We’ll email you a link. It can take a few minutes to arrive.")
                : Links.Register(Token) // which says what became of it
        );
    }
}
