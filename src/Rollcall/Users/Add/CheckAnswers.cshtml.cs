using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Users.Add;

/// <summary>The last step of adding a user: nothing is saved and nothing is sent before it is confirmed.</summary>
internal sealed class CheckAnswersModel(Db db, Drafts drafts, Adding adding, Current current, Banner banner) : PageModel
{
    public Guid DraftId { get; private set; }
    public string Shown { get; private set; } = "";
    public PersonalDetails Person { get; private set; } = new();

    /// <summary>The person is known, and their account is paused: nobody writes to them.</summary>
    public bool IsPaused { get; private set; }

    public async Task<IActionResult> OnGetAsync([FromRoute] Guid draftId, CancellationToken cancellation)
        => await drafts.OpenAsync<PersonalDetails>(draftId, null, cancellation) is var (draft, answers)
            ? await ShowAsync(draft, answers, cancellation)
            : StartAgain();

    public async Task<IActionResult> OnPostAsync([FromRoute] Guid draftId, [FromForm] string? shown, CancellationToken cancellation)
    {
        var organisation = current.Organisation;
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        if (await drafts.LockAsync<PersonalDetails>(draftId, null, cancellation) is not var (draft, answers))
            return StartAgain();
        if (draft.CompletedAt is not null)
            return await AddedAsync(draft, answers, cancellation);
        if (shown != Drafts.Shown(draft))
            return Redirect(Links.CheckNewUser(organisation.Id, draftId)); // to look at what it is now

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
        return await AddedAsync(draft, answers, cancellation);
    }

    private async Task<IActionResult> ShowAsync(Draft draft, PersonalDetails answers, CancellationToken cancellation)
    {
        if (draft.CompletedAt is not null)
            return Redirect(Links.User(current.Organisation.Id, draft.ResultId!.Value));
        (DraftId, Person, Shown) = (draft.Id, answers, Drafts.Shown(draft));
        // An organisation's admin must not learn here that the address is known elsewhere.
        IsPaused = current.Viewer.IsSupport && EmailAddress.TryParse(answers.Email, out var email)
            && await db.Users.AnyAsync(u => u.EmailKey == email.Key && u.PausedAt != null, cancellation);
        return Page();
    }

    private RedirectResult StartAgain() => Redirect(Links.AddUser(current.Organisation.Id));

    private async Task<IActionResult> AddedAsync(Draft draft, PersonalDetails person, CancellationToken cancellation)
    {
        var paused = await db.Users.AnyAsync(u => u.Id == draft.ResultId && u.PausedAt != null, cancellation);
        var email = !paused ? $" We’ll email {person.Email}." : current.Viewer.IsSupport ? " Their account is paused, so no email is sent." : "";
        return Redirect(banner.Then(Links.Users(current.Organisation.Id), $"{person.FirstName} {person.LastName} has been added.{email}"));
    }
}
