using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Addresses;
using Rollcall.Emails;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Security;
using Rollcall.Web;

namespace Rollcall.Register;

/// <summary>Asks for name, mobile and password. The email address is the invited one, whatever is posted.</summary>
internal sealed class DetailsModel(
    Invitations invitations,
    Registration registration,
    Passwords passwords,
    MobileQuestion mobileQuestion,
    Current current
) : PageModel
{
    [BindProperty]
    public string? FirstName { get; set; }

    [BindProperty]
    public string? LastName { get; set; }

    [BindProperty]
    public string? Mobile { get; set; }

    [BindProperty]
    public string? Password { get; set; }

    public string Token { get; private set; } = "";
    public OpenedLink Link { get; private set; } = null!;

    /// <summary>Where a second factor is demanded too, a shorter password is enough.</summary>
    private bool SecondFactor => Link.Organisation is null || Link.Organisation.SecondFactorRequired;

    public bool AsksForMobile => mobileQuestion.IsAsked;
    public string MobileHint => mobileQuestion.Hint;

    public string PasswordHint => Passwords.Hint(SecondFactor);

    public async Task<IActionResult> OnGetAsync([FromRoute] string? token, CancellationToken cancellation)
    {
        if (!await OpenAsync(token, cancellation))
        {
            return Redirect(Links.Register(Token));
        }

        FirstName = Link.User!.FirstName;
        LastName = Link.User.LastName;
        return Page();
    }

    public async Task<IActionResult> OnPostAsync([FromRoute] string? token, CancellationToken cancellation)
    {
        if (!await OpenAsync(token, cancellation))
        {
            return Redirect(Links.Register(Token)); // which says what happened to the link
        }

        var first = Checked(nameof(FirstName), PersonName.Check(FirstName, PersonName.First));
        var last = Checked(nameof(LastName), PersonName.Check(LastName, PersonName.Last));
        var mobile = mobileQuestion.IsAsked ? Checked(nameof(Mobile), MobileNumber.Check(Mobile)) : null;
        if (
            passwords.Problem(
                Password,
                SecondFactor,
                [current.Options.ServiceName, Link.Organisation?.Name, FirstName, LastName, Link.Invitation!.Email]
            ) is
            { } problem
        )
        {
            ModelState.AddModelError(nameof(Password), problem);
        }

        if (!ModelState.IsValid)
        {
            return Page();
        }

        var hash = passwords.Hash(Password!);
        var begun = await registration.BeginAsync(Link, new(first!, last!, mobile, hash), current.Now);
        if (
            begun.Refusal is not null
            || await Session.BeginAsync(HttpContext, Link.User!.Id, SignInMethods.Password, hash) is not { } session
        )
        {
            return Redirect(Links.Register(Token));
        }

        var result = await registration.CompleteAsync(Link.User.Id, session, SignInMethods.Password, current.Now);
        return Redirect(result.Refusal is null ? Links.RegistrationDone : Links.FinishRegistration);
    }

    private async Task<bool> OpenAsync(string? token, CancellationToken cancellation)
    {
        Token = token ?? "";
        Link = await invitations.FindAsync(token, current.Now, cancellation);
        return Link.State == LinkState.Live
            && current.ViewerIfSignedIn is null
            && Link.Allows(current.Options, SignInMethods.Password);
    }

    private string? Checked(string field, (string? Value, string? Error) check)
    {
        if (check.Error is not null)
        {
            ModelState.AddModelError(field, check.Error);
        }

        return check.Value;
    }
}
