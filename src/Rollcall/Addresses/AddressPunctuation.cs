namespace Rollcall.Addresses;

/// <summary>
/// Punctuation that surrounds addresses in letters, spreadsheets and mail programs but is not part of them.
/// </summary>
internal static class AddressPunctuation
{
    private const int LongestLabel = 8;
    private const int LongestNumber = 4;

    /// <summary>Quotation marks, brackets, bullets and dashes: an address neither begins nor ends with one.</summary>
    private const string Around =
        "\"'`()[]<>|,;\u00AB\u00B7\u00BB\u2010\u2011\u2012\u2013\u2014\u2015\u2018\u2019"
        + "\u201A\u201C\u201D\u201E\u2022\u2023\u2026\u2039\u203A\u2043"
        + "\u2190\u2192\u2219\u25A0\u25A1\u25AA\u25AB\u25B6\u25B8\u25BA\u25CB\u25CF\u25E6\uFF0C\uFF1B";

    /// <summary>
    /// Markdown and chat emphasis. These characters are valid before the "@", so they are removed only in pairs.
    /// </summary>
    private const string Pairs = "*_~{}";

    private const string Stops = ".:!?";

    private static readonly HashSet<string> Labels = new(StringComparer.OrdinalIgnoreCase)
    {
        "to",
        "cc",
        "bcc",
        "from",
        "mail",
        "e-mail",
        "email",
        "mailto",
        "smtp",
    };

    // Word copies a bullet as "o".
    private static readonly HashSet<string> Joining = ["and", "or", "to", "cc", "bcc", "from", "email", "mail", "o"];

    /// <summary>The part of a word that is meant as the address.</summary>
    public static (int From, int To) Inner(string text, int from, int to)
    {
        var hasSubject = true;
        while (from < to)
        {
            var first = text[from];
            var last = text[to - 1];
            if (IsAround(first))
            {
                from++;
            }
            else if (IsAround(last) || Stops.Contains(last))
            {
                to--;
            }
            else if (Pairs.Contains(last))
            {
                from += first == last || (first == '{' && last == '}') ? 1 : 0;
                to--;
            }
            else if (LabelEnd(text, from, to) is var end && end > from)
            {
                from = end;
                if (hasSubject && text.AsSpan(from, to - from).IndexOf('?') is var subject)
                {
                    // A mailto: link may continue with a subject.
                    hasSubject = false;
                    to = subject < 0 ? to : from + subject;
                }
            }
            else
            {
                break;
            }
        }

        return (from, Math.Max(from, to));
    }

    /// <summary>Whether there is nothing to report: only punctuation, bullets, "1." or "To:".</summary>
    public static bool IsNothing(string text, int from, int to)
    {
        while (from < to)
        {
            var end =
                IsAround(text[from]) || (char.IsAscii(text[from]) && !char.IsAsciiLetterOrDigit(text[from]))
                    ? from + 1
                    : LabelEnd(text, from, to);
            if (end == from)
            {
                return false;
            }

            from = end;
        }

        return true;
    }

    /// <summary>A dot within a word, as in "bob.example.com": possibly an address without its "@".</summary>
    public static bool LooksLikeHost(string text, int from, int to)
    {
        for (var i = from + 1; i + 1 < to; i++)
        {
            if (text[i] == '.' && char.IsAsciiLetterOrDigit(text[i - 1]) && char.IsAsciiLetterOrDigit(text[i + 1]))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// The start of an address split by a space, as in "sp ace@x.com". A lower-case word alone before an address is
    /// probably its first half, and the rest would be someone else's address. Returns -1 for a name or a word such as
    /// "and".
    /// </summary>
    public static int FirstHalf(string text, int from, int start, EmailAddress address)
    {
        static bool IsSpace(char c) => c != '\t' && char.IsWhiteSpace(c);
        var end = start;
        while (end > from && IsSpace(text[end - 1]))
        {
            end--;
        }

        var word = end;
        while (
            word > from
            && (
                char.IsAsciiLetterLower(text[word - 1])
                || char.IsAsciiDigit(text[word - 1])
                || "._-+'".Contains(text[word - 1], StringComparison.Ordinal)
            )
        )
        {
            word--;
        }

        var before = word;
        while (before > from && IsSpace(text[before - 1]))
        {
            before--;
        }

        var half = text[word..end];
        var isName =
            end == start
            || before > from
            || !half.Any(char.IsAsciiLetterLower)
            || Joining.Contains(half)
            || address.Key.StartsWith(half, StringComparison.Ordinal);
        return isName ? -1 : word;
    }

    /// <summary>The index after "To:", "1)" or "1. ", or <paramref name="from"/> if there is no label.</summary>
    private static int LabelEnd(string text, int from, int to)
    {
        var i = from;
        while (i < to && i - from < LongestNumber && char.IsAsciiDigit(text[i]))
        {
            i++;
        }

        if (i > from)
        {
            return i < to && (text[i] == ')' || (text[i] == '.' && (i + 1 == to || char.IsWhiteSpace(text[i + 1]))))
                ? i + 1
                : from;
        }

        while (i < to && i - from < LongestLabel && (char.IsAsciiLetter(text[i]) || text[i] == '-'))
        {
            i++;
        }

        return i < to && text[i] == ':' && Labels.Contains(text[from..i]) ? i + 1 : from;
    }

    private static bool IsAround(char c) => Around.Contains(c, StringComparison.Ordinal) || EmailAddress.IsBlank(c);
}
