using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Users.Add;

/// <summary>The last step of adding a user. Nothing is saved or sent before it is confirmed.</summary>
internal sealed class CheckAnswersModel(Db db, Drafts drafts, AddMember addMember, Current current, Banner banner)
    : PageModel
{
    public Guid DraftId { get; private set; }
    public string Shown { get; private set; } = "";
    public PersonalDetails Person { get; private set; } = new();

    public AccessForm Access { get; private set; } = null!;

    /// <summary>Who has the address already; always null for an admin.</summary>
    public User? Known { get; private set; }

    public async Task<IActionResult> OnGetAsync([FromRoute] Guid draftId, CancellationToken cancellation)
    {
        if (await drafts.OpenAsync<NewUser>(draftId, null, cancellation) is not var (draft, answers))
        {
            return Redirect(Links.AddUser(current.Organisation.Id));
        }

        return draft.CompletedAt is null
            ? await ShowAsync(draft, answers, cancellation)
            : Redirect(Links.User(current.Organisation.Id, draft.ResultId!.Value));
    }

    public async Task<IActionResult> OnPostAsync(
        [FromRoute] Guid draftId,
        [FromForm] string? shown,
        CancellationToken cancellation
    )
    {
        var organisation = current.Organisation.Id;
        var confirmed = await drafts.ConfirmAsync<NewUser, User>(draftId, null, shown, AddAsync, user => user.Id);
        if (confirmed is not { Draft: { } draft, Answers: { } answers })
        {
            return Redirect(Links.CheckNewUser(organisation, draftId)); // shows what it is now
        }

        if (confirmed.Refusal is not { } refusal)
        {
            return await AddedAsync(draft, answers.Person, cancellation);
        }

        if (refusal == ChangeAccess.TooMuch)
        {
            return Redirect(Links.NewUsersAccess(organisation, draftId));
        }

        if (refusal.Field is not null)
        {
            return Redirect(Links.AddUser(organisation, draftId)); // the form says what is wrong
        }

        ModelState.AddModelError("", refusal.Message);
        return await ShowAsync(draft, answers, cancellation);
    }

    private async Task<Result<User>> AddAsync(NewUser answers)
    {
        var person = answers.Person;
        if (person.CheckAgain(current.Options.BlockedEmailDomains) is not { } email)
        {
            return PersonalDetails.Outdated;
        }

        var offer = await addMember.OfferAsync(current.Viewer, current.Organisation.Id);
        return offer.Choose(offer.AsksNothing ? null : answers.Role, answers.Areas ?? []) is { } access
            ? await addMember.AddAsync(
                current.Actor,
                current.Organisation,
                person.FirstName,
                person.LastName,
                email,
                access
            )
            : ChangeAccess.TooMuch;
    }

    private async Task<IActionResult> ShowAsync(Draft draft, NewUser answers, CancellationToken cancellation)
    {
        var offer = await addMember.OfferAsync(current.Viewer, current.Organisation.Id, cancellation);
        Access = new(offer, answers.Person.FirstName!, answers.Role, answers.Areas ?? []);
        if (!offer.AsksNothing && (answers.Areas is null || offer.Choose(answers.Role, answers.Areas) is null))
        {
            // No step is skipped by its address.
            return Redirect(Links.NewUsersAccess(current.Organisation.Id, draft.Id));
        }

        DraftId = draft.Id;
        Person = answers.Person;
        Shown = Drafts.Shown(draft);
        if (EmailAddress.TryParse(answers.Person.Email, out var email))
        {
            Known = await Disclosure.AccountAsync(db, current.Viewer, email, cancellation);
        }

        return Page();
    }

    private async Task<IActionResult> AddedAsync(Draft draft, PersonalDetails person, CancellationToken cancellation)
    {
        var added = await db.Users.AsNoTracking().SingleAsync(u => u.Id == draft.ResultId, cancellation);
        // Support reads the name that the list shows. An admin reads the same words whether the address was known or
        // not.
        var name = person.Email!;
        var told = "We’ll email them.";
        if (current.Viewer.IsSupport)
        {
            name = added.DisplayName;
            told = added.PausedAt is null
                ? $"We’ll email {added.Email}."
                : "Their account is paused, so no email is sent.";
        }

        var list = Links.Users(current.Organisation.Id);
        var page = Links.User(current.Organisation.Id, added.Id);
        return Redirect(banner.Then(list, $"{name} has been added. {told}", person: (name, page)));
    }
}
