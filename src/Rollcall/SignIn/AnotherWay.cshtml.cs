using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Model;
using Rollcall.Web;

namespace Rollcall.SignIn;

/// <summary>The person signed in by a way that another of their organisations allows, and this one does not.</summary>
internal sealed class AnotherWayModel(Current current) : PageModel
{
    public string Used => SignInMethods.InWords(current.Session!.Method);

    /// <summary>What the organisation asks for, in words.</summary>
    public string Asked =>
        string.Join(
            " or ",
            (current.Organisation.SignInMethods ?? [])
                .Select(way =>
                    way == SignInMethods.Password
                        ? "an email address and password"
                        : current.Options.SignIn.Provider(way)?.Name
                )
                .OfType<string>()
        );

    public IActionResult OnGet() =>
        current.AskForAnotherWay.Contains(current.Organisation.Id)
            ? Page()
            : Redirect(Links.Organisation(current.Organisation.Id));
}
