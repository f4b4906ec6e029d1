using Rollcall.Addresses;

namespace Rollcall.Model;

/// <summary>One person: one row per normalised email address, everywhere.</summary>
internal sealed class User
{
    /// <summary>Random: it stands in addresses, and must not tell when the person became known.</summary>
    public Guid Id { get; init; } = Guid.NewGuid();

    /// <summary>As typed, cleaned; what is shown and written to.</summary>
    public required string Email { get; set; }

    /// <summary>What makes two spellings the same address; unique.</summary>
    public required string EmailKey { get; set; }

    /// <summary>Null until it is known: somebody invited by address alone.</summary>
    public string? FirstName { get; set; }
    public string? LastName { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the person completed registration or first signed in; null before.</summary>
    public DateTimeOffset? RegisteredAt { get; set; }
    public DateTimeOffset? LastSignedInAt { get; set; }

    /// <summary>
    /// The hash of their password; null for somebody who has none, such as a person who signs in through a provider.
    /// </summary>
    public string? PasswordHash { get; set; }
    public DateTimeOffset? PasswordSetAt { get; set; }

    /// <summary>
    /// When an emailed link set the password; null again after the next sign-in. Until then a code to the same mailbox
    /// proves nothing more.
    /// </summary>
    public DateTimeOffset? PasswordResetAt { get; set; }

    /// <summary>
    /// Browsers that signed in before are no longer known; null: all since <see cref="PasswordSetAt"/> are.
    /// </summary>
    public DateTimeOffset? KnownDevicesSince { get; set; }

    /// <summary>E.164, such as +447700900123.</summary>
    public string? Mobile { get; set; }

    /// <summary>When a code that was sent to the mobile came back; from then on it is a second factor.</summary>
    public DateTimeOffset? MobileConfirmedAt { get; set; }

    /// <summary>The second factor is a code by email.</summary>
    public bool EmailCodes { get; set; }

    /// <summary>Support paused the whole account; null when it is not paused.</summary>
    public DateTimeOffset? PausedAt { get; set; }

    /// <summary>
    /// Since when the person is support staff; null for everybody else. Never set by joining an organisation.
    /// </summary>
    public DateTimeOffset? SupportSince { get; set; }

    /// <summary>
    /// The record of the same person that this one was merged into, and when; null for nearly everybody.
    /// </summary>
    public Guid? MergedInto { get; set; }
    public DateTimeOffset? MergedAt { get; set; }

    /// <summary>
    /// This person as the organisation of this membership may see them. Someone who was known elsewhere and has not
    /// come yet looks like a person who was never known.
    /// </summary>
    public User SeenFrom(Membership membership) =>
        !membership.Awaited
            ? this
            : new()
            {
                Id = Id,
                Email = membership.TypedEmail ?? Email,
                EmailKey = EmailKey,
                FirstName = membership.TypedFirstName,
                LastName = membership.TypedLastName,
                CreatedAt = membership.AddedAt,
                PausedAt = PausedAt > membership.AddedAt ? PausedAt : null,
            };

    public string DisplayName => PersonName.FullName(FirstName, LastName, Email);
}
