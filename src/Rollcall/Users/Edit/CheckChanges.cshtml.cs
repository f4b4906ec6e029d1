using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
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
) : EditPage(db, changeDetails, current, banner)
{
    public Guid DraftId { get; private set; }
    public Change Change { get; private set; } = null!;
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
            return Redirect(Links.EditUser(OrganisationId, userId));
        }

        return draft.CompletedAt is null ? await ShowAsync(draft, change, cancellation) : ToPerson();
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

        var confirmed = await drafts.ConfirmAsync<Change, User>(draftId, userId, shown, SaveAsync, user => user.Id);
        if (confirmed is not { Draft: { } draft, Answers: { } change })
        {
            return Redirect(Links.CheckEditedUser(OrganisationId, userId, draftId)); // shows what it is now
        }

        if (confirmed.Refusal is { } refusal)
        {
            return await RefuseAsync(refusal, draft, change, cancellation);
        }

        if (draft.ResultId is not { } changed)
        {
            return NotFound(); // the member was removed
        }

        var after = change.After;
        var name = PersonName.FullName(after.FirstName, after.LastName, after.Email);
        // An awaited person with another address is another person.
        return Redirect(Banner.Then(Links.User(OrganisationId, changed), $"{name}’s details have been changed."));
    }

    private async Task<Result<User>> SaveAsync(Change change)
    {
        var (before, after) = change;
        if (
            before.Email != after.Email
            && EmailAddress.Check(after.Email, Current.Options.BlockedEmailDomains).Error is not null
        )
        {
            return PersonalDetails.Outdated;
        }

        var userId = Member.Account.Id;
        return await ChangeDetails.ChangeAsync(
            Current.Actor,
            Current.Console,
            Current.Organisation,
            userId,
            before,
            after
        );
    }

    private async Task<IActionResult> RefuseAsync(
        Refusal refusal,
        Draft draft,
        Change change,
        CancellationToken cancellation
    )
    {
        if (refusal == ChangeDetails.NotAllowed)
        {
            return StatusCode(StatusCodes.Status403Forbidden);
        }

        if (refusal == ChangeDetails.Outdated)
        {
            if (!await FindMemberAsync(Member.Account.Id, cancellation))
            {
                return NotFound();
            }

            IsConflict = true;
            Response.StatusCode = StatusCodes.Status409Conflict;
            return await ShowAsync(draft, change, cancellation);
        }

        if (refusal.Field is { Length: > 0 })
        {
            return Redirect(Links.EditUser(OrganisationId, Member.Account.Id, draft.Id)); // the form says what is wrong
        }

        ModelState.AddModelError("", refusal.Message);
        return await ShowAsync(draft, change, cancellation);
    }

    private async Task<PageResult> ShowAsync(Draft draft, Change change, CancellationToken cancellation)
    {
        DraftId = draft.Id;
        Change = change;
        Shown = Drafts.Shown(draft);
        Notices = await ChangeDetails.NoticesAsync(
            Current.Viewer,
            Current.Organisation,
            Member.Account,
            Member.Membership,
            change.Before,
            change.After,
            cancellation
        );
        return Page();
    }
}
