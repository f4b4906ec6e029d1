using Microsoft.AspNetCore.Mvc;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.History;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Users.Edit;

/// <summary>
/// The form for a user's name and email address. Continue keeps the answers in a draft, for
/// <see cref="CheckChangesModel"/>.
/// </summary>
internal sealed class ChangeDetailsModel(
    Db db,
    Drafts drafts,
    ChangeDetails changeDetails,
    Current current,
    Banner banner
) : EditPage(db, changeDetails, current, banner)
{
    public PersonalDetails Person { get; private set; } = new();
    public string Back { get; private set; } = "";

    public async Task<IActionResult> OnGetAsync(
        [FromRoute] Guid userId,
        [FromRoute] Guid? draftId,
        CancellationToken cancellation
    )
    {
        if (await RefusedAsync(userId, cancellation) is { } refused)
        {
            return refused;
        }

        SetBack(draftId);
        var (draft, change) = await AnswersAsync(userId, draftId, cancellation);
        if (draftId is not null && draft is null)
        {
            return Redirect(Links.EditUser(OrganisationId, userId));
        }

        if (draft?.CompletedAt is not null)
        {
            return ToPerson();
        }

        Person = new()
        {
            FirstName = change.After.FirstName,
            LastName = change.After.LastName,
            Email = change.After.Email,
        };
        if (draft is not null)
        {
            await CheckAsync(change.Before, cancellation);
        }

        return Page();
    }

    public async Task<IActionResult> OnPostAsync(
        [FromRoute] Guid userId,
        [FromRoute] Guid? draftId,
        [FromForm(Name = "")] PersonalDetails person,
        CancellationToken cancellation
    )
    {
        if (await RefusedAsync(userId, cancellation) is { } refused)
        {
            return refused;
        }

        SetBack(draftId);
        var (draft, change) = await AnswersAsync(userId, draftId, cancellation);
        var before = change.Before;
        Person = person;
        if (!May.Name) // whatever was posted
        {
            person.FirstName = before.FirstName;
            person.LastName = before.LastName;
        }

        if (!May.Email)
        {
            person.Email = before.Email;
        }

        await CheckAsync(before, cancellation);
        if (!ModelState.IsValid)
        {
            return Page();
        }

        var after = new Details(person.FirstName, person.LastName, person.Email!);
        if (after == before)
        {
            return ToPerson();
        }

        if (draft is { CompletedAt: null })
        {
            await drafts.ChangeAsync(draft, new Change(before, after), cancellation);
        }
        else
        {
            draftId = await drafts.StartAsync(new Change(before, after), userId, cancellation);
        }

        return Redirect(Links.CheckEditedUser(OrganisationId, userId, draftId!.Value));
    }

    private void SetBack(Guid? draftId)
    {
        var userId = Member.Account.Id;
        Back = draftId is null
            ? Links.User(OrganisationId, userId)
            : Links.CheckEditedUser(OrganisationId, userId, draftId.Value);
    }

    private async Task<(Draft? Draft, Change Change)> AnswersAsync(
        Guid userId,
        Guid? draftId,
        CancellationToken cancellation
    )
    {
        if (draftId is { } id && await drafts.OpenAsync<Change>(id, userId, cancellation) is var (draft, change))
        {
            return (draft, change);
        }

        // Support changes the person's own record; an admin what the organisation knows of them.
        var now = Details.Of(Disclosure.Seen(Current.Viewer, Member.Account, Member.Membership));
        return (null, new(now, now));
    }

    private async Task CheckAsync(Details before, CancellationToken cancellation)
    {
        Person.Check(ModelState, Current.Options.BlockedEmailDomains);
        // A person who was invited by address alone may stay without a name.
        if (
            before is { FirstName: null, LastName: null }
            && string.IsNullOrWhiteSpace(Person.FirstName + Person.LastName)
        )
        {
            ModelState.Remove(nameof(Person.FirstName));
            ModelState.Remove(nameof(Person.LastName));
            Person.FirstName = null;
            Person.LastName = null;
        }

        if (Person.Email == before.Email)
        {
            ModelState.Remove(nameof(Person.Email)); // it does not change, and perhaps this form has no such field
            return;
        }

        // Said early, to help. The unique index decides, at the end.
        if (
            EmailAddress.TryParse(Person.Email, out var email)
            && await Disclosure.IsTakenAsync(Db, Current.Viewer, OrganisationId, Member.User, email, cancellation)
        )
        {
            ModelState.AddModelError(nameof(Person.Email), EmailAddress.InUse);
        }
    }
}
