using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Users.Edit;

/// <summary>What someone may do in the organisation, and where in it.</summary>
internal sealed class ChangeAccessModel(
    Db db,
    ChangeAccess changeAccess,
    MemberPolicy policy,
    Current current,
    Banner banner
) : PageModel
{
    [BindProperty]
    public string? Role { get; set; }

    [BindProperty]
    public Guid[] Areas { get; set; } = [];

    public Member Member { get; private set; } = null!;
    public AccessForm Form { get; private set; } = null!;
    public Refusal? Refusal { get; private set; }

    /// <summary>No one else could manage the organisation's users: support is warned, and may.</summary>
    public bool IsLast { get; private set; }

    public async Task<IActionResult> OnGetAsync([FromRoute] Guid userId, CancellationToken cancellation)
    {
        if (!await OpenAsync(userId, cancellation))
        {
            return NotFound();
        }

        var areas = await db
            .AccessGrants.Where(g => g.MembershipId == Member.Membership.Id)
            .Select(g => g.ServiceAreaId)
            .ToArrayAsync(cancellation);
        Form = Form with { Role = Member.Membership.Role, Areas = areas };
        return current.Viewer.Is(userId) ? Refuse(ChangeAccess.Yourself)
            : await policy.RefuseAsync(current.Viewer, Member.Membership, cancellation) is { } refusal ? Refuse(refusal)
            : Page();
    }

    public async Task<IActionResult> OnPostAsync([FromRoute] Guid userId, CancellationToken cancellation)
    {
        if (!await OpenAsync(userId, cancellation))
        {
            return NotFound();
        }

        if (
            !current.Viewer.Is(userId)
            && await policy.RefuseAsync(current.Viewer, Member.Membership, cancellation) is null
            && Form.Check(ModelState) is null
        )
        {
            return Page();
        }

        var (changed, refusal) = await changeAccess.ChangeAsync(
            current.Viewer,
            current.Organisation.Id,
            userId,
            Role,
            Areas,
            current.Now,
            cancellation
        );
        if (refusal is { Field: { } field })
        {
            ModelState.AddModelError(field, refusal.Message);
            return Page();
        }
        if (refusal is not null)
        {
            return Refuse(refusal);
        }

        var person = Links.User(current.Organisation.Id, userId);
        return Redirect(changed ? banner.Then(person, Changed()) : person);
    }

    /// <summary>"Ann Other is now an admin."; for service areas alone, that the access has changed.</summary>
    private string Changed()
    {
        var name = Member.User.DisplayName;
        var given = Role == Member.Membership.Role ? null : current.Roles.Find(Role);
        if (given?.Name is not { Length: > 1 } role)
        {
            return $"{name}’s access has been changed.";
        }

        if (!char.IsUpper(role[1])) // not an abbreviation
        {
            role = char.ToLowerInvariant(role[0]) + role[1..];
        }

        return $"{name} is now {("aeiou".Contains(role[0]) ? "an" : "a")} {role}.";
    }

    private async Task<bool> OpenAsync(Guid userId, CancellationToken cancellation)
    {
        if (await Member.FindAsync(db, current.Organisation.Id, userId, cancellation) is not { } member)
        {
            return false;
        }

        Form = new(
            await changeAccess.OfferAsync(current.Viewer, current.Organisation.Id, cancellation),
            member.User.DisplayName,
            Role,
            Areas
        );
        (Member, IsLast) = (member, await policy.AreLastAsync(current.Organisation.Id, [userId], cancellation));
        return true;
    }

    private PageResult Refuse(Refusal refusal)
    {
        Refusal = refusal;
        Response.StatusCode = StatusCodes.Status403Forbidden;
        return Page();
    }
}
