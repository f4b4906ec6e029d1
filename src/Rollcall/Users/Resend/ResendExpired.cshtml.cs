using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Data;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Users.Resend;

/// <summary>Sends every invitation that has run out again.</summary>
internal sealed class ResendExpiredModel(Db db, BulkInvitations invitations, Current current, Banner banner) : PageModel
{
    public int Expired { get; private set; }
    public int AtOnce => Math.Min(Expired, BulkInvitations.MostAtOnce);

    public async Task OnGetAsync(CancellationToken cancellation) =>
        Expired = (await Users.People.CountAsync(db, current.Organisation.Id, current.Now, cancellation)).Expired;

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        var (sent, tooSoon, above, refusal) = await invitations.SendToExpiredAsync(
            current.Viewer,
            current.Organisation,
            current.Now,
            cancellation
        );
        if (refusal is not null)
        {
            ModelState.AddModelError("", refusal.Message);
            await OnGetAsync(cancellation);
            return Page();
        }
        var waiting = tooSoon == 0 ? "" : $" {People(tooSoon)} cannot get another one yet.";
        var higher =
            above == 0
                ? ""
                : $" {People(above)} {(above == 1 ? "has" : "have")} more access than you, so ask another admin to invite them again.";
        return Redirect(
            banner.Then(
                Links.Users(current.Organisation.Id),
                $"We’ll resend the invitation to {People(sent)}.{waiting}{higher}"
            )
        );
    }

    private static string People(int count) => count == 1 ? "1 person" : $"{count:N0} people";
}
