using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.SignIn.Providers;

/// <summary>Sends the browser to a provider, and says what went wrong when no one was signed in there.</summary>
internal sealed class WithModel(Current current, Invitations invitations, Discovery discovery) : PageModel
{
    [FromRoute]
    public string Key { get; set; } = "";

    [FromQuery]
    public string? Problem { get; set; }

    [BindProperty(SupportsGet = true)]
    public string? ReturnUrl { get; set; }

    /// <summary>The token of the link that the browser opened.</summary>
    [BindProperty]
    public string? Invitation { get; set; }

    /// <summary>The provider must ask for a password again, although it may know who is there.</summary>
    [BindProperty]
    public bool Again { get; set; }

    public ProviderOptions Provider => current.Options.SignIn.Provider(Key)!;

    public string Heading =>
        Problem switch
        {
            "cancelled" => "You did not finish signing in",
            "unavailable" => $"{Provider.Name} is not available",
            "failed" => "You could not be signed in",
            _ => $"Sign in with {Provider.Name}",
        };

    public IActionResult OnGet()
    {
        if (current.Options.SignIn.Provider(Key) is null)
        {
            return NotFound();
        }

        ReturnUrl = LocalUrl.Of(ReturnUrl);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        if (current.Options.SignIn.Provider(Key) is not { } provider)
        {
            return NotFound();
        }

        var properties = new AuthenticationProperties { RedirectUri = LocalUrl.Of(ReturnUrl) ?? Links.Home };
        if (
            await invitations.FindAsync(Invitation, current.Now, cancellation) is
            { State: LinkState.Live, Invitation: { } invitation }
        )
        {
            properties.Items[ProviderEvents.InvitationKey] = invitation.Id.ToString();
        }

        if (Again)
        {
            properties.Items[ProviderHandler.AgainKey] = "true";
        }

        try
        {
            await discovery.AboutAsync(provider, cancellation);
        }
        catch (Exception e)
            when (e is HttpRequestException or AuthenticationFailureException or TaskCanceledException
                && !cancellation.IsCancellationRequested
            )
        {
            return Redirect(Links.SignInWith(Key, "unavailable", LocalUrl.Of(ReturnUrl)));
        }
        return Challenge(properties, SignInMethods.Provider(Key));
    }
}
