using System.Globalization;
using System.Text;

namespace Rollcall.Addresses;

/// <summary>
/// A first or a last name. Nearly everything is a name; refused is only what a mail program would turn into a link or
/// markup, because a stranger reads the name in an email that this service signs with its own (trust rule 14).
/// </summary>
internal static class PersonName
{
    /// <summary>In code points, as PostgreSQL counts the characters of varchar(100).</summary>
    public const int MaxLength = 100;

    public const string First = "First name";
    public const string Last = "Last name";

    private static readonly string[] LinkMarks = ["://", "www.", "http:", "https:", "mailto:", "\\\\"];

    /// <summary>
    /// The name as stored, or the one field error to show. <paramref name="label"/> is the field's, "First name" or
    /// "Last name".
    /// </summary>
    public static (string? Name, string? Error) Check(string? text, string label)
    {
        var name = PlainText.OneLine(text);
        if (name.Length == 0)
        {
            return (null, $"Enter a {label.ToLowerInvariant()}");
        }

        if (name.EnumerateRunes().Count() > MaxLength)
        {
            return (null, $"{label} must be {MaxLength} characters or fewer");
        }

        // Full-width and other look-alike characters are compared as what they look like.
        var seen = name.Normalize(NormalizationForm.FormKC).Replace('\u3002', '.');
        if (seen.AsSpan().ContainsAny('<', '>'))
        {
            return (null, $"{label} must not include < or >");
        }

        if (IsLink(seen))
        {
            return (null, $"{label} must not include a web address");
        }

        return seen.AsSpan().ContainsAny('[', ']') ? (null, $"{label} must not include [ or ]") : (name, null);
    }

    /// <summary>
    /// How a person is called on screens and in emails; somebody invited by address alone has no name yet, and the
    /// address stands there.
    /// </summary>
    public static string FullName(string? first, string? last, string email)
    {
        var name = PlainText.OneLine($"{first} {last}");
        return name.Length > 0 ? name : email;
    }

    /// <summary>
    /// Whether a stranger may read this in the greeting of an email that the service signs: what looks like a telephone
    /// number, an address or a sentence may be stored and shown to the people who typed it, and is not passed on.
    /// </summary>
    public static bool IsFitForEmails(string name)
    {
        var seen = name.Normalize(NormalizationForm.FormKC).Replace('\u3002', '.');
        return seen.EnumerateRunes().Count() <= LongestInEmails
            && !IsLink(seen)
            && seen.EnumerateRunes().Count(Rune.IsNumber) <= MostDigitsInEmails
            && seen.EnumerateRunes()
                .All(rune =>
                    Rune.IsLetter(rune)
                    || Rune.IsNumber(rune)
                    || IsMark(rune)
                    || NameMarks.Contains(rune.ToString(), StringComparison.Ordinal)
                );
    }

    /// <summary>Of a whole name, in code points.</summary>
    private const int LongestInEmails = 60;

    /// <summary>"John 2nd" is a name; three digits in a row are the beginning of a number to call.</summary>
    private const int MostDigitsInEmails = 2;

    /// <summary>
    /// What stands in names beside letters, such as in "Anne-Marie O’Neill (née St. John), Jr."; the last two join
    /// letters of some scripts.
    /// </summary>
    private const string NameMarks = " -‐‑.,'’‘ʼ`´()·\u200C\u200D";

    private static bool IsMark(Rune rune) =>
        Rune.GetUnicodeCategory(rune)
            is UnicodeCategory.NonSpacingMark
                or UnicodeCategory.SpacingCombiningMark
                or UnicodeCategory.ModifierLetter;

    private static bool IsLink(string name) =>
        LinkMarks.Any(mark => name.Contains(mark, StringComparison.OrdinalIgnoreCase)) || HasDomain(name);

    /// <summary>
    /// A dot with a letter or digit right before it and two or more right after: "evil.com", "t.co". Initials (J.R.R.)
    /// and a full stop that ends a word (St. John) pass. There is no list of top-level domains to go stale; the price
    /// is that "St.John" needs its space.
    /// </summary>
    private static bool HasDomain(string name)
    {
        for (var dot = name.IndexOf('.', 1 < name.Length ? 1 : 0); dot > 0; dot = name.IndexOf('.', dot + 1))
        {
            if (IsWordAt(name, dot - 1) && IsWordAt(name, dot + 1) && IsWordAt(name, dot + 2))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// A surrogate is half of a letter outside the basic plane (or of an emoji, which domains can hold too).
    /// </summary>
    private static bool IsWordAt(string name, int at) =>
        at < name.Length && (char.IsLetterOrDigit(name[at]) || char.IsSurrogate(name[at]) || name[at] == '-');
}
