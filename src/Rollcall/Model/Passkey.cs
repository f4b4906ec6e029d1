using Rollcall.Addresses;

namespace Rollcall.Model;

/// <summary>
/// One passkey of a person: the public half of a key pair whose other half never leaves their device or password
/// manager (WebAuthn Level 3).
/// </summary>
internal sealed class Passkey
{
    public const int LongestName = 100;

    public Guid Id { get; init; } = Guid.CreateVersion7();
    public required Guid UserId { get; init; }

    /// <summary>What the authenticator calls it; unique.</summary>
    public required byte[] CredentialId { get; init; }

    /// <summary>As the authenticator gave it (COSE, RFC 9052).</summary>
    public required byte[] PublicKey { get; init; }

    /// <summary>Counts up in some authenticators; stays 0 in those that share a passkey between devices.</summary>
    public required long SignCount { get; init; }

    /// <summary>How its device can be reached, for the browser to look in the right place.</summary>
    public required string[] Transports { get; init; }

    public required bool IsBackupEligible { get; init; }
    public required bool IsBackedUp { get; init; }

    /// <summary>What its owner calls it.</summary>
    public required string Name { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When somebody last signed in with it; null before.</summary>
    public DateTimeOffset? LastUsedAt { get; init; }

    /// <summary>A name fit to store, or what is wrong with it.</summary>
    public static (string? Name, string? Error) CheckName(string? typed) =>
        PlainText.OneLine(typed) switch
        {
            "" => (null, "Enter a name for the passkey"),
            { Length: > LongestName } => (null, $"Name must be {LongestName} characters or fewer"),
            var name => (name, null),
        };
}
