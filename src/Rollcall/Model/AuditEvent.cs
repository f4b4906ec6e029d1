namespace Rollcall.Model;

/// <summary>Something that happened. Written in the transaction that made it happen, and never changed.</summary>
internal sealed class AuditEvent
{
    public Guid Id { get; init; } = Guid.CreateVersion7();
    public required DateTimeOffset At { get; init; }

    /// <summary>One of <see cref="AuditKinds"/>.</summary>
    public required string Kind { get; init; }
    public Guid? ActorId { get; init; }

    /// <summary>The actor's name at the time: renaming a person must not change the record.</summary>
    public required string ActorName { get; init; }
    public Guid? OrganisationId { get; init; }
    public Guid? UserId { get; init; }

    /// <summary>The facts of this kind of event, as JSON.</summary>
    public string Data { get; init; } = "{}";
    public string? TraceId { get; init; }
    public string? IpAddress { get; init; }
}

/// <summary>Every kind of event, and its words in a history.</summary>
internal static class AuditKinds
{
    public const string OrganisationCreated = "organisation-created";
    public const string OrganisationChanged = "organisation-changed";
    public const string AreaNamed = "area-named";
    public const string AreaRemoved = "area-removed";
    public const string SecondFactorDemanded = "second-factor-demanded";
    public const string Added = "added";

    /// <summary>An invitation list. Each invited person also has an event of their own.</summary>
    public const string ListInvited = "list-invited";
    public const string DetailsChanged = "details-changed";
    public const string Removed = "removed";
    public const string RemovalUndone = "removal-undone";
    public const string AccessReviewed = "access-reviewed";
    public const string Exported = "exported";
    public const string Reminded = "reminded";
    public const string RoleChanged = "role-changed";

    /// <summary>The person who gave the role no longer held it when the invited person first signed in.</summary>
    public const string RoleNotConfirmed = "role-not-confirmed";

    /// <summary>The same for service areas. The membership was paused if no area was left.</summary>
    public const string AreasNotConfirmed = "areas-not-confirmed";
    public const string Paused = "paused";
    public const string Resumed = "resumed";
    public const string AccountPaused = "account-paused";
    public const string AccountResumed = "account-resumed";

    /// <summary>Two records of one person were merged.</summary>
    public const string Merged = "merged";
    public const string InvitationSentAgain = "invitation-sent-again";
    public const string RegistrationStarted = "registration-started";
    public const string Registered = "registered";
    public const string PasswordResetAsked = "password-reset-asked";
    public const string PasswordChanged = "password-changed";
    public const string MobileChanged = "mobile-changed";
    public const string SecondFactorAdded = "second-factor-added";
    public const string SecondFactorRemoved = "second-factor-removed";
    public const string SecondFactorsReset = "second-factors-reset";
    public const string PasskeyAdded = "passkey-added";
    public const string PasskeyRemoved = "passkey-removed";
    public const string RecoveryCodesMade = "recovery-codes-made";
    public const string AddressChangeAsked = "address-change-asked";
    public const string SignedOutEverywhere = "signed-out-everywhere";
    public const string TermsPublished = "terms-published";
    public const string TermsAccepted = "terms-accepted";
    public const string SupportAdded = "support-added";
    public const string SupportRemoved = "support-removed";
    public const string SignedIn = "signed-in";
    public const string SignedOut = "signed-out";

    /// <summary>The deployment's secret was changed, on the machine that the service runs on.</summary>
    public const string SecretChanged = "secret-changed";

    /// <summary>A person was connected to a provider.</summary>
    public const string IdentityLinked = "identity-linked";

    public const string IdentityUnlinked = "identity-unlinked";

    /// <summary>A provider returned an address that belongs to another user, for support to sort out.</summary>
    public const string ProviderAddressTaken = "provider-address-taken";

    /// <summary>A wrong password or security code, or a provider's account that has no access here.</summary>
    public const string SignInRefused = "sign-in-refused";
}
