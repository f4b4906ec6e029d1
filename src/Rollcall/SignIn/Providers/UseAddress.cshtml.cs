using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.SignIn.Providers;

/// <summary>An invitation was opened by somebody whom the provider calls otherwise: joined only when they say so.</summary>
internal sealed class UseAddressModel(ProviderIdentities proven, CompleteProviderSignIn entrance, Current current)
    : PageModel
{
    public PendingProviderSignIn Waiting { get; private set; } = null!;

    /// <summary>They are somebody else here already: the invitation stays for whom it was sent to.</summary>
    public bool OtherPerson => Waiting.Entry == ProviderOutcome.OtherPerson;

    public string ProviderName => current.Options.SignIn.Provider(Waiting.Identity.Provider)?.Name ?? "";

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation) =>
        await ReadAsync(cancellation) ? Page() : Redirect(Links.SignIn());

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        if (!await ReadAsync(cancellation))
        {
            return Redirect(Links.SignIn());
        }
        // As who they are here, they do not go on to the page of an invitation that is for somebody else.
        var go = OtherPerson ? Waiting with { Invitation = null, ReturnUrl = null } : Waiting;
        return Redirect(await entrance.EnterAsync(HttpContext, go, agreed: true));
    }

    private async Task<bool> ReadAsync(CancellationToken cancellation)
    {
        if (
            await proven.ReadAsync(cancellation)
            is not { Entry: ProviderOutcome.OtherAddress or ProviderOutcome.OtherPerson } waiting
        )
        {
            return false;
        }

        Waiting = waiting;
        return true;
    }
}
