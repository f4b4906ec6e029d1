namespace Rollcall.History;

/// <param name="Method">One of <see cref="Model.SignInMethods"/>.</param>
internal sealed record UserSignedIn(string? Method) : Event("signed-in")
{
    public override string Sentence(EventContext context) => "Signed in";
}

internal sealed record UserSignedOut() : Event("signed-out")
{
    public override string Sentence(EventContext context) => "Signed out";
}

/// <param name="NotMine">They did not recognise a session.</param>
internal sealed record SignedOutEverywhere(bool? NotMine = null) : Event("signed-out-everywhere")
{
    public override string Sentence(EventContext context) => "Signed out everywhere";
}

/// <summary>A wrong password or security code, or a provider's account that has no access here.</summary>
/// <param name="Email">Masked. Not recorded after the right password.</param>
/// <param name="Way">The second factor that was wrong.</param>
/// <param name="Provider">The key of the provider.</param>
/// <param name="Why">What signing in through the provider came to.</param>
internal sealed record SignInRefused(
    string? Email = null,
    string? Way = null,
    string? Provider = null,
    string? Why = null
) : Event("sign-in-refused")
{
    public override string Sentence(EventContext context) =>
        Provider is null
            ? "Someone tried to sign in with their email address and a wrong password or security code"
            : "Someone tried to sign in through another service, and was refused";
}

internal sealed record PasswordResetRequested() : Event("password-reset-asked")
{
    public override string Sentence(EventContext context) => "A link to reset their password was requested";
}

internal sealed record PasswordChanged() : Event("password-changed")
{
    public override string Sentence(EventContext context) => "Changed their password";
}

/// <summary>A person was connected to a provider.</summary>
internal sealed record IdentityLinked(string? Provider, string? Email) : Event("identity-linked")
{
    public override string Sentence(EventContext context) => "Started signing in through another service";
}

internal sealed record IdentityUnlinked(string? Issuer, string? Email, string? HowChecked) : Event("identity-unlinked")
{
    public override string Sentence(EventContext context) =>
        $"{context.By} removed the link to {Email ?? "an account"} at {Issuer ?? "another service"}"
        + (HowChecked is null ? "" : $". How they checked who asked: {HowChecked}");
}

/// <summary>A provider returned an address that belongs to another user, for support to sort out.</summary>
internal sealed record ProviderAddressTaken(string? Provider, string? Email) : Event("provider-address-taken")
{
    public override string Sentence(EventContext context) =>
        $"Signed in through another service as {Email ?? "someone with an email address"}, "
        + "which is someone else’s email address here";
}

/// <summary>The deployment's secret was changed, on the machine that the service runs on.</summary>
/// <param name="Email">Who was sent a new link; not recorded in the event of the service as a whole.</param>
/// <param name="Invitations">How many people were sent one, in the event of the service as a whole.</param>
internal sealed record SecretChanged(string? Email = null, int? Invitations = null) : Event("secret-changed")
{
    public override string Sentence(EventContext context) =>
        Email is null
            ? "The secret of the service was changed"
            : "We sent them a new link, because all older links ended";
}
