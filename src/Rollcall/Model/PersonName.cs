using System.Text;

namespace Rollcall.Model;

/// <summary>
/// A first or a last name. Nearly everything is a name; refused is only what a mail program would turn into a link or markup, because a
/// stranger reads the name in an email that this service signs with its own (trust rule 14).
/// </summary>
internal static class PersonName
{
    /// <summary>In code points, as PostgreSQL counts the characters of varchar(100).</summary>
    public const int MaxLength = 100;

    public const string First = "First name";
    public const string Last = "Last name";

    private static readonly string[] LinkMarks = ["://", "www.", "http:", "https:", "mailto:", "\\\\"];

    /// <summary>The name as stored, or the one field error to show. <paramref name="label"/> is the field's, "First name" or "Last name".</summary>
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

    /// <summary>How a person is called on screens and in emails; somebody invited by address alone has no name yet, and the address stands there.</summary>
    public static string FullName(string? first, string? last, string email)
    {
        var name = PlainText.OneLine($"{first} {last}");
        return name.Length > 0 ? name : email;
    }

    private static bool IsLink(string name) =>
        LinkMarks.Any(mark => name.Contains(mark, StringComparison.OrdinalIgnoreCase)) || HasDomain(name);

    /// <summary>
    /// A dot with a letter or digit right before it and two or more right after: "evil.com", "t.co". Initials (J.R.R.) and a full stop
    /// that ends a word (St. John) pass. There is no list of top-level domains to go stale; the price is that "St.John" needs its space.
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

    /// <summary>A surrogate is half of a letter outside the basic plane (or of an emoji, which domains can hold too).</summary>
    private static bool IsWordAt(string name, int at) =>
        at < name.Length && (char.IsLetterOrDigit(name[at]) || char.IsSurrogate(name[at]) || name[at] == '-');
}
