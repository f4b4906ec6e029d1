using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Users.SupportUsers;

/// <summary>The last step of adding a support user. Nothing is saved or sent before it is confirmed.</summary>
internal sealed class CheckAnswersModel(Db db, Drafts drafts, SupportTeam team, Current current, Banner banner)
    : PageModel
{
    public Guid DraftId { get; private set; }
    public string Shown { get; private set; } = "";
    public PersonalDetails Person { get; private set; } = new();

    /// <summary>The name of the person who has an account with this address.</summary>
    public string? KnownAs { get; private set; }

    public async Task<IActionResult> OnGetAsync([FromRoute] Guid draftId, CancellationToken cancellation)
    {
        if (await drafts.OpenAsync<PersonalDetails>(draftId, null, cancellation) is not var (draft, answers))
        {
            return Redirect(Links.AddSupportUser());
        }

        return draft.CompletedAt is null ? await ShowAsync(draft, answers, cancellation) : Redirect(Links.SupportUsers);
    }

    public async Task<IActionResult> OnPostAsync(
        [FromRoute] Guid draftId,
        [FromForm] string? shown,
        CancellationToken cancellation
    )
    {
        var confirmed = await drafts.ConfirmAsync<PersonalDetails, User>(
            draftId,
            null,
            shown,
            AddAsync,
            user => user.Id
        );
        if (confirmed is not { Draft: { } draft, Answers: { } answers })
        {
            return Redirect(Links.CheckNewSupportUser(draftId)); // shows what it is now
        }

        if (confirmed.Refusal is not { } refusal)
        {
            return await AddedAsync(draft, cancellation);
        }

        if (refusal.Field is not null)
        {
            return Redirect(Links.AddSupportUser(draftId)); // the form says what is wrong
        }

        ModelState.AddModelError("", refusal.Message);
        return await ShowAsync(draft, answers, cancellation);
    }

    private async Task<Result<User>> AddAsync(PersonalDetails person) =>
        person.CheckAgain(current.Options.BlockedEmailDomains) is { } email
            ? await team.AddAsync(current.Actor, person.FirstName, person.LastName, email)
            : PersonalDetails.Outdated;

    private async Task<PageResult> ShowAsync(Draft draft, PersonalDetails answers, CancellationToken cancellation)
    {
        DraftId = draft.Id;
        Person = answers;
        Shown = Drafts.Shown(draft);
        if (EmailAddress.TryParse(answers.Email, out var email))
        {
            var known = await Disclosure.AccountAsync(db, current.Viewer, email, cancellation);
            KnownAs = known?.DisplayName;
        }

        return Page();
    }

    private async Task<IActionResult> AddedAsync(Draft draft, CancellationToken cancellation)
    {
        var user = await db.Users.AsNoTracking().SingleAsync(u => u.Id == draft.ResultId, cancellation);
        var words = $"{user.DisplayName} has been added to the support users. We’ll email {user.Email}.";
        return Redirect(banner.Then(Links.SupportUsers, words, person: (user.DisplayName, Links.Person(user.Id))));
    }
}
