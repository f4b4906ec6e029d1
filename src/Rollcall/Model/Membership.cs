namespace Rollcall.Model;

/// <summary>
/// One user in one organisation, from being added to being removed. Added again later, they get a new one.
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

    /// <summary>Who gave the role or resent the invitation; null: <see cref="AddedBy"/> did.</summary>
    public Guid? AccessBy { get; set; }

    /// <summary>When an admin last decided that the person still needs access, and who; null: never.</summary>
    public DateTimeOffset? ReviewedAt { get; set; }
    public Guid? ReviewedBy { get; set; }

    /// <summary>When the link that was sent stops working; null where no link expires.</summary>
    public DateTimeOffset? ExpiresAt { get; set; }
    public DateTimeOffset? PausedAt { get; set; }

    /// <summary>
    /// The person was known elsewhere when an admin added them, and has not come here yet: until then the organisation
    /// sees the name and the address that the admin typed, and nothing of the account (<see cref="User.SeenFrom"/>).
    /// </summary>
    public bool Awaited { get; set; }
    public string? TypedFirstName { get; set; }
    public string? TypedLastName { get; set; }
    public string? TypedEmail { get; set; }

    /// <summary>Null while the person belongs to the organisation.</summary>
    public DateTimeOffset? RemovedAt { get; set; }
    public Guid? RemovedBy { get; set; }
}

/// <summary>What people can be in an organisation, from the one who may do least to the one who may do most.</summary>
internal sealed class Roles
{
    /// <summary>The keys of the roles that stand for themselves when none are configured.</summary>
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
    /// With one role there is nothing to choose, and every member of an organisation manages its users.
    /// </summary>
    public bool AreOne => All.Count == 1;

    public static Roles Of(RollcallOptions options) => new(options.Roles.Count == 0 ? Usual : [.. options.Roles]);

    /// <summary>The role with this key; null when it is no longer among the settings.</summary>
    public Role? Find(string? key) => All.FirstOrDefault(role => role.Key == key);

    /// <summary>A role that was taken out of the settings manages no one.</summary>
    public bool ManagesUsers(string key) => AreOne || Find(key)?.ManagesUsers == true;

    /// <summary>The keys of the roles that manage users, for queries; null when all do.</summary>
    public string[]? Managing => AreOne ? null : [.. All.Where(role => role.ManagesUsers).Select(role => role.Key)];

    /// <summary>Whether a person with the first role may do more than one with the second.</summary>
    public bool IsAbove(string one, string other) => !AreOne && Rank(one) > Rank(other);

    private int Rank(string key) => All.ToList().FindIndex(role => role.Key == key);

    /// <summary>What a person with this role may give to others: nothing above it.</summary>
    public IEnumerable<Role> UpTo(string key) => All.Take(Rank(key) + 1);
}
