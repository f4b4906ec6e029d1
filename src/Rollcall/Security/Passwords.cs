using System.Text;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Rollcall.Addresses;

namespace Rollcall.Security;

/// <summary>
/// What a password must be, and how it is kept. Length and a list of known ones decide, never its composition (NIST SP
/// 800-63B-4, 3.1.1.2; ASVS 5.0, 6.2). Counted and compared in Unicode's NFC, so that one keyboard's é is another's.
/// </summary>
internal sealed class Passwords
{
    /// <summary>In code points.</summary>
    public const int LeastWithSecondFactor = 12,
        LeastAlone = 15,
        Most = 1000;

    /// <summary>OWASP Password Storage cheat sheet, for PBKDF2 with HMAC-SHA512.</summary>
    internal const int Rounds = 220_000;

    private static readonly object NoOne = new();
    private readonly CommonPasswords blocklist;
    private readonly PasswordHasher<object> hasher = new(
        Options.Create(new PasswordHasherOptions { IterationCount = Rounds })
    );
    private readonly string dummy;

    public Passwords(CommonPasswords blocklist)
    {
        this.blocklist = blocklist;
        // now: made at the first unknown address, it would cost that one twice the work
        dummy = Hash("nobody has this one");
    }

    /// <summary>The rule, stated before the field.</summary>
    public static string Hint(bool secondFactor) =>
        $"Must be {Least(secondFactor)} characters or more. Three random words are easy to remember and hard to guess.";

    /// <summary>What is wrong with a new password, in words, or null.</summary>
    /// <param name="ownWords">What others know about this person and service: names, the address, the
    /// organisation.</param>
    public string? Problem(string? password, bool secondFactor, IEnumerable<string?> ownWords)
    {
        if (string.IsNullOrEmpty(password))
        {
            return "Enter a password";
        }

        var text = Normal(password);
        var length = text.EnumerateRunes().Count();
        return length < Least(secondFactor) ? $"Password must be {Least(secondFactor)} characters or more"
            : length > Most ? $"Password must be {Most:N0} characters or fewer"
            : blocklist.Why(text, ownWords) is { } why ? $"Choose another password: {why}"
            : null;
    }

    public string Hash(string password) => hasher.HashPassword(NoOne, Normal(password));

    /// <summary>
    /// Whether it is this one; and its hash by today's rules where the kept one is older. No hash: the same work, for
    /// nothing.
    /// </summary>
    public (bool Right, string? Rehashed) Verify(string? hash, string password)
    {
        var text = Normal(password);
        // counted as when it was set: a thousand code points are at most so many chars once composed
        if (text.Length > Most * 2)
        {
            return (false, null);
        }

        var result = hasher.VerifyHashedPassword(NoOne, hash ?? dummy, text);
        return hash is null
            ? (false, null)
            : (
                result != PasswordVerificationResult.Failed,
                result == PasswordVerificationResult.SuccessRehashNeeded ? Hash(password) : null
            );
    }

    private static int Least(bool secondFactor) => secondFactor ? LeastWithSecondFactor : LeastAlone;

    /// <summary>
    /// The one change that is made to a password, when it is set and when it is checked: half a character has no normal
    /// form and is left out.
    /// </summary>
    private static string Normal(string password) => PlainText.Characters(password).Normalize(NormalizationForm.FormC);
}
