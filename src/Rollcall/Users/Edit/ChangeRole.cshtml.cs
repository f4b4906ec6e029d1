using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Users.Edit;

/// <summary>What somebody may do in the organisation.</summary>
internal sealed class ChangeRoleModel(Db db, GivingRoles giving, Managing managing, Current current, Banner banner) : PageModel
{
    [BindProperty]
    public string? Role { get; set; }

    public Member Member { get; private set; } = null!;
    public IReadOnlyList<Role> Choices { get; private set; } = [];
    public Refusal? Refusal { get; private set; }

    /// <summary>Nobody else could manage the organisation's users: support is warned, and may.</summary>
    public bool IsLast { get; private set; }

    public async Task<IActionResult> OnGetAsync([FromRoute] Guid userId, CancellationToken cancellation)
    {
        if (!await OpenAsync(userId, cancellation))
            return NotFound();
        Role = Member.Membership.Role;
        return current.Viewer.Is(userId) ? Refuse(GivingRoles.Yourself) : Page();
    }

    public async Task<IActionResult> OnPostAsync([FromRoute] Guid userId, CancellationToken cancellation)
    {
        if (!await OpenAsync(userId, cancellation))
            return NotFound();
        if (Role is null)
        {
            ModelState.AddModelError(nameof(Role), $"Select what {Member.User.DisplayName} can do");
            return Page();
        }
        var (changed, refusal) = await giving.ChangeAsync(current.Viewer, current.Organisation.Id, userId, Role, current.Now, cancellation);
        if (refusal is { Field: { } field })
        {
            ModelState.AddModelError(field, refusal.Message);
            return Page();
        }
        return refusal is not null ? Refuse(refusal)
            : Redirect(changed ? banner.Then(Links.User(current.Organisation.Id, userId), $"The role of {Member.User.DisplayName} has been changed.") : Links.User(current.Organisation.Id, userId));
    }

    private async Task<bool> OpenAsync(Guid userId, CancellationToken cancellation)
    {
        if (await Member.FindAsync(db, current.Organisation.Id, userId, cancellation) is not { } member)
            return false;
        (Member, Choices, IsLast) = (member, current.Viewer.MayGive(current.Organisation.Id, current.Roles), await managing.IsLastAsync(current.Organisation.Id, userId, cancellation));
        return true;
    }

    private PageResult Refuse(Refusal refusal)
    {
        Refusal = refusal;
        Response.StatusCode = StatusCodes.Status403Forbidden;
        return Page();
    }
}
