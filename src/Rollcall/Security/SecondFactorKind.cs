using Rollcall.Model;

namespace Rollcall.Security;

/// <summary>A kind of second factor, with its words.</summary>
internal sealed class SecondFactorKind
{
    private const string WrongMessage = "The security code is incorrect. Check the message and try again";

    public static readonly SecondFactorKind Authenticator = new()
    {
        Key = "authenticator",
        IsIn = factors => factors.Authenticator,
        Method = SignInMethods.PasswordAndAuthenticator,
        Heading = "Enter the code from your authenticator app",
        Link = "Use your authenticator app",
        Wrong = "The security code is incorrect. Check the app and that your device’s time is set automatically",
        SetUpHeading = "Set up an authenticator app",
        RemoveHeading = "Remove your authenticator app",
    };

    public static readonly SecondFactorKind Text = new()
    {
        Key = "text",
        IsIn = factors => factors.Mobile is not null,
        Method = SignInMethods.PasswordAndText,
        Heading = "Check your phone",
        Link = "Get a code by text message",
        Wrong = WrongMessage,
        SetUpHeading = "Get codes by text message",
        RemoveHeading = "Stop codes by text message",
        IsSent = true,
    };

    public static readonly SecondFactorKind Email = new()
    {
        Key = "email",
        IsIn = factors => factors.Email,
        Method = SignInMethods.PasswordAndEmail,
        Heading = "Check your email",
        Link = "Get a code by email",
        Wrong = WrongMessage,
        SetUpHeading = "Get codes by email",
        RemoveHeading = "Stop codes by email",
        IsSent = true,
    };

    /// <summary>Set up and removed on pages of its own.</summary>
    public static readonly SecondFactorKind Passkey = new()
    {
        Key = "passkey",
        IsIn = factors => factors.Passkeys > 0,
        Method = SignInMethods.Passkey,
        Heading = "Use your passkey",
        Link = "Use a passkey",
        Wrong = WrongMessage,
    };

    /// <summary>Made with the first of the others.</summary>
    public static readonly SecondFactorKind Recovery = new()
    {
        Key = "recovery",
        IsIn = factors => factors.RecoveryCodes > 0,
        Method = SignInMethods.PasswordAndRecoveryCode,
        Heading = "Enter a recovery code",
        Link = "Use a recovery code",
        Wrong = "The recovery code is incorrect, or you have used it already. Enter another one",
    };

    /// <summary>The strongest first: the order in which they are asked for.</summary>
    public static readonly IReadOnlyList<SecondFactorKind> All = [Authenticator, Text, Email, Passkey, Recovery];

    /// <summary>Names it in URLs, forms and audit events.</summary>
    public required string Key { get; init; }

    /// <summary>Whether a person has it.</summary>
    public required Func<SecondFactors, bool> IsIn { get; init; }

    /// <summary>How a session was begun with it: one of <see cref="SignInMethods"/>.</summary>
    public required string Method { get; init; }

    /// <summary>Of the page that asks for it.</summary>
    public required string Heading { get; init; }

    /// <summary>Leads to that page from another one.</summary>
    public required string Link { get; init; }

    /// <summary>Says that the code is wrong.</summary>
    public required string Wrong { get; init; }

    public string SetUpHeading { get; private init; } = "";

    public string RemoveHeading { get; private init; } = "";

    /// <summary>Whether a code must be sent first.</summary>
    public bool IsSent { get; private init; }

    public static SecondFactorKind? Find(string? key) => All.FirstOrDefault(kind => kind.Key == key);
}
