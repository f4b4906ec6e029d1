using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Security;
using Rollcall.Web;

namespace Rollcall.Users.ResetSignIn;

/// <summary>
/// Lets support remove ways to sign in that a person has lost. How support checked who asked is recorded.
/// </summary>
internal sealed class ResetSignInModel(Db db, SignInRepair repair, Current current, Banner banner) : PageModel
{
    public const string CodesAndPasskeys = "codes";
    public const int MostWords = 500;

    [BindProperty]
    public List<string> What { get; set; } = [];

    [BindProperty]
    public string? HowChecked { get; set; }

    public User Person { get; private set; } = null!;
    public SecondFactors Ways { get; private set; } = null!;
    public IReadOnlyList<LinkedIdentity> Identities { get; private set; } = [];
    public string Back { get; private set; } = "";
    public bool Any => Ways.Any || Ways.RecoveryCodes > 0 || Identities.Count > 0;

    public async Task<IActionResult> OnGetAsync(
        [FromRoute] Guid userId,
        [FromQuery] string? returnUrl,
        CancellationToken cancellation
    ) => await OpenAsync(userId, returnUrl, cancellation) ? Page() : NotFound();

    public async Task<IActionResult> OnPostAsync(
        [FromRoute] Guid userId,
        [FromQuery] string? returnUrl,
        CancellationToken cancellation
    )
    {
        if (!await OpenAsync(userId, returnUrl, cancellation))
        {
            return NotFound();
        }

        var words = PlainText.OneLine(HowChecked);
        if (What.Count == 0)
        {
            ModelState.AddModelError(nameof(What), "Select what to remove");
        }

        if (words.Length == 0)
        {
            ModelState.AddModelError(nameof(HowChecked), "Enter how you checked it is them");
        }
        else if (words.Length > MostWords)
        {
            ModelState.AddModelError(nameof(HowChecked), $"How you checked must be {MostWords} characters or fewer");
        }

        if (!ModelState.IsValid)
        {
            return Page();
        }

        var result = await repair.RemoveAsync(
            current.Actor,
            Person,
            secondFactors: What.Contains(CodesAndPasskeys),
            identities: What,
            words
        );
        if (result.Refusal is not null)
        {
            ModelState.AddModelError("", result.Refusal.Message);
            return Page();
        }

        return Redirect(
            banner.Then(
                Back,
                $"{Person.DisplayName} can now sign in without what you removed. We’ll email {Person.Email}.",
                person: (Person.DisplayName, Links.Person(Person.Id))
            )
        );
    }

    private async Task<bool> OpenAsync(Guid userId, string? returnUrl, CancellationToken cancellation)
    {
        Back = LocalUrl.Of(returnUrl) ?? Links.SupportUsers;
        if (
            await db
                .Users.AsNoTracking()
                .SingleOrDefaultAsync(u => u.Id == userId && u.MergedInto == null, cancellation)
            is not { } person
        )
        {
            return false;
        }

        Person = person;
        Ways = await SecondFactors.OfAsync(db, person, cancellation);
        Identities = await repair.IdentitiesOfAsync(userId, cancellation);
        return true;
    }
}
