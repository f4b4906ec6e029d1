namespace Rollcall.Model;

/// <summary>Who is asking, and what they may do: read from the database for every request, so that a change of rights holds at the next one.</summary>
internal sealed record Viewer(Guid UserId, string Name, string Email, bool IsSupport, IReadOnlyList<ViewerMembership> Memberships)
{
    public bool MaySee(Guid organisation) => IsSupport || Memberships.Any(m => m.OrganisationId == organisation);

    public bool MayManageUsersOf(Guid organisation) => IsSupport || Memberships.Any(m => m.OrganisationId == organisation && m.ManagesUsers);

    public bool Is(Guid user) => UserId == user;
}

internal sealed record ViewerMembership(Guid OrganisationId, string Role, bool ManagesUsers);
