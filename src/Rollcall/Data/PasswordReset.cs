namespace Rollcall.Data;

/// <summary>A password reset link. Only the hash of its token is stored.</summary>
internal sealed class PasswordReset
{
    public required Guid Id { get; init; }
    public required Guid UserId { get; init; }
    public required byte[] TokenHash { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was used, or replaced by another way to set a password.</summary>
    public DateTimeOffset? UsedAt { get; set; }
}
