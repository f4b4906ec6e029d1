using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Users.Pause;
using Rollcall.Web;

namespace Rollcall.Users.Everyone;

/// <summary>Pausing a whole account, which must be confirmed. <see cref="ResumeAccountModel"/> undoes it.</summary>
internal sealed class PauseAccountModel(
    Db db,
    PauseMember pauseMember,
    MemberPolicy policy,
    Current current,
    Banner banner
) : RefusablePage
{
    [BindProperty]
    public string? Reason { get; set; }

    public User Person { get; private set; } = null!;
    public IReadOnlyList<string> Organisations { get; private set; } = [];

    /// <summary>
    /// The organisations whose users no one else can manage. Support is warned, and may still pause the account.
    /// </summary>
    public IReadOnlyList<string> LastIn { get; private set; } = [];

    public async Task<IActionResult> OnGetAsync([FromRoute] Guid userId, CancellationToken cancellation)
    {
        if (!await OpenAsync(userId, cancellation))
        {
            return NotFound();
        }

        return current.Viewer.Is(userId) ? Refuse(PauseMember.Yourself)
            : Person.PausedAt is null ? Page()
            : Redirect(Links.Person(userId));
    }

    public async Task<IActionResult> OnPostAsync([FromRoute] Guid userId, CancellationToken cancellation)
    {
        if (!await OpenAsync(userId, cancellation))
        {
            return NotFound();
        }

        var reason = PlainText.OneLine(Reason);
        if (reason.Length > PauseModel.MostWords)
        {
            ModelState.AddModelError(nameof(Reason), $"Reason must be {PauseModel.MostWords} characters or fewer");
            return Page();
        }

        var result = await pauseMember.SetAccountAsync(
            current.Actor,
            userId,
            paused: true,
            reason.Length == 0 ? null : reason
        );
        return result.Refusal is null
            ? Redirect(banner.Then(Links.Person(userId), $"{Person.DisplayName}’s account has been paused."))
            : Refuse(result.Refusal);
    }

    private async Task<bool> OpenAsync(Guid userId, CancellationToken cancellation)
    {
        var found = await db
            .Users.AsNoTracking()
            .SingleOrDefaultAsync(u => u.Id == userId && u.MergedInto == null, cancellation);
        if (found is null)
        {
            return false;
        }

        Person = found;
        var memberships = await (
            from m in db.Memberships
            where m.UserId == userId && m.RemovedAt == null
            orderby m.Organisation.Name, m.OrganisationId
            select new
            {
                m.Organisation.Id,
                m.Organisation.Name,
                m.Role,
            }
        ).ToListAsync(cancellation);
        Organisations = [.. memberships.Select(m => m.Name)];
        var lastIn = new List<string>();
        foreach (var m in memberships.Where(m => current.Roles.ManagesUsers(m.Role))) // a few at most
        {
            if (await policy.AreLastAsync(m.Id, [userId], cancellation))
            {
                lastIn.Add(m.Name);
            }
        }

        LastIn = lastIn;
        return true;
    }
}
