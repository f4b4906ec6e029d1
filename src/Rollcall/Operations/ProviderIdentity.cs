using Rollcall.Model;

namespace Rollcall.Operations;

/// <summary>A person whom a provider has vouched for: every signature and claim has been checked.</summary>
/// <param name="Provider">The key of its settings.</param>
/// <param name="Email">As the provider writes it.</param>
/// <param name="EmailVerified">The provider promises that the person reads that mailbox.</param>
internal sealed record ProviderIdentity(
    string Provider,
    string Issuer,
    string Subject,
    string? Email,
    bool EmailVerified,
    string? FirstName,
    string? LastName
);

/// <summary>What signing in through a provider came to.</summary>
internal enum ProviderOutcome
{
    SignedIn,

    /// <summary>No one here is this person.</summary>
    NotRecognised,

    /// <summary>Their account, or everything they belong to, is paused.</summary>
    Paused,

    /// <summary>They opened an invitation that was sent to another address, and must say that it is theirs.</summary>
    OtherAddress,

    /// <summary>They opened an invitation for another person than the one they are here.</summary>
    OtherPerson,

    /// <summary>Their organisation does not let people sign in this way.</summary>
    NotThisWay,

    /// <summary>An account with that address is in use. They must sign in to it first.</summary>
    HasAccount,

    /// <summary>
    /// They are invited to manage users. An address alone does not let them in; the link in their email does.
    /// </summary>
    NeedsLink,

    /// <summary>
    /// They manage users and have no way to sign in. An address alone does not give them a new one; support does.
    /// </summary>
    NeedsSupport,
}

/// <param name="User">Only when they signed in.</param>
/// <param name="Known">
/// The address here of a person who is told <see cref="ProviderOutcome.OtherPerson"/> or
/// <see cref="ProviderOutcome.HasAccount"/>.
/// </param>
/// <param name="Invited">The address that their invitation went to.</param>
/// <param name="IsNew">This sign-in registered them.</param>
internal sealed record ProviderResult(
    ProviderOutcome Outcome,
    User? User = null,
    string? Known = null,
    string? Invited = null,
    bool IsNew = false
) : IResult
{
    /// <summary>Everything but a sign-in changes nothing. The pages explain the outcome in their own words.</summary>
    Refusal? IResult.Refusal => Outcome == ProviderOutcome.SignedIn ? null : new(null, Outcome.ToString());
}
