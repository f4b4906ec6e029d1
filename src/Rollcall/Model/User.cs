using Rollcall.Addresses;

namespace Rollcall.Model;

/// <summary>A person: one row per email address, across all organisations.</summary>
internal sealed class User
{
    /// <summary>
    /// Random, because it appears in URLs: a time-ordered ID would show when the person was first added.
    /// </summary>
    public Guid Id { get; init; } = Guid.NewGuid();

    /// <summary>As typed, cleaned. Shown on screens and used in emails.</summary>
    public required string Email { get; set; }

    /// <summary>The normalised address, equal for every spelling; unique.</summary>
    public required string EmailKey { get; set; }

    /// <summary>Null for a person who was invited by address alone and has not entered a name.</summary>
    public string? FirstName { get; set; }
    public string? LastName { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the person completed registration or first signed in; null before.</summary>
    public DateTimeOffset? RegisteredAt { get; set; }
    public DateTimeOffset? LastSignedInAt { get; set; }

    /// <summary>Null for a person without a password, such as one who signs in with a provider.</summary>
    public string? PasswordHash { get; set; }
    public DateTimeOffset? PasswordSetAt { get; set; }

    /// <summary>
    /// When an emailed link set the password; null again after the next sign-in. Until then, a code to the same mailbox
    /// is not a second factor.
    /// </summary>
    public DateTimeOffset? PasswordResetAt { get; set; }

    /// <summary>
    /// Browsers that signed in before this instant are no longer recognised. Null: all since
    /// <see cref="PasswordSetAt"/> are.
    /// </summary>
    public DateTimeOffset? KnownDevicesSince { get; set; }

    /// <summary>In E.164 form, such as +447700900123.</summary>
    public string? Mobile { get; set; }

    /// <summary>When a code sent to the mobile was entered, which makes it a second factor.</summary>
    public DateTimeOffset? MobileConfirmedAt { get; set; }

    /// <summary>Whether codes by email are the second factor.</summary>
    public bool EmailCodes { get; set; }

    /// <summary>When support paused the whole account; null if it is not paused.</summary>
    public DateTimeOffset? PausedAt { get; set; }

    /// <summary>
    /// Since when the person is a support user; null for everyone else. Joining an organisation never sets it.
    /// </summary>
    public DateTimeOffset? SupportSince { get; set; }

    /// <summary>The record that this one was merged into; null for nearly everyone.</summary>
    public Guid? MergedInto { get; set; }
    public DateTimeOffset? MergedAt { get; set; }

    /// <summary>
    /// The person as the membership's organisation may see them. Someone who is known elsewhere and has not come here
    /// yet looks like a new person.
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
