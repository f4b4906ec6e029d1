namespace Rollcall.Credentials;

/// <summary>The rule in words, stated before the field.</summary>
internal static class PasswordRules
{
    public static string Hint(bool secondFactor)
        => $"Must be {(secondFactor ? Passwords.LeastWithSecondFactor : Passwords.LeastAlone)} characters or more. Three random words are easy to remember and hard to guess.";
}
