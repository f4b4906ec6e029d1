namespace Rollcall.Model;

/// <summary>How a person proved who they are, as stored in sessions and audit events.</summary>
internal static class SignInMethods
{
    /// <summary>A password without a second factor.</summary>
    public const string Password = "password";
    public const string PasswordAndText = "password+text";
    public const string PasswordAndEmail = "password+email";
    public const string PasswordAndAuthenticator = "password+authenticator";
    public const string PasswordAndRecoveryCode = "password+recovery";

    /// <summary>A passkey that checked its owner: both factors in one.</summary>
    public const string Passkey = "passkey";

    /// <summary>The developers' sign-in page.</summary>
    public const string Development = "development";

    private const string ProviderPrefix = "provider:";

    /// <summary>An identity provider, which decides itself which factors it asks for.</summary>
    public static string Provider(string key) => ProviderPrefix + key;

    /// <summary>
    /// Whether this meets a requirement for a second factor. A code by email does not for support users: the mailbox,
    /// which can also reset the password, would then be all it takes (NIST SP 800-63B-4, 3.1.3.1).
    /// </summary>
    public static bool HasSecondFactor(string method, bool support) =>
        method != Password && !(support && method == PasswordAndEmail);

    /// <summary>
    /// Whether an organisation's sign-in rules allow this method. <paramref name="ways"/> holds "password" or
    /// providers' keys; null allows any.
    /// </summary>
    public static bool IsAmong(string method, string[]? ways) =>
        ways is null
        || method == Development
        || ways.Contains(
            method.StartsWith(ProviderPrefix, StringComparison.Ordinal) ? method[ProviderPrefix.Length..] : Password
        );

    /// <summary>In words that follow "You signed in with …".</summary>
    public static string InWords(string method) =>
        method switch
        {
            Password => "your password",
            PasswordAndText => "your password and a code by text message",
            PasswordAndEmail => "your password and a code by email",
            PasswordAndAuthenticator => "your password and an authenticator app",
            PasswordAndRecoveryCode => "your password and a recovery code",
            Passkey => "a passkey",
            Development => "the page for developers",
            _ => "another service",
        };
}
