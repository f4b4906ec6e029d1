using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Web;

namespace Rollcall.Users;

/// <summary>A page about one member of the organisation in its address.</summary>
internal abstract class MemberPage(Db db, Current current, Banner banner) : RefusablePage
{
    public Member Member { get; private set; } = null!;

    protected Db Db => db;

    protected Current Current => current;

    protected Banner Banner => banner;

    protected Guid OrganisationId => current.Organisation.Id;

    /// <summary>Finds the member. False: no one here has this id, and the page is not found.</summary>
    protected async Task<bool> FindMemberAsync(Guid userId, CancellationToken cancellation)
    {
        var member = await Member.FindAsync(db, OrganisationId, userId, cancellation);
        Member = member!;
        return member is not null;
    }

    /// <summary>Whether the person is a member, or ever was one.</summary>
    protected Task<bool> WasEverHereAsync(Guid userId, CancellationToken cancellation) =>
        db.Memberships.AnyAsync(m => m.OrganisationId == OrganisationId && m.UserId == userId, cancellation);

    /// <summary>Back to the person's page.</summary>
    /// <param name="words">The message there; null when nothing changed.</param>
    protected RedirectResult ToPerson(string? words = null)
    {
        var page = Links.User(OrganisationId, Member.Account.Id);
        return Redirect(words is null ? page : banner.Then(page, words));
    }
}
