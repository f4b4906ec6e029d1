using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Operations;
using Rollcall.SignIn.Providers;
using Rollcall.Web;

namespace Rollcall.SignIn;

/// <summary>
/// For a person who proved who they are, and whose account or every membership is paused. No one else learns of it.
/// </summary>
internal sealed class PausedModel(Current current, ProviderIdentities proven) : PageModel
{
    /// <summary>The address that they used.</summary>
    public string? Address { get; private set; }

    /// <summary>The provider that can ask again who they are; null for a person who came another way.</summary>
    public ProviderOptions? Provider { get; private set; }

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        var waiting = await proven.ReadAsync(cancellation) is { Outcome: ProviderOutcome.Paused } kept ? kept : null;
        if (current.Paused is null && waiting is null)
        {
            return Redirect(Links.Home);
        }

        Address = current.Paused ?? waiting?.Identity.Email;
        Provider = current.Options.SignIn.Provider(waiting?.Identity.Provider);
        return Page();
    }
}
