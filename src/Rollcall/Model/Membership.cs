namespace Rollcall.Model;

/// <summary>
/// One user in one organisation, from being added to being removed. A person who is added again gets a new membership.
/// </summary>
internal sealed class Membership
{
    public Guid Id { get; init; } = Guid.CreateVersion7();
    public required Guid OrganisationId { get; init; }
    public required Guid UserId { get; init; }

    /// <summary>Read only by a query that includes it; so is <see cref="User"/>.</summary>
    public Organisation Organisation { get; init; } = null!;
    public User User { get; init; } = null!;
    public required string Role { get; set; }
    public required DateTimeOffset AddedAt { get; init; }
    public Guid? AddedBy { get; init; }

    /// <summary>
    /// Who gave the role or last resent the invitation with it; null if that is <see cref="AddedBy"/>.
    /// </summary>
    public Guid? AccessBy { get; set; }

    /// <summary>
    /// When the membership was last reviewed, to check that the person still needs access; null if never.
    /// </summary>
    public DateTimeOffset? ReviewedAt { get; set; }
    public Guid? ReviewedBy { get; set; }

    /// <summary>When the invitation expires; null if it does not.</summary>
    public DateTimeOffset? ExpiresAt { get; set; }
    public DateTimeOffset? PausedAt { get; set; }

    /// <summary>
    /// True from when an admin adds a person known elsewhere until that person first comes here. Until then the
    /// organisation sees only the name and address that the admin typed, and nothing of the account
    /// (<see cref="User.SeenFrom"/>).
    /// </summary>
    public bool Awaited { get; set; }
    public string? TypedFirstName { get; set; }
    public string? TypedLastName { get; set; }
    public string? TypedEmail { get; set; }

    /// <summary>Null while the person belongs to the organisation.</summary>
    public DateTimeOffset? RemovedAt { get; set; }
    public Guid? RemovedBy { get; set; }

    /// <summary>New grants of these service areas.</summary>
    public IEnumerable<AccessGrant> Grants(IEnumerable<Guid> areas) =>
        areas.Select(area => new AccessGrant
        {
            OrganisationId = OrganisationId,
            MembershipId = Id,
            ServiceAreaId = area,
        });
}

/// <summary>The roles in an organisation, from the least powerful to the most.</summary>
internal sealed class Roles
{
    /// <summary>The roles if none are configured.</summary>
    public const string Admin = "admin",
        Member = "member";

    private static readonly Role[] Usual =
    [
        new()
        {
            Key = Member,
            Name = "Member",
            Description = "Can use the service",
        },
        new()
        {
            Key = Admin,
            Name = "Admin",
            Description = "Can use the service and manage its users",
            ManagesUsers = true,
        },
    ];

    private Roles(IReadOnlyList<Role> all) => All = all;

    public IReadOnlyList<Role> All { get; }

    /// <summary>
    /// With a single role there is nothing to choose, and everyone in an organisation manages its users.
    /// </summary>
    public bool AreOne => All.Count == 1;

    public static Roles Of(RollcallOptions options) => new(options.Roles.Count == 0 ? Usual : [.. options.Roles]);

    /// <summary>The role with this key; null if it is no longer in the settings.</summary>
    public Role? Find(string? key) => All.FirstOrDefault(role => role.Key == key);

    /// <summary>A role that is no longer in the settings manages nothing.</summary>
    public bool ManagesUsers(string key) => AreOne || Find(key)?.ManagesUsers == true;

    /// <summary>The keys of the roles that manage users, for queries; null if all do.</summary>
    public string[]? Managing => AreOne ? null : [.. All.Where(role => role.ManagesUsers).Select(role => role.Key)];

    /// <summary>Whether the first role is more powerful than the second.</summary>
    public bool IsAbove(string one, string other) => !AreOne && Rank(one) > Rank(other);

    private int Rank(string key) => All.ToList().FindIndex(role => role.Key == key);

    /// <summary>The roles that a person with this role can give: none above it.</summary>
    public IEnumerable<Role> UpTo(string key) => All.Take(Rank(key) + 1);
}
