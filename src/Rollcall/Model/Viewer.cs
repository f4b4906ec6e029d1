namespace Rollcall.Model;

/// <summary>Who is asking, and what they may do: read from the database for every request, so that a change of rights holds at the next one.</summary>
internal sealed record Viewer(Guid UserId, string Name, string Email, bool IsSupport, IReadOnlyList<ViewerMembership> Memberships)
{
    public bool MaySee(Guid organisation) => IsSupport || Memberships.Any(m => m.OrganisationId == organisation);

    public bool MayManageUsersOf(Guid organisation) => IsSupport || Memberships.Any(m => m.OrganisationId == organisation && m.ManagesUsers);

    /// <summary>The roles that the viewer may give to people of this organisation.</summary>
    public IReadOnlyList<Role> MayGive(Guid organisation, Roles roles)
        => IsSupport ? roles.All : Memberships.FirstOrDefault(m => m.OrganisationId == organisation) is { ManagesUsers: true } mine ? roles.AreOne ? roles.All : [.. roles.UpTo(mine.Role)] : [];

    public bool Is(Guid user) => UserId == user;
}

internal sealed record ViewerMembership(Guid OrganisationId, string Role, bool ManagesUsers);
