using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Users.Add;

/// <summary>The last step of adding a user: nothing is saved and nothing is sent before it is confirmed.</summary>
internal sealed class CheckAnswersModel(
    Db db,
    Drafts drafts,
    AddMember addMember,
    ChangeAccess changeAccess,
    Current current,
    Banner banner
) : PageModel
{
    public Guid DraftId { get; private set; }
    public string Shown { get; private set; } = "";
    public PersonalDetails Person { get; private set; } = new();

    public AccessForm Access { get; private set; } = null!;

    /// <summary>Who has the address already. For support alone: an organisation's admin must not learn that it is known elsewhere.</summary>
    public User? Known { get; private set; }

    public async Task<IActionResult> OnGetAsync([FromRoute] Guid draftId, CancellationToken cancellation) =>
        await drafts.OpenAsync<NewUser>(draftId, null, cancellation) is var (draft, answers)
            ? await ShowAsync(draft, answers, cancellation)
            : StartAgain();

    public async Task<IActionResult> OnPostAsync(
        [FromRoute] Guid draftId,
        [FromForm] string? shown,
        CancellationToken cancellation
    )
    {
        var organisation = current.Organisation;
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        if (await drafts.LockAsync<NewUser>(draftId, null, cancellation) is not var (draft, answers))
        {
            return StartAgain();
        }

        if (draft.CompletedAt is not null)
        {
            return await AddedAsync(draft, answers.Person, cancellation);
        }

        if (shown != Drafts.Shown(draft))
        {
            return Redirect(Links.CheckNewUser(organisation.Id, draftId)); // to look at what it is now
        }

        // The answers may be days old, and the rules may have changed since. The form checks what it shows, and says what is wrong.
        var person = answers.Person;
        person.Check(ModelState, current.Options.BlockedEmailDomains);
        if (!ModelState.IsValid || !EmailAddress.TryParse(person.Email, out var email))
        {
            return Redirect(Links.AddUser(organisation.Id, draftId));
        }

        var offer = await changeAccess.OfferAsync(current.Viewer, organisation.Id, cancellation);
        if (offer.Choose(offer.AsksNothing ? null : answers.Role, answers.Areas ?? []) is not { } access)
        {
            return Redirect(Links.NewUsersAccess(organisation.Id, draftId));
        }

        var (user, refusal) = await addMember.AddAsync(
            current.Viewer,
            organisation,
            person.FirstName,
            person.LastName,
            email,
            access,
            current.Now,
            cancellation
        );
        if (refusal is { Field: null })
        {
            ModelState.AddModelError("", refusal.Message);
            return await ShowAsync(draft, answers, cancellation);
        }
        if (refusal is not null)
        {
            return Redirect(Links.AddUser(organisation.Id, draftId));
        }

        (draft.CompletedAt, draft.ResultId) = (current.Now, user!.Id);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return await AddedAsync(draft, answers.Person, cancellation);
    }

    private async Task<IActionResult> ShowAsync(Draft draft, NewUser answers, CancellationToken cancellation)
    {
        if (draft.CompletedAt is not null)
        {
            return Redirect(Links.User(current.Organisation.Id, draft.ResultId!.Value));
        }

        var offer = await changeAccess.OfferAsync(current.Viewer, current.Organisation.Id, cancellation);
        Access = new(offer, answers.Person.FirstName!, answers.Role, answers.Areas ?? []);
        if (!offer.AsksNothing && (answers.Areas is null || offer.Choose(answers.Role, answers.Areas) is null))
        {
            return Redirect(Links.NewUsersAccess(current.Organisation.Id, draft.Id)); // nobody skips a step by its address
        }

        (DraftId, Person, Shown) = (draft.Id, answers.Person, Drafts.Shown(draft));
        if (current.Viewer.IsSupport && EmailAddress.TryParse(answers.Person.Email, out var email))
        {
            Known = await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.EmailKey == email.Key, cancellation);
        }

        return Page();
    }

    private RedirectResult StartAgain() => Redirect(Links.AddUser(current.Organisation.Id));

    private async Task<IActionResult> AddedAsync(Draft draft, PersonalDetails person, CancellationToken cancellation)
    {
        var added = await db.Users.AsNoTracking().SingleAsync(u => u.Id == draft.ResultId, cancellation);
        // Support reads the name that the list shows. An admin reads the same words whether the address was known or not.
        var (name, told) = current.Viewer.IsSupport
            ? (
                added.DisplayName,
                added.PausedAt is null ? $"We’ll email {added.Email}." : "Their account is paused, so no email is sent."
            )
            : (person.Email!, "We’ll email them.");
        return Redirect(
            banner.Then(
                Links.Users(current.Organisation.Id),
                $"{name} has been added. {told}",
                person: (name, Links.User(current.Organisation.Id, added.Id))
            )
        );
    }
}
