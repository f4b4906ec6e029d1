using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.History;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Users.SupportUsers;

/// <summary>Asks before removing a support user.</summary>
internal sealed class RemoveModel(Db db, SupportTeam team, Current current, Banner banner) : RefusablePage
{
    public User? Person { get; private set; }

    public async Task<IActionResult> OnGetAsync([FromRoute] Guid userId, CancellationToken cancellation)
    {
        if (current.Viewer.Is(userId))
        {
            return Refuse(SupportTeam.Yourself);
        }

        Person = await db
            .Users.AsNoTracking()
            .SingleOrDefaultAsync(u => u.Id == userId && u.SupportSince != null, cancellation);
        return Person is null ? NotFound() : Page();
    }

    public async Task<IActionResult> OnPostAsync([FromRoute] Guid userId, CancellationToken cancellation)
    {
        var result = await team.RemoveAsync(current.Actor, userId);
        if (result.Refusal is { } refusal)
        {
            return Refuse(refusal);
        }

        if (result.Value is { } removed)
        {
            var name = removed.DisplayName;
            var words = $"{name} has been removed from the support users. We’ll email {removed.Email}.";
            return Redirect(banner.Then(Links.SupportUsers, words, person: (name, Links.Person(removed.Id))));
        }

        // A second click, or another tab, gets the same answer. Anyone who was never a support user does not exist
        // here.
        return await WasSupportAsync(userId, cancellation)
            ? Redirect(banner.Then(Links.SupportUsers, "The support user has already been removed."))
            : NotFound();
    }

    private Task<bool> WasSupportAsync(Guid userId, CancellationToken cancellation) =>
        db.AuditEvents.AnyAsync(e => e.UserId == userId && e.Kind == Event.KindOf<SupportUserRemoved>(), cancellation);
}
