using System.Text;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Rollcall.Addresses;

namespace Rollcall.Security;

/// <summary>
/// The password rules, and password hashing. Only length and a list of known passwords count, never composition (NIST
/// SP 800-63B-4, 3.1.1.2; ASVS 5.0, 6.2). Counted and compared in Unicode's NFC, so that é is the same from every
/// keyboard.
/// </summary>
internal sealed class Passwords
{
    /// <summary>In code points.</summary>
    public const int LeastWithSecondFactor = 12,
        LeastAlone = 15,
        Most = 1000;

    /// <summary>From the OWASP Password Storage Cheat Sheet, for PBKDF2 with HMAC-SHA512.</summary>
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
        // Computed here: on first use, it would double the time that the first unknown address takes.
        dummy = Hash("nobody has this one");
    }

    /// <summary>The rule, shown before the field.</summary>
    public static string Hint(bool secondFactor) =>
        $"Must be {Least(secondFactor)} characters or more. Three random words are easy to remember and hard to guess.";

    /// <summary>What is wrong with a new password, in words; null if nothing is.</summary>
    /// <param name="ownWords">
    /// What others know about this person and service: names, the address, the organisation.
    /// </param>
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
    /// Whether the password matches, and a new hash if the stored one uses old parameters. Without a stored hash, it
    /// does the same work in vain, so that the time shows nothing.
    /// </summary>
    public (bool Right, string? Rehashed) Verify(string? hash, string password)
    {
        var text = Normal(password);
        // Counted as when it was set: once composed, a thousand code points are at most this many UTF-16 units.
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
    /// Normalises a password, both when it is set and when it is checked. Lone surrogates are left out, because they
    /// have no normal form.
    /// </summary>
    private static string Normal(string password) => PlainText.Characters(password).Normalize(NormalizationForm.FormC);
}
