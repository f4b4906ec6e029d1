using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Data;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Users.Resend;

/// <summary>Sends every invitation that has run out again.</summary>
internal sealed class ResendExpiredModel(Db db, InvitingMany inviting, Current current, Banner banner) : PageModel
{
    public int Expired { get; private set; }

    public async Task OnGetAsync(CancellationToken cancellation) => Expired = (await People.CountAsync(db, current.Organisation.Id, current.Now, cancellation)).Expired;

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        var (sent, tooSoon) = await inviting.SendToExpiredAsync(current.Viewer, current.Organisation, current.Now, cancellation);
        var waiting = tooSoon == 0 ? "" : $" {(tooSoon == 1 ? "1 person" : $"{tooSoon:N0} people")} had one a short while ago.";
        return Redirect(banner.Then(Links.Users(current.Organisation.Id), $"We’ll email {(sent == 1 ? "1 person" : $"{sent:N0} people")} a new link.{waiting}"));
    }
}
