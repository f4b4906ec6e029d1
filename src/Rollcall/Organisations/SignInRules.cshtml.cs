using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Organisations;

/// <summary>How an organisation's people may sign in, and what it asks of them. Whoever belongs to several is held to the strictest.</summary>
internal sealed class SignInRulesModel(Organising organising, Current current, Banner banner) : PageModel
{
    [BindProperty]
    public string? SecondFactor { get; set; }

    /// <summary>"password" and providers' keys. Asked only where the service has more than one way.</summary>
    [BindProperty]
    public List<string> Ways { get; set; } = [];

    public IReadOnlyList<(string Key, string Name)> AllWays => [
        .. current.Options.SignIn.Passwords ? [(SignInMethods.Password, "An email address and password")] : Array.Empty<(string, string)>(),
        .. current.Options.SignIn.Providers.Select(provider => (provider.Key, provider.Name)),
    ];

    /// <summary>With one provider and no passwords, nothing can be chosen.</summary>
    public static bool AsksAnything(RollcallOptions options) => options.SignIn.Passwords || options.SignIn.Providers.Count > 1;

    public IActionResult OnGet()
    {
        if (!AsksAnything(current.Options))
            return NotFound();
        if (!current.ConfirmedLately) // asked before anything is answered, so that no answer is lost on the way
            return Redirect(Links.ConfirmIdentity(Links.SignInRules(current.Organisation.Id)));
        SecondFactor = current.Organisation.SecondFactorRequired ? "yes" : "no";
        Ways = [.. AllWays.Select(way => way.Key).Where(key => current.Organisation.SignInMethods?.Contains(key) ?? true)];
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        if (!AsksAnything(current.Options))
            return NotFound();
        var organisation = current.Organisation;
        if (!current.Options.SignIn.Passwords) // not asked: there is no password to add a code to
            SecondFactor = organisation.SecondFactorRequired ? "yes" : "no";
        var known = AllWays.Select(way => way.Key).ToList();
        var chosen = known.Count == 1 ? known : [.. known.Where(Ways.Contains)];
        // All is no choice: a provider that is added to the settings later is then among them.
        // And a way that the service no longer has keeps nobody out.
        var ways = known.Count == 1 ? organisation.SignInMethods is { } stored && stored.Contains(known[0]) ? stored : null : chosen.Count == known.Count ? null : chosen.ToArray();
        if (SecondFactor is not ("yes" or "no"))
            ModelState.AddModelError(nameof(SecondFactor), "Select yes if people sign in with a security code as well as a password");
        if (chosen.Count == 0)
            ModelState.AddModelError(nameof(Ways), "Select at least one way to sign in");
        else if (!current.Viewer.IsSupport && current.Session is { } session && !SignInMethods.IsAmong(session.Method, ways))
            ModelState.AddModelError(nameof(Ways), $"You signed in with {SignInMethods.InWords(session.Method)}. Select that way too, or sign in another way first: you would lock yourself out");
        if (!ModelState.IsValid)
            return Page();
        var loosened = (SecondFactor == "no" && organisation.SecondFactorRequired) || (organisation.SignInMethods is { } before && (ways is null || ways.Except(before, StringComparer.Ordinal).Any()));
        if (loosened && !current.ConfirmedLately)
            return Redirect(Links.ConfirmIdentity(Links.SignInRules(organisation.Id)));
        await organising.ChangeSignInAsync(current.Viewer, organisation.Id, SecondFactor == "yes", ways, current.Now, cancellation);
        var secondFactor = SecondFactor == "yes" ? "People now sign in with a security code as well as a password." : "People now sign in with a password alone.";
        return Redirect(banner.Then(Links.Organisation(organisation.Id), known.Count == 1 && current.Options.SignIn.Passwords ? secondFactor : "How people sign in has been changed."));
    }
}
