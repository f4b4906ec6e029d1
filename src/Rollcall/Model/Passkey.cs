using Rollcall.Addresses;

namespace Rollcall.Model;

/// <summary>
/// A passkey: the public half of a key pair whose private half stays in the person's device or password manager
/// (WebAuthn Level 3).
/// </summary>
internal sealed class Passkey
{
    public const int LongestName = 100;

    public Guid Id { get; init; } = Guid.CreateVersion7();
    public required Guid UserId { get; init; }

    /// <summary>The authenticator's ID for the credential; unique.</summary>
    public required byte[] CredentialId { get; init; }

    /// <summary>In the authenticator's encoding (COSE, RFC 9052).</summary>
    public required byte[] PublicKey { get; init; }

    /// <summary>
    /// Increases with each use in some authenticators; stays 0 in those that sync a passkey between devices.
    /// </summary>
    public required long SignCount { get; init; }

    /// <summary>How the authenticator can be reached, as a hint to the browser.</summary>
    public required string[] Transports { get; init; }

    public required bool IsBackupEligible { get; init; }
    public required bool IsBackedUp { get; init; }

    /// <summary>The name that its owner gave it.</summary>
    public required string Name { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was last used to sign in; null if never.</summary>
    public DateTimeOffset? LastUsedAt { get; init; }

    /// <summary>The name to store, or the error message.</summary>
    public static (string? Name, string? Error) CheckName(string? typed) =>
        PlainText.OneLine(typed) switch
        {
            "" => (null, "Enter a name for the passkey"),
            { Length: > LongestName } => (null, $"Name must be {LongestName} characters or fewer"),
            var name => (name, null),
        };
}
