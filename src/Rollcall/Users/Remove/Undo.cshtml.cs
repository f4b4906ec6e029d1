using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Users.Remove;

/// <summary>Undoes a removal: from the button in the banner, or on a page of its own.</summary>
internal sealed class UndoModel(Db db, RemoveMember removeMember, Current current, Banner banner)
    : MemberPage(db, current, banner)
{
    /// <summary>Null when it is too late.</summary>
    public User? Removed { get; private set; }

    public bool TooLate => Refusal == RemoveMember.TooLate;

    public async Task<IActionResult> OnGetAsync([FromRoute] Guid userId, CancellationToken cancellation)
    {
        if (await FindMemberAsync(userId, cancellation))
        {
            return ToPerson();
        }

        if (!await WasEverHereAsync(userId, cancellation))
        {
            return NotFound();
        }

        Removed = await removeMember.RemovedLatelyAsync(Current.Actor, OrganisationId, userId, cancellation);
        return Removed is null ? Refuse(RemoveMember.TooLate, StatusCodes.Status200OK) : Page();
    }

    public async Task<IActionResult> OnPostAsync([FromRoute] Guid userId, CancellationToken cancellation)
    {
        if (!await WasEverHereAsync(userId, cancellation))
        {
            return NotFound();
        }

        var result = await removeMember.UndoAsync(Current.Actor, Current.Organisation, userId);
        if (result.Refusal is { } refusal)
        {
            return Refuse(
                refusal,
                refusal == RemoveMember.TooLate ? StatusCodes.Status409Conflict : StatusCodes.Status403Forbidden
            );
        }

        var name = result.Value!.DisplayName;
        var person = Links.User(OrganisationId, userId);
        return Redirect(Banner.Then(person, $"{name} has not been removed. They will not be emailed."));
    }
}
