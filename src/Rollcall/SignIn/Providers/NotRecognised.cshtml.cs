using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Addresses;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.SignIn.Providers;

/// <summary>
/// The provider knows the person and this service does not. Says which address was used, and helps a person whose
/// invitation went to another one.
/// </summary>
internal sealed class NotRecognisedModel(Current current, ProviderIdentities proven, AfterAnswer afterAnswer)
    : PageModel
{
    /// <summary>The address that their invitation went to, as they say.</summary>
    [BindProperty]
    public string? Email { get; set; }

    [FromQuery]
    public bool Sent { get; set; }

    public PendingProviderSignIn? Waiting { get; private set; }

    public ProviderOptions? Provider => current.Options.SignIn.Provider(Waiting?.Identity.Provider);

    public bool NotThisWay => Waiting?.Outcome == ProviderOutcome.NotThisWay;

    /// <summary>They are invited, and their address alone does not let them in.</summary>
    public bool NeedsLink => Waiting?.Outcome == ProviderOutcome.NeedsLink;

    /// <summary>They manage users, and their address alone gives them no new way in.</summary>
    public bool NeedsSupport => Waiting?.Outcome == ProviderOutcome.NeedsSupport;

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        await ReadAsync(cancellation);
        return Sent || Provider is not null ? Page() : Redirect(Links.SignIn());
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        await ReadAsync(cancellation);
        if (Provider is null)
        {
            return Redirect(Links.SignIn());
        }

        var (address, error) = EmailAddress.Check(NeedsLink ? Waiting!.Invited : Email);
        if (address is null)
        {
            ModelState.AddModelError(nameof(Email), error!);
            return Page();
        }

        var now = current.Now;
        afterAnswer.Do<Invitations>(invitations => invitations.SendAgainToAsync(address, now, CancellationToken.None));
        return Redirect(Links.NotRecognised + "?sent=true");
    }

    private async Task ReadAsync(CancellationToken cancellation)
    {
        Waiting = await proven.ReadAsync(cancellation);
        if (
            Waiting is
            {
                Outcome: not (
                    ProviderOutcome.NotRecognised
                    or ProviderOutcome.NotThisWay
                    or ProviderOutcome.NeedsLink
                    or ProviderOutcome.NeedsSupport
                )
            }
        )
        {
            Waiting = null;
        }
    }
}
