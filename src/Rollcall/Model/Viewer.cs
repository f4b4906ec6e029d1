namespace Rollcall.Model;

/// <summary>
/// The signed-in person and what they may do. Read from the database for every request, so a change of rights applies
/// to the next one.
/// </summary>
internal sealed record Viewer(
    Guid UserId,
    string Name,
    string Email,
    bool IsSupport,
    IReadOnlyList<ViewerMembership> Memberships
)
{
    /// <summary>The person as the one who acts, where only who they are counts and not what they may do.</summary>
    public static Viewer Of(User user) => new(user.Id, user.DisplayName, user.Email, user.SupportSince is not null, []);

    public bool MaySee(Guid organisation) => IsSupport || Memberships.Any(m => m.OrganisationId == organisation);

    public bool MayManageUsersOf(Guid organisation) =>
        IsSupport || Memberships.Any(m => m.OrganisationId == organisation && m.ManagesUsers);

    /// <summary>
    /// Whether they manage the whole organisation. An admin who is limited to service areas does not.
    /// </summary>
    public bool MayManageAllOf(Guid organisation) =>
        IsSupport || Memberships.Any(m => m.OrganisationId == organisation && m is { ManagesUsers: true, Areas: [] });

    public bool Is(Guid user) => UserId == user;
}

/// <param name="Areas">The service areas they are limited to; none for all of them.</param>
internal sealed record ViewerMembership(Guid OrganisationId, string Role, bool ManagesUsers, IReadOnlyList<Guid> Areas);
