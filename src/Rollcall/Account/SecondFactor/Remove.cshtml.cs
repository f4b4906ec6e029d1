using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Security;
using Rollcall.Web;

namespace Rollcall.Account.SecondFactor;

internal sealed class RemoveModel(SecondFactorSetUp setUp, Current current, Banner banner) : PageModel
{
    public string Heading { get; private set; } = "";

    /// <summary>Why it stays.</summary>
    public Refusal? Refusal { get; private set; }

    public IActionResult OnGet([FromRoute] string way)
    {
        Heading = Words(way);
        return current.ConfirmedLately ? Page() : Redirect(Links.ConfirmIdentity(Links.RemoveSecondFactor(way)));
    }

    public async Task<IActionResult> OnPostAsync([FromRoute] string way)
    {
        if (!current.ConfirmedLately)
        {
            return Redirect(Links.ConfirmIdentity(Links.RemoveSecondFactor(way)));
        }

        Heading = Words(way);
        Refusal = (await setUp.RemoveAsync(current.Actor, way, current.SecondFactorIsDemanded)).Refusal;
        return Refusal is not null
            ? Page()
            : Redirect(banner.Then(Links.Account, "You will no longer get security codes this way."));
    }

    private static string Words(string way) =>
        way switch
        {
            SecondFactors.Authenticator => "Remove your authenticator app",
            SecondFactors.Text => "Stop codes by text message",
            _ => "Stop codes by email",
        };
}
