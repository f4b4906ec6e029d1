using System.Buffers;

namespace Rollcall.Addresses;

/// <summary>Where words, addresses and names begin and end in a text.</summary>
internal static class AddressWords
{
    public static readonly SearchValues<char> Separators = SearchValues.Create(",;\uFF0C\uFF1B");

    private static readonly SearchValues<char> Ats = SearchValues.Create("@\uFF20\uFE6B");

    public static bool HasAt(string text, int from, int to) => text.AsSpan(from, to - from).ContainsAny(Ats);

    public static bool IsAt(char c) => Ats.Contains(c);

    public static bool IsSpace(char c) => c != '\t' && char.IsWhiteSpace(c);

    public static bool IsBoundary(char c) => char.IsWhiteSpace(c) || c is '<' or '>' || Separators.Contains(c);

    /// <summary>
    /// Where the name before a bracketed address begins: after the last separator, unless that is in quotation marks or
    /// is the comma between a last and a first name.
    /// </summary>
    public static int NameStart(string text, int told, int start)
    {
        var end = start;
        while (end > told && (IsSpace(text[end - 1]) || text[end - 1] is '\t' or '<' or '(' or '['))
        {
            end--;
        }

        if (
            end > told
            && text[end - 1] == '"'
            && text.AsSpan(told, end - 1 - told).LastIndexOf('"') is >= 0 and var quote
        )
        {
            return told + quote;
        }

        var comma = told + text.AsSpan(told, end - told).LastIndexOfAny(Separators);
        if (comma < told)
        {
            return told;
        }

        var before = told + text.AsSpan(told, comma - told).LastIndexOfAny(Separators) + 1;
        var isLastName =
            text[comma] == ','
            && end > comma + 1
            && !AddressPunctuation.IsNothing(text, before, comma)
            && !AddressPunctuation.LooksLikeHost(text, before, comma);
        return isLastName ? before : comma + 1;
    }

    public static int WordEnd(string text, int i, int end)
    {
        var start = i;
        while (i < end && !IsBoundary(text[i]) && !(text[i] == '(' && i > start && text[i - 1] == ']'))
        {
            i++; // "](" is the middle of a Markdown link.
        }

        return i;
    }

    public static int EndAfterSpace(string text, int i, int end)
    {
        var next = i;
        while (next < end && IsSpace(text[next]))
        {
            next++;
        }

        var nextEnd = WordEnd(text, next, end);
        return nextEnd == next || HasAt(text, next, nextEnd) ? i : nextEnd;
    }

    /// <summary>"jane@gmail,com"</summary>
    public static int EndAfterComma(string text, int word, int i, int end)
    {
        if (i >= end || text[i] != ',')
        {
            return i;
        }

        var next = i + 1;
        while (
            next < end
            && next - i <= AddressSuggestion.LongestEnding
            && (char.IsAsciiLetter(text[next]) || text[next] == '.')
        )
        {
            next++;
        }

        return
            (next == end || !char.IsAsciiLetterOrDigit(text[next]) && !IsAt(text[next]))
            && AddressSuggestion.MayJoin(text.AsSpan(word, i - word), text.AsSpan(i + 1, next - i - 1))
            ? next
            : i;
    }
}
