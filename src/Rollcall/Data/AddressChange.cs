namespace Rollcall.Data;

/// <summary>A new email address waiting to be confirmed from its mailbox.</summary>
internal sealed class AddressChange
{
    public required Guid Id { get; init; }
    public required Guid UserId { get; init; }
    public required string Email { get; init; }
    public required byte[] TokenHash { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was confirmed, or replaced by a newer request.</summary>
    public DateTimeOffset? EndedAt { get; set; }
}
