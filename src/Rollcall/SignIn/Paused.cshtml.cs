using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Operations;
using Rollcall.SignIn.Providers;
using Rollcall.Web;

namespace Rollcall.SignIn;

/// <summary>For somebody who proved who they are, and whose account or every membership is paused. Nobody else learns that anybody is.</summary>
internal sealed class PausedModel(Current current, ProviderIdentities proven) : PageModel
{
    /// <summary>The address that they used.</summary>
    public string? Address { get; private set; }

    /// <summary>Whose page asks again who they are; null for somebody who came another way.</summary>
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
