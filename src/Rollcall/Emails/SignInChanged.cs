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
/// To a person whose way of signing in was changed: if someone else did it, they must hear at once (ASVS 5.0, 6.3.7).
/// </summary>
internal sealed record SignInChanged(SignInChange What) : Email
{
    public override short Priority => 10;

    private string InWords(string service) =>
        (
            What switch
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
                SignInChange.SecondFactorsReset =>
                    "Our support team removed your security codes, passkeys and recovery codes",
                SignInChange.IdentityUnlinked =>
                    $"Our support team removed the link between your account on {service} and another service",
                _ => throw new InvalidOperationException($"No words for {What}"),
            }
        ) + (What == SignInChange.IdentityUnlinked ? "" : $" on {service}");

    private bool BySupport => What is SignInChange.SecondFactorsReset or SignInChange.IdentityUnlinked;

    private string NotTheirs => BySupport ? "you did not ask for it" : "it was not you";

    /// <summary>
    /// Whether to advise a new password: people who sign in with a provider may have none, and in some services no one
    /// has.
    /// </summary>
    private bool PasswordHelps(Letterhead from) =>
        What is not SignInChange.IdentityUnlinked && from.OnlyProviders is null;

    public override string Subject(Letterhead from) => InWords(from.ServiceName);

    public override IEnumerable<Block> Body(Letterhead from, string to) =>
        [
            Greeting,
            new Paragraph($"{InWords(from.ServiceName)}. You sign in with {to}."),
            new Paragraph(
                BySupport
                    ? "If you asked for this, you only need to sign in again. We have signed you out on all devices."
                    : "If this was you, you do not need to do anything."
            ),
            .. PasswordHelps(from)
                ? new Block[]
                {
                    new Paragraph($"If {NotTheirs}, reset your password now:"),
                    new Link(from.Url(Links.ForgotPassword), "Reset your password"),
                }
                : [new Paragraph($"If {NotTheirs}, email {from.SupportEmail} now.")],
            .. from.Help("If you cannot sign in, or think someone else can"),
        ];
}
