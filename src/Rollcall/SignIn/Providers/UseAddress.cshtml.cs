using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.SignIn.Providers;

/// <summary>
/// The invitation went to another address than the provider's. Asks whether both are the person's before linking them.
/// </summary>
internal sealed class UseAddressModel(ProviderIdentities proven, CompleteProviderSignIn entrance, Current current)
    : PageModel
{
    public PendingProviderSignIn Waiting { get; private set; } = null!;

    /// <summary>They are another person here already. The invitation stays for the one it was sent to.</summary>
    public bool OtherPerson => Waiting.Outcome == ProviderOutcome.OtherPerson;

    public string ProviderName => current.Options.SignIn.Provider(Waiting.Identity.Provider)?.Name ?? "";

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation) =>
        await ReadAsync(cancellation) ? Page() : Redirect(Links.SignIn());

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        if (!await ReadAsync(cancellation))
        {
            return Redirect(Links.SignIn());
        }

        // They go on as themselves, not to the page of an invitation that is for another person.
        var go = OtherPerson ? Waiting with { Invitation = null, ReturnUrl = null } : Waiting;
        return Redirect(await entrance.EnterAsync(HttpContext, go, agreed: true));
    }

    private async Task<bool> ReadAsync(CancellationToken cancellation)
    {
        if (
            await proven.ReadAsync(cancellation)
            is not { Outcome: ProviderOutcome.OtherAddress or ProviderOutcome.OtherPerson } waiting
        )
        {
            return false;
        }

        Waiting = waiting;
        return true;
    }
}
