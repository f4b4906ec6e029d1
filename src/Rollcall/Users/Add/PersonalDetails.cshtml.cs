using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Users.Add;

/// <summary>
/// The first step of adding a user. Continue keeps the answers in a draft, for <see cref="CheckAnswersModel"/>.
/// </summary>
internal sealed class PersonalDetailsModel(Db db, Drafts drafts, ChangeAccess changeAccess, Current current) : PageModel
{
    public PersonalDetails Person { get; private set; } = new();
    public string Back { get; private set; } = "";

    /// <summary>Who already has this email address in this organisation.</summary>
    public Guid? AlreadyHere { get; private set; }

    public async Task<IActionResult> OnGetAsync([FromRoute] Guid? draftId, CancellationToken cancellation)
    {
        SetBack(draftId);
        if (draftId is null)
        {
            return Page();
        }

        if (await drafts.OpenAsync<NewUser>(draftId.Value, null, cancellation) is not var (draft, answers))
        {
            return Redirect(Links.AddUser(current.Organisation.Id));
        }

        if (draft.CompletedAt is not null)
        {
            return Redirect(Links.User(current.Organisation.Id, draft.ResultId!.Value));
        }

        Person = answers.Person;
        await CheckAsync(cancellation);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(
        [FromRoute] Guid? draftId,
        [FromForm(Name = "")] PersonalDetails person,
        CancellationToken cancellation
    )
    {
        SetBack(draftId);
        Person = person;
        await CheckAsync(cancellation);
        if (!ModelState.IsValid)
        {
            return Page();
        }

        var organisation = current.Organisation.Id;
        var answers = new NewUser(person);
        if (
            draftId is { } id
            && await drafts.OpenAsync<NewUser>(id, null, cancellation) is var (draft, before)
            && draft.CompletedAt is null
        )
        {
            answers = before with { Person = person };
            await drafts.ChangeAsync(draft, answers, cancellation);
        }
        else
        {
            id = await drafts.StartAsync(answers, null, cancellation);
        }

        var offer = await changeAccess.OfferAsync(current.Viewer, organisation, cancellation);
        return Redirect(
            offer.AsksNothing || (answers.Areas is not null && offer.Choose(answers.Role, answers.Areas) is not null)
                ? Links.CheckNewUser(organisation, id)
                : Links.NewUsersAccess(organisation, id)
        );
    }

    private async Task CheckAsync(CancellationToken cancellation)
    {
        Person.Check(ModelState, current.Options.BlockedEmailDomains);
        if (!ModelState.IsValid || !EmailAddress.TryParse(Person.Email, out var email))
        {
            return;
        }

        // Said early, to help. The unique index decides, at the end.
        AlreadyHere = await Disclosure.MemberAsync(db, current.Organisation.Id, email, cancellation);
        if (AlreadyHere is not null)
        {
            ModelState.AddModelError(nameof(PersonalDetails.Email), EmailAddress.InUse);
        }
    }

    private void SetBack(Guid? draftId) =>
        Back = draftId is null
            ? Links.Users(current.Organisation.Id)
            : Links.CheckNewUser(current.Organisation.Id, draftId.Value);
}
