using System.Globalization;
using System.Text;

namespace Rollcall.Addresses;

/// <summary>
/// A first or last name. Nearly everything is accepted. Refused is only what a mail program would turn into a link or
/// markup, because strangers read the name in emails sent in the service's name.
/// </summary>
internal static class PersonName
{
    /// <summary>In code points, as PostgreSQL counts varchar(100).</summary>
    public const int MaxLength = 100;

    public const string First = "First name";
    public const string Last = "Last name";

    private static readonly string[] LinkMarks = ["://", "www.", "http:", "https:", "mailto:", "\\\\"];

    /// <summary>
    /// The name to store, or the error message for the field. <paramref name="label"/> names the field: "First name" or
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
    /// The name shown on screens and in emails: the email address until a person who was invited by address alone has a
    /// name. The parts are as <see cref="Check"/> gave them.
    /// </summary>
    public static string FullName(string? first, string? last, string email)
    {
        var name =
            string.IsNullOrEmpty(first) ? last
            : string.IsNullOrEmpty(last) ? first
            : $"{first} {last}";
        return string.IsNullOrWhiteSpace(name) ? email : name;
    }

    /// <summary>
    /// Whether the name may appear in the greeting of an email to a stranger. A name that looks like a telephone
    /// number, an address or a sentence is stored and shown in the organisation, but not sent.
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

    /// <summary>The longest full name in an email, in code points.</summary>
    private const int LongestInEmails = 60;

    /// <summary>"John 2nd" is a name; three digits in a row begin a telephone number.</summary>
    private const int MostDigitsInEmails = 2;

    /// <summary>
    /// Characters other than letters that names contain, as in "Anne-Marie O’Neill (née St. John), Jr.". The last two
    /// join letters of some scripts.
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
    /// A dot with a letter or digit before it and two or more after it: "evil.com", "t.co". Initials (J.R.R.) and a
    /// full stop at the end of a word (St. John) are accepted. This needs no list of top-level domains that goes out of
    /// date; the price is that "St.John" needs a space.
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
    /// A surrogate is half of a character outside the basic plane, such as an emoji, which domains can contain too.
    /// </summary>
    private static bool IsWordAt(string name, int at) =>
        at < name.Length && (char.IsLetterOrDigit(name[at]) || char.IsSurrogate(name[at]) || name[at] == '-');
}
