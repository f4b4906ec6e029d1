using Microsoft.AspNetCore.Mvc;
using Rollcall.Data;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Users.Resend;

/// <summary>Resends every expired invitation.</summary>
internal sealed class ResendExpiredModel(Db db, ResendExpired resendExpired, Current current, Banner banner)
    : RefusablePage
{
    public int Expired { get; private set; }

    public int AtOnce => Math.Min(Expired, ResendExpired.MostAtOnce);

    public async Task OnGetAsync(CancellationToken cancellation) =>
        Expired = (await MemberCounts.ReadAsync(db, current.Organisation.Id, current.Now, cancellation)).Expired;

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        var result = await resendExpired.SendAsync(current.Actor, current.Organisation);
        if (result.Refusal is { } refusal)
        {
            await OnGetAsync(cancellation);
            return Refuse(refusal);
        }

        var (sent, tooSoon, above) = result.Value!;
        var words = $"We’ll resend the invitation to {People(sent)}.";
        if (tooSoon > 0)
        {
            words += $" {People(tooSoon)} cannot get another one yet.";
        }

        if (above > 0)
        {
            var have = above == 1 ? "has" : "have";
            words += $" {People(above)} {have} more access than you, so ask another admin to invite them again.";
        }

        return Redirect(banner.Then(Links.Users(current.Organisation.Id), words));
    }

    private static string People(int count) => count == 1 ? "1 person" : $"{count:N0} people";
}
