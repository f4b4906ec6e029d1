using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Security;
using Rollcall.Web;

namespace Rollcall.Account.SecondFactor;

/// <summary>
/// Asks which second factor to set up. While one is demanded, the gate leads here from every other page.
/// </summary>
internal sealed class ChooseModel(Db db, NewSecondFactorForm form, Current current) : PageModel
{
    private User person = null!;

    [BindProperty]
    public string? Way { get; set; }

    public bool TextsArePossible => form.IsPossible(person, SecondFactorKind.Text);

    /// <summary>A person who will be support staff once their account is complete.</summary>
    public bool IsInvitedToSupport => person.SupportSince is not null;

    public bool EmailIsPossible => form.IsPossible(person, SecondFactorKind.Email);

    public Task OnGetAsync(CancellationToken cancellation) => OpenAsync(cancellation);

    public async Task<IActionResult> OnPostAsync([FromQuery] string? returnUrl, CancellationToken cancellation)
    {
        await OpenAsync(cancellation);
        var kind = SecondFactorKind.Find(Way);
        if (form.IsPossible(person, kind))
        {
            return Redirect(Links.SetUpSecondFactor(kind!, LocalUrl.Of(returnUrl)));
        }

        ModelState.AddModelError(nameof(Way), "Select how to get security codes");
        return Page();
    }

    private async Task OpenAsync(CancellationToken cancellation) =>
        person = await db.Users.AsNoTracking().SingleAsync(u => u.Id == current.Viewer.UserId, cancellation);
}
