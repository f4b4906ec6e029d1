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
        var kind = Open(way);
        return current.ConfirmedLately ? Page() : Redirect(Links.ConfirmIdentity(Links.RemoveSecondFactor(kind)));
    }

    public async Task<IActionResult> OnPostAsync([FromRoute] string way)
    {
        var kind = Open(way);
        if (!current.ConfirmedLately)
        {
            return Redirect(Links.ConfirmIdentity(Links.RemoveSecondFactor(kind)));
        }

        Refusal = (await setUp.RemoveAsync(current.Actor, kind, current.SecondFactorIsDemanded)).Refusal;
        return Refusal is not null
            ? Page()
            : Redirect(banner.Then(Links.Account, "You will no longer get security codes this way."));
    }

    private SecondFactorKind Open(string way)
    {
        var kind = SecondFactorKind.Find(way)!; // the route has no other
        Heading = kind.RemoveHeading;
        return kind;
    }
}
