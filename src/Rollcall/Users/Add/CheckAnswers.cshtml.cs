using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Users.Add;

/// <summary>The last step of adding a user: nothing is saved and nothing is sent before it is confirmed.</summary>
internal sealed class CheckAnswersModel(Db db, Drafts drafts, Adding adding, Current current, Banner banner) : PageModel
{
    public Guid DraftId { get; private set; }
    public PersonalDetails Person { get; private set; } = new();

    public async Task<IActionResult> OnGetAsync(Guid draftId, CancellationToken cancellation)
        => await drafts.OpenAsync<PersonalDetails>(draftId, null, cancellation) is var (draft, answers) ? Show(draft, answers) : StartAgain();

    public async Task<IActionResult> OnPostAsync(Guid draftId, CancellationToken cancellation)
    {
        var organisation = current.Organisation;
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        if (await drafts.LockAsync<PersonalDetails>(draftId, null, cancellation) is not var (draft, answers))
            return StartAgain();
        if (draft.CompletedAt is not null)
            return Added(answers);

        // The answers may be days old, and the rules may have changed since. The form checks what it shows, and says what is wrong.
        answers.Check(ModelState, current.Options.BlockedEmailDomains);
        if (!ModelState.IsValid || !EmailAddress.TryParse(answers.Email, out var email))
            return Redirect(Links.AddUser(organisation.Id, draftId));
        var (user, refusal) = await adding.AddAsync(current.Viewer, organisation, answers.FirstName, answers.LastName, email, Roles.Member, current.Now, cancellation);
        if (refusal is not null)
            return Redirect(Links.AddUser(organisation.Id, draftId));
        (draft.CompletedAt, draft.ResultId) = (current.Now, user!.Id);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return Added(answers);
    }

    private IActionResult Show(Draft draft, PersonalDetails answers)
    {
        if (draft.CompletedAt is not null)
            return Redirect(Links.User(current.Organisation.Id, draft.ResultId!.Value));
        (DraftId, Person) = (draft.Id, answers);
        return Page();
    }

    private RedirectResult StartAgain() => Redirect(Links.AddUser(current.Organisation.Id));

    private RedirectResult Added(PersonalDetails person)
        => Redirect(banner.Then(Links.Users(current.Organisation.Id), $"{person.FirstName} {person.LastName} has been added. We’ll email {person.Email}."));
}
