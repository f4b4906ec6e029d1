using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.TermsAndConditions;

/// <summary>Asks everyone who has not accepted the current version to do so. They accept what was shown.</summary>
internal sealed class AcceptModel(Terms terms, Registration registration, Current current) : PageModel
{
    public TermsVersion Version { get; private set; } = null!;

    /// <summary>A newer version was published while the person read.</summary>
    public bool WasReplaced { get; private set; }

    /// <summary>Where the person was going.</summary>
    public string? ReturnUrl { get; private set; }

    public Task<IActionResult> OnGetAsync([FromQuery] string? returnUrl, CancellationToken cancellation) =>
        ShowAsync(returnUrl, cancellation);

    public async Task<IActionResult> OnPostAsync(
        [FromQuery] string? returnUrl,
        [FromForm] string? shown,
        CancellationToken cancellation
    )
    {
        if (
            !Guid.TryParse(shown, out var version)
            || (await terms.AcceptAsync(current.Actor, version)).Refusal is not null
        )
        {
            WasReplaced = true;
            return await ShowAsync(returnUrl, cancellation);
        }

        // For a person who is creating an account this may be the last step.
        if (current.HasUnfinishedRegistration)
        {
            var session = current.Session!;
            var result = await registration.CompleteAsync(session.UserId, session.Id, session.Method, current.Now);
            return Redirect(result.Refusal is null ? Links.RegistrationDone : Links.FinishRegistration);
        }

        return GoOn(returnUrl);
    }

    private async Task<IActionResult> ShowAsync(string? returnUrl, CancellationToken cancellation)
    {
        if (!current.NeedsTerms || await terms.CurrentAsync(cancellation) is not { } version)
        {
            return GoOn(returnUrl);
        }

        Version = version;
        ReturnUrl = LocalUrl.Of(returnUrl);
        return Page();
    }

    private RedirectResult GoOn(string? returnUrl) => Redirect(LocalUrl.Of(returnUrl) ?? Links.Home);
}
