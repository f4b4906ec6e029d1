using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.WebUtilities;

namespace Rollcall.SignIn;

internal sealed class SignInModel : PageModel
{
    /// <summary>Where to go on; null when the address names no page of this service, which is how an open redirect begins.</summary>
    public string? ReturnUrl { get; private set; }

    public string DevelopmentSignIn => ReturnUrl is null ? "/dev/sign-in" : QueryHelpers.AddQueryString("/dev/sign-in", "returnUrl", ReturnUrl);

    public void OnGet(string? returnUrl) => ReturnUrl = Url.IsLocalUrl(returnUrl) ? returnUrl : null;
}
