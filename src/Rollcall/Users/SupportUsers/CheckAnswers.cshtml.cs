using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Users.SupportUsers;

/// <summary>The last step of adding a support user: nothing is saved and nothing is sent before it is confirmed.</summary>
internal sealed class CheckAnswersModel(Db db, Drafts drafts, SupportTeam staff, Current current, Banner banner)
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

        if (draft.CompletedAt is not null)
        {
            return Redirect(Links.SupportUsers);
        }

        (DraftId, Person, Shown) = (draft.Id, answers, Drafts.Shown(draft));
        if (EmailAddress.TryParse(answers.Email, out var email))
        {
            KnownAs = (
                await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.EmailKey == email.Key, cancellation)
            )?.DisplayName;
        }

        return Page();
    }

    public async Task<IActionResult> OnPostAsync(
        [FromRoute] Guid draftId,
        [FromForm] string? shown,
        CancellationToken cancellation
    )
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        if (await drafts.LockAsync<PersonalDetails>(draftId, null, cancellation) is not var (draft, answers))
        {
            return Redirect(Links.AddSupportUser());
        }

        if (draft.CompletedAt is not null) // a second click
        {
            return await AddedAsync(draft, cancellation);
        }

        if (shown != Drafts.Shown(draft))
        {
            return Redirect(Links.CheckNewSupportUser(draftId)); // to look at what it is now
        }

        // The answers may be days old, and the rules may have changed since. The form checks what it shows, and says what is wrong.
        answers.Check(ModelState, current.Options.BlockedEmailDomains);
        if (!ModelState.IsValid || !EmailAddress.TryParse(answers.Email, out var email))
        {
            return Redirect(Links.AddSupportUser(draftId));
        }

        var (user, refusal) = await staff.AddAsync(
            current.Viewer,
            answers.FirstName,
            answers.LastName,
            email,
            current.Now,
            cancellation
        );
        if (refusal is { Field: null })
        {
            ModelState.AddModelError("", refusal.Message);
            (DraftId, Person, Shown) = (draft.Id, answers, Drafts.Shown(draft));
            return Page();
        }
        if (refusal is not null)
        {
            return Redirect(Links.AddSupportUser(draftId));
        }

        (draft.CompletedAt, draft.ResultId) = (current.Now, user.Id);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return await AddedAsync(draft, cancellation);
    }

    private async Task<IActionResult> AddedAsync(Draft draft, CancellationToken cancellation)
    {
        var user = await db.Users.AsNoTracking().SingleAsync(u => u.Id == draft.ResultId, cancellation);
        return Redirect(
            banner.Then(
                Links.SupportUsers,
                $"{user.DisplayName} has been added to the support users. We’ll email {user.Email}.",
                person: (user.DisplayName, Links.Person(user.Id))
            )
        );
    }
}
