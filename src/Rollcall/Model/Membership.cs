namespace Rollcall.Model;

/// <summary>One user in one organisation, from being added to being removed. Added again later, they get a new one.</summary>
internal sealed class Membership
{
    public Guid Id { get; init; } = Guid.CreateVersion7();
    public required Guid OrganisationId { get; init; }
    public required Guid UserId { get; init; }
    public required string Role { get; set; }
    public required DateTimeOffset AddedAt { get; init; }
    public Guid? AddedBy { get; init; }

    /// <summary>When the link that was sent stops working; null where no link expires.</summary>
    public DateTimeOffset? ExpiresAt { get; set; }
    public DateTimeOffset? PausedAt { get; set; }

    /// <summary>Null while the person belongs to the organisation.</summary>
    public DateTimeOffset? RemovedAt { get; set; }
    public Guid? RemovedBy { get; set; }
}

/// <summary>What a person is in an organisation.</summary>
internal static class Roles
{
    /// <summary>May manage the organisation's users.</summary>
    public const string Admin = "admin";
    public const string Member = "member";
}
