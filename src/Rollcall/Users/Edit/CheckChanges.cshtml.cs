using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Users.Edit;

/// <summary>The last step of changing a user: what will be saved, and exactly the emails that this sends.</summary>
internal sealed class CheckChangesModel(
    Db db,
    Drafts drafts,
    ChangeDetails changeDetails,
    Current current,
    Banner banner
) : PageModel
{
    public Guid DraftId { get; private set; }
    public Member Member { get; private set; } = null!;
    public Change Change { get; private set; } = null!;
    public (bool Name, bool Email) May { get; private set; }
    public IReadOnlyList<Notice> Notices { get; private set; } = [];
    public string Shown { get; private set; } = "";

    /// <summary>Someone else changed the person since the form was opened.</summary>
    public bool IsConflict { get; private set; }

    public async Task<IActionResult> OnGetAsync(
        [FromRoute] Guid userId,
        [FromRoute] Guid draftId,
        CancellationToken cancellation
    )
    {
        if (await RefusedAsync(userId, cancellation) is { } refused)
        {
            return refused;
        }

        if (await drafts.OpenAsync<Change>(draftId, userId, cancellation) is not var (draft, change))
        {
            return Redirect(Links.EditUser(current.Organisation.Id, userId));
        }

        return draft.CompletedAt is null
            ? await ShowAsync(draft, change, cancellation)
            : Redirect(Links.User(current.Organisation.Id, userId));
    }

    public async Task<IActionResult> OnPostAsync(
        [FromRoute] Guid userId,
        [FromRoute] Guid draftId,
        [FromForm] string? shown,
        CancellationToken cancellation
    )
    {
        if (await RefusedAsync(userId, cancellation) is { } refused)
        {
            return refused;
        }

        var organisation = current.Organisation;
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        if (await drafts.LockAsync<Change>(draftId, userId, cancellation) is not var (draft, change))
        {
            return Redirect(Links.EditUser(organisation.Id, userId));
        }

        if (draft.CompletedAt is not null)
        {
            return Saved(change, draft.ResultId!.Value);
        }

        if (shown != Drafts.Shown(draft))
        {
            return Redirect(Links.CheckEditedUser(organisation.Id, userId, draftId)); // to look at what it is now
        }

        if (
            change.Before.Email != change.After.Email
            && EmailAddress.Check(change.After.Email, current.Options.BlockedEmailDomains).Error is not null
        )
        {
            return Redirect(Links.EditUser(organisation.Id, userId, draftId)); // blocked since; the form says so
        }

        var outcome = await changeDetails.ChangeAsync(
            current.Viewer,
            current.Console,
            organisation,
            userId,
            change.Before,
            change.After,
            current.Now,
            cancellation
        );
        switch (outcome)
        {
            case ChangeOutcome.Gone:
                return NotFound();
            case ChangeOutcome.NotAllowed:
                return StatusCode(StatusCodes.Status403Forbidden);
            case ChangeOutcome.EmailInUse:
                return Redirect(Links.EditUser(organisation.Id, userId, draftId)); // the form says so
            case ChangeOutcome.TooManyEmails:
                ModelState.AddModelError(
                    "",
                    "We have reached today’s limit for emails about this change. Try again tomorrow"
                );
                return await ShowAsync(draft, change, cancellation);
            case ChangeOutcome.SomebodyWasFaster:
                if (await Member.FindAsync(db, organisation.Id, userId, cancellation) is not { } asTheyAreNow)
                {
                    return NotFound();
                }

                Member = asTheyAreNow;
                IsConflict = true;
                Response.StatusCode = StatusCodes.Status409Conflict;
                return await ShowAsync(draft, change, cancellation);
        }
        var membership = Member.Membership.Id;
        var changed = await db
            .Memberships.Where(m => m.Id == membership)
            .Select(m => m.UserId)
            .SingleAsync(cancellation); // may belong to another address now
        (draft.CompletedAt, draft.ResultId) = (current.Now, changed);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return Saved(change, changed);
    }

    private RedirectResult Saved(Change change, Guid user)
    {
        var name = PersonName.FullName(change.After.FirstName, change.After.LastName, change.After.Email);
        var person = Links.User(current.Organisation.Id, user);
        return Redirect(banner.Then(person, $"{name}’s details have been changed."));
    }

    private async Task<IActionResult?> RefusedAsync(Guid userId, CancellationToken cancellation)
    {
        if (await Member.FindAsync(db, current.Organisation.Id, userId, cancellation) is not { } member)
        {
            return NotFound();
        }

        (Member, May) = (
            member,
            await changeDetails.MayAsync(
                current.Viewer,
                current.Console,
                member.Account,
                member.Membership,
                member.BelongsElsewhere,
                cancellation
            )
        );
        return May is (false, false) ? StatusCode(StatusCodes.Status403Forbidden) : null;
    }

    private async Task<PageResult> ShowAsync(Draft draft, Change change, CancellationToken cancellation)
    {
        (DraftId, Change, Shown) = (draft.Id, change, Drafts.Shown(draft));
        Notices = await changeDetails.NoticesAsync(
            current.Viewer,
            current.Organisation,
            Member.Account,
            Member.Membership,
            change.Before,
            change.After,
            cancellation
        );
        return Page();
    }
}
