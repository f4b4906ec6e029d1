using Microsoft.AspNetCore.Mvc;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Users.Remove;

/// <summary>Asks before removing a user. <see cref="UndoModel"/> brings them back.</summary>
internal sealed class RemoveModel(Db db, RemoveMember removeMember, MemberPolicy policy, Current current, Banner banner)
    : MemberPage(db, current, banner)
{
    /// <summary>
    /// No one else can manage the organisation's users. Support is warned, and may still remove them.
    /// </summary>
    public bool IsLast { get; private set; }

    public async Task<IActionResult> OnGetAsync([FromRoute] Guid userId, CancellationToken cancellation)
    {
        if (!await FindMemberAsync(userId, cancellation))
        {
            return NotFound();
        }

        if (Current.Viewer.Is(userId))
        {
            return Refuse(RemoveMember.Yourself);
        }

        if (await policy.RefuseAsync(Current.Actor, Member.Membership, cancellation) is { } refusal)
        {
            return Refuse(refusal);
        }

        IsLast = await policy.AreLastAsync(OrganisationId, [userId], cancellation);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync([FromRoute] Guid userId, CancellationToken cancellation)
    {
        if (!await FindMemberAsync(userId, cancellation))
        {
            return await WasEverHereAsync(userId, cancellation) ? AlreadyRemoved() : NotFound();
        }

        var result = await removeMember.RemoveAsync(Current.Actor, Current.Organisation, userId);
        if (result.Refusal is { } refusal)
        {
            return Refuse(refusal);
        }

        return result.Value is { } removed ? Redirect(WithUndo(removed)) : AlreadyRemoved();
    }

    /// <summary>
    /// A second click, or another tab. An organisation is told nothing of someone who has left it, not even their name.
    /// </summary>
    private RedirectResult AlreadyRemoved() =>
        Redirect(Banner.Then(Links.Users(OrganisationId), "The user has already been removed."));

    private string WithUndo(User removed)
    {
        var list = Links.Users(OrganisationId);
        var name = removed.DisplayName;
        var done = $"{name} has been removed. We’ll email {removed.Email}";
        // Support can still open the person's page; an organisation cannot.
        (string, string)? person = Current.Viewer.IsSupport ? (name, Links.Person(removed.Id)) : null;
        var minutes = Current.Options.UndoMinutes;
        if (minutes == 0)
        {
            return Banner.Then(list, $"{done}.", person: person);
        }

        var time = minutes == 1 ? "a minute" : $"{minutes} minutes";
        var undo = (Links.UndoRemoval(OrganisationId, removed.Id), $"removing {name}");
        return Banner.Then(list, $"{done} in {time}, unless you undo it.", undo, person);
    }
}
