using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Users.Edit;

/// <summary>What a user may do in the organisation, and where in it.</summary>
internal sealed class ChangeAccessModel(
    Db db,
    ChangeAccess changeAccess,
    MemberPolicy policy,
    Current current,
    Banner banner
) : MemberPage(db, current, banner)
{
    [BindProperty]
    public string? Role { get; set; }

    [BindProperty]
    public Guid[] Areas { get; set; } = [];

    public AccessForm Form { get; private set; } = null!;

    /// <summary>No one else can manage the organisation's users. Support is warned, and may still change it.</summary>
    public bool IsLast { get; private set; }

    public async Task<IActionResult> OnGetAsync([FromRoute] Guid userId, CancellationToken cancellation)
    {
        if (!await OpenAsync(userId, cancellation))
        {
            return NotFound();
        }

        if (await RefusalAsync(cancellation) is { } refusal)
        {
            return Refuse(refusal);
        }

        var areas = await Db
            .AccessGrants.Where(g =>
                g.OrganisationId == Member.Membership.OrganisationId && g.MembershipId == Member.Membership.Id
            )
            .Select(g => g.ServiceAreaId)
            .ToArrayAsync(cancellation);
        Form = Form with { Role = Member.Membership.Role, Areas = areas };
        return Page();
    }

    public async Task<IActionResult> OnPostAsync([FromRoute] Guid userId, CancellationToken cancellation)
    {
        if (!await OpenAsync(userId, cancellation))
        {
            return NotFound();
        }

        if (await RefusalAsync(cancellation) is { } refusal)
        {
            return Refuse(refusal);
        }

        if (Form.Check(ModelState) is null)
        {
            return Page();
        }

        var result = await changeAccess.ChangeAsync(Current.Actor, OrganisationId, userId, Role, Areas);
        if (result.Refusal is not null)
        {
            return Refuse(result.Refusal);
        }

        return ToPerson(result.IsDone ? Changed() : null);
    }

    private async Task<Refusal?> RefusalAsync(CancellationToken cancellation) =>
        Current.Viewer.Is(Member.Account.Id)
            ? ChangeAccess.Yourself
            : await policy.RefuseAsync(Current.Actor, Member.Membership, cancellation);

    /// <summary>"Ann Other is now an admin."; for service areas alone, that the access has changed.</summary>
    private string Changed()
    {
        var name = Member.User.DisplayName;
        var given = Role == Member.Membership.Role ? null : Current.Roles.Find(Role);
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
        if (!await FindMemberAsync(userId, cancellation))
        {
            return false;
        }

        var offer = await changeAccess.OfferAsync(Current.Viewer, OrganisationId, cancellation);
        Form = new(offer, Member.User.DisplayName, Role, Areas);
        IsLast = await policy.AreLastAsync(OrganisationId, [userId], cancellation);
        return true;
    }
}
