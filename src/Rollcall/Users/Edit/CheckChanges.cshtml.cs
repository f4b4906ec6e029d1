using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Users.Edit;

/// <summary>The last step of changing a user: what will be saved, and exactly the emails that this sends.</summary>
internal sealed class CheckChangesModel(Db db, Drafts drafts, Changing changing, Current current, Banner banner) : PageModel
{
    public Guid DraftId { get; private set; }
    public Member Member { get; private set; } = null!;
    public Change Change { get; private set; } = null!;
    public (bool Name, bool Email) May { get; private set; }
    public IReadOnlyList<Notice> Notices { get; private set; } = [];
    public Conflict? Conflict { get; private set; }

    public async Task<IActionResult> OnGetAsync(Guid userId, Guid draftId, CancellationToken cancellation)
    {
        if (await RefusedAsync(userId, cancellation) is { } refused)
            return refused;
        if (await drafts.OpenAsync<Change>(draftId, userId, cancellation) is not var (draft, change))
            return Redirect(Links.EditUser(current.Organisation.Id, userId));
        return draft.CompletedAt is null ? Show(draftId, change) : Redirect(Links.User(current.Organisation.Id, userId));
    }

    public async Task<IActionResult> OnPostAsync(Guid userId, Guid draftId, CancellationToken cancellation)
    {
        if (await RefusedAsync(userId, cancellation) is { } refused)
            return refused;
        var organisation = current.Organisation;
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        if (await drafts.LockAsync<Change>(draftId, userId, cancellation) is not var (draft, change))
            return Redirect(Links.EditUser(organisation.Id, userId));
        if (draft.CompletedAt is not null)
            return Saved(change);
        if (!Allowed(change))
            return StatusCode(StatusCodes.Status403Forbidden);

        var (conflict, refusal) = await changing.ChangeAsync(current.Viewer, organisation, userId, change.Before, change.After, current.Now, cancellation);
        if (refusal is not null)
            return Redirect(Links.EditUser(organisation.Id, userId, draftId)); // the form says what is wrong
        if (conflict is not null)
        {
            Conflict = conflict;
            Response.StatusCode = StatusCodes.Status409Conflict;
            return Show(draftId, change);
        }
        (draft.CompletedAt, draft.ResultId) = (current.Now, userId);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return Saved(change);
    }

    private RedirectResult Saved(Change change)
        => Redirect(banner.Then(Links.User(current.Organisation.Id, Member.User.Id), $"{PersonName.FullName(change.After.FirstName, change.After.LastName, change.After.Email)}’s details have been changed"));

    private async Task<IActionResult?> RefusedAsync(Guid userId, CancellationToken cancellation)
    {
        if (await Member.FindAsync(db, current.Organisation.Id, userId, cancellation) is not { } member)
            return NotFound();
        (Member, May) = (member, Changing.May(current.Viewer, current.Console, member.User, member.BelongsElsewhere));
        return May is (false, false) ? StatusCode(StatusCodes.Status403Forbidden) : null;
    }

    /// <summary>The rules at this moment: the person may have signed in since the form was filled in.</summary>
    private bool Allowed(Change change)
        => (May.Name || (change.Before.FirstName, change.Before.LastName) == (change.After.FirstName, change.After.LastName))
        && (May.Email || change.Before.Email == change.After.Email);

    private PageResult Show(Guid draftId, Change change)
    {
        (DraftId, Change) = (draftId, change);
        Notices = [.. Changing.Notices(current.Viewer, current.Organisation, Member.User, change.Before, change.After)];
        return Page();
    }
}
