using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Addresses;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.SignIn.Providers;

/// <summary>
/// Connects a provider that vouches for the address of an account in use. The address alone connects nothing: the owner
/// signs in the usual way, comes back here and confirms.
/// </summary>
internal sealed class ConnectModel(
    ProviderIdentities proven,
    ConnectProvider connectProvider,
    Current current,
    Banner banner
) : PageModel
{
    public PendingProviderSignIn Waiting { get; private set; } = null!;

    public string ProviderName => current.Options.SignIn.Provider(Waiting.Identity.Provider)?.Name ?? "";

    /// <summary>They are signed in as the account with the address.</summary>
    public bool IsTheirs =>
        EmailAddress.TryParse(current.ViewerIfSignedIn?.Email, out var mine)
        && EmailAddress.TryParse(Waiting.Known, out var known)
        && mine.Key == known.Key;

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        if (!await ReadAsync(cancellation))
        {
            return Redirect(Links.Home);
        }

        if (!IsTheirs)
        {
            return Page();
        }

        return current.NeedsSecondFactor ? Redirect(Links.SetUpSecondFactor(Links.Connect))
            : current.ConfirmedLately ? Page()
            : Redirect(Links.ConfirmIdentity(Links.Connect));
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        if (!await ReadAsync(cancellation))
        {
            return Redirect(Links.Home);
        }

        if (!IsTheirs || !current.ConfirmedLately || current.NeedsSecondFactor)
        {
            return Redirect(Links.Connect);
        }

        var connected = (await connectProvider.ConnectAsync(current.Actor, Waiting.Identity)).IsDone;
        await proven.ForgetAsync(cancellation);
        return Redirect(
            banner.Then(
                connected ? Waiting.ReturnUrl ?? Links.Home : Links.Account,
                connected
                    ? $"You can now sign in with {ProviderName}."
                    : $"{ProviderName} has not been connected. Sign in with it again to try once more."
            )
        );
    }

    private async Task<bool> ReadAsync(CancellationToken cancellation)
    {
        if (await proven.ReadAsync(cancellation) is not { Outcome: ProviderOutcome.HasAccount } waiting)
        {
            return false;
        }

        Waiting = waiting;
        return true;
    }
}
