using System.Text.Json.Serialization;

namespace Rollcall.Emails;

[JsonConverter(typeof(JsonStringEnumConverter<SignInChange>))]
internal enum SignInChange
{
    Password,
    Mobile,
    AuthenticatorAdded,
    TextsAdded,
    EmailCodesAdded,
    SecondFactorRemoved,
    RecoveryCodesMade,
    RecoveryCodeUsed,
    SecondFactorsReset,
    IdentityUnlinked,
}

/// <summary>
/// To someone whose way of signing in was changed: if it was not them, they must hear of it at once (ASVS 5.0, 6.3.7).
/// </summary>
internal sealed record SignInChanged(SignInChange What) : Email
{
    public override short Priority => 10;

    private string InWords => What switch
    {
        SignInChange.Password => "Your password was changed",
        SignInChange.Mobile => "Your mobile phone number was changed",
        SignInChange.AuthenticatorAdded => "An authenticator app was added to your account",
        SignInChange.TextsAdded => "Security codes by text message were turned on for your account",
        SignInChange.EmailCodesAdded => "Security codes by email were turned on for your account",
        SignInChange.SecondFactorRemoved => "A way to get security codes was removed from your account",
        SignInChange.RecoveryCodesMade =>
            "New recovery codes were created for your account, and the old ones no longer work",
        SignInChange.RecoveryCodeUsed => "A recovery code was used to sign in to your account",
        SignInChange.SecondFactorsReset => "Support removed the ways to get security codes from your account",
        SignInChange.IdentityUnlinked =>
            "Support disconnected your account from another service that you signed in with",
        _ => throw new InvalidOperationException($"No words for {What}"),
    };

    private bool BySupport => What is SignInChange.SecondFactorsReset or SignInChange.IdentityUnlinked;

    public override string Subject(Letterhead from) => $"{InWords} on {from.ServiceName}";

    public override IEnumerable<Block> Body(Letterhead from, string to) =>
    [
        Greeting,
        new Paragraph($"{InWords} on {from.ServiceName}. You sign in with {to}."),
        new Paragraph(BySupport
            ? "If you asked for this, you only need to sign in again. We have signed you out on all devices."
            : "If this was you, you do not need to do anything."),
        new Paragraph($"If {(BySupport ? "you did not ask for it" : "it was not you")}, reset your password now:"),
        new Link(from.Url(Links.ForgotPassword), "Reset your password"),
        .. from.Help("If you cannot sign in, or think someone else can"),
    ];
}
