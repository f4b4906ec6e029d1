using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.Model;
using Rollcall.Security;
using Rollcall.Web;

namespace Rollcall.Account;

/// <summary>Everything about oneself that one can see and change.</summary>
internal sealed class AccountModel(Db db, TextMessages texts, MobileQuestion mobileQuestion, Current current)
    : PageModel
{
    public User Person { get; private set; } = null!;
    public SecondFactors Ways { get; private set; } = null!;
    public bool TextsArePossible => texts.ArePossible;

    /// <summary>Only where something uses the number, or there is one to change.</summary>
    public bool ShowsMobile => mobileQuestion.IsAsked || texts.ArePossible || Person.Mobile is not null;

    /// <summary>
    /// Codes and passkeys go with a password: someone who always comes from a provider has no use for them.
    /// </summary>
    public bool ShowsCodes => current.Options.SignIn.Passwords || Ways.Any || Ways.RecoveryCodes > 0;

    /// <summary>With a forgotten password, the same mailbox is not enough.</summary>
    public bool NeedsAnotherWay => Ways is { Email: true, Authenticator: false, Mobile: null, Passkeys: 0 };

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        Person = await db.Users.AsNoTracking().SingleAsync(u => u.Id == current.Viewer.UserId, cancellation);
        Ways = await SecondFactors.OfAsync(db, Person, cancellation);
    }
}
