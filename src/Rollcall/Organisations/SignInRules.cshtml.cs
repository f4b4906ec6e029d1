using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Organisations;

/// <summary>
/// How an organisation's people sign in, within what the service's settings allow. The strictest rules hold for anyone
/// who belongs to several organisations.
/// </summary>
internal sealed class SignInRulesModel(OrganisationSettings settings, Current current, Banner banner) : PageModel
{
    /// <summary>"yes" or "no". Asked only where people may have a password.</summary>
    [BindProperty]
    public string? SecondFactor { get; set; }

    /// <summary>"password" and providers' keys. Asked only where the service has more than one way.</summary>
    [BindProperty]
    public List<string> Ways { get; set; } = [];

    public bool AsksSecondFactor => current.Options.SignIn.Passwords;

    public IReadOnlyList<(string Key, string Name)> AllWays =>
        [
            .. AsksSecondFactor
                ? [(SignInMethods.Password, "An email address and password")]
                : Array.Empty<(string, string)>(),
            .. current.Options.SignIn.Providers.Select(provider => (provider.Key, provider.Name)),
        ];

    public IActionResult OnGet()
    {
        var organisation = current.Organisation;
        if (!current.Options.SignIn.CanBeNarrowed)
        {
            return NotFound();
        }

        if (!current.ConfirmedLately)
        {
            // Asked now, because answers would be lost on the way.
            return Redirect(Links.ConfirmIdentity(Links.SignInRules(organisation.Id)));
        }

        SecondFactor = organisation.SecondFactorRequired ? "yes" : "no";
        Ways = [.. AllWays.Select(way => way.Key).Where(key => organisation.SignInMethods?.Contains(key) ?? true)];
        return Page();
    }

    public async Task<IActionResult> OnPostAsync()
    {
        var organisation = current.Organisation;
        if (!current.Options.SignIn.CanBeNarrowed)
        {
            return NotFound();
        }

        var ways = CheckWays();
        if (AsksSecondFactor && SecondFactor is not ("yes" or "no"))
        {
            ModelState.AddModelError(
                nameof(SecondFactor),
                "Select yes if people need a security code as well as a password"
            );
        }

        if (!ModelState.IsValid)
        {
            return Page();
        }

        var secondFactor = AsksSecondFactor ? SecondFactor == "yes" : organisation.SecondFactorRequired;
        var loosened =
            (!secondFactor && organisation.SecondFactorRequired)
            || (
                organisation.SignInMethods is { } before
                && (ways is null || ways.Except(before, StringComparer.Ordinal).Any())
            );
        if (loosened && !current.ConfirmedLately)
        {
            return Redirect(Links.ConfirmIdentity(Links.SignInRules(organisation.Id)));
        }

        var result = await settings.ChangeSignInAsync(current.Actor, organisation.Id, secondFactor, ways);
        if (result.Refusal is not null)
        {
            return StatusCode(StatusCodes.Status403Forbidden);
        }

        var saved =
            AllWays.Count > 1 ? "How people sign in has been changed."
            : secondFactor ? "People now need a security code as well as their password."
            : "People now sign in with a password only.";
        return Redirect(banner.Then(Links.Organisation(organisation.Id), saved));
    }

    /// <summary>The ways to store. All of them become null, so that a provider added later is among them.</summary>
    private string[]? CheckWays()
    {
        var known = AllWays.Select(way => way.Key).ToList();
        if (known is [var only])
        {
            // Not asked. A way that the service no longer has must not keep anyone out.

            return current.Organisation.SignInMethods is { } stored && stored.Contains(only) ? stored : null;
        }

        var chosen = known.Where(Ways.Contains).ToArray();
        var ways = chosen.Length == known.Count ? null : chosen;
        if (chosen.Length == 0)
        {
            ModelState.AddModelError(nameof(Ways), "Select at least one way to sign in");
        }
        else if (
            !current.Viewer.IsSupport
            && current.Session is { } session
            && !SignInMethods.IsAmong(session.Method, ways)
        )
        {
            ModelState.AddModelError(
                nameof(Ways),
                $"You signed in with {SignInMethods.InWords(session.Method)}. "
                    + "Select that way too, or you will lock yourself out"
            );
        }

        return ways;
    }
}
