using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Rollcall.Data;
using Rollcall.History;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Users.Edit;

/// <summary>
/// What the form was opened with, and what was entered: a change by someone else in between is noticed.
/// </summary>
internal sealed record Change(Details Before, Details After);

/// <summary>A page about changing a member's name and email address.</summary>
internal abstract class EditPage(Db db, ChangeDetails changeDetails, Current current, Banner banner)
    : MemberPage(db, current, banner)
{
    /// <summary>What the viewer may change.</summary>
    public (bool Name, bool Email) May { get; private set; }

    protected ChangeDetails ChangeDetails => changeDetails;

    /// <returns>Null when the viewer may change something; otherwise the answer to the request.</returns>
    protected async Task<IActionResult?> RefusedAsync(Guid userId, CancellationToken cancellation)
    {
        if (!await OpenAsync(userId, cancellation))
        {
            return NotFound();
        }

        return May.Name || May.Email ? null : StatusCode(StatusCodes.Status403Forbidden);
    }

    /// <summary>Finds the member, and what the viewer may change.</summary>
    protected async Task<bool> OpenAsync(Guid userId, CancellationToken cancellation)
    {
        if (!await FindMemberAsync(userId, cancellation))
        {
            return false;
        }

        May = await changeDetails.MayAsync(
            Current.Viewer,
            Current.Console,
            Member.Account,
            Member.Membership,
            Member.BelongsElsewhere,
            cancellation
        );
        return true;
    }
}
