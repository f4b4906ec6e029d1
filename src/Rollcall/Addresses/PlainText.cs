using System.Globalization;
using System.Text;

namespace Rollcall.Addresses;

/// <summary>
/// What somebody typed, made fit to store and to show: one line, one spelling (NFC), nothing that cannot be seen.
/// </summary>
internal static class PlainText
{
    /// <summary>
    /// Whitespace of every kind becomes single spaces; control characters, zero-width characters, bidi overrides,
    /// halves of surrogate pairs and code points that are no characters go. Applying it twice changes nothing more.
    /// </summary>
    public static string OneLine(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "";
        }

        text = Characters(text).Normalize(NormalizationForm.FormC);
        var clean = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length; )
        {
            var rune = Rune.GetRuneAt(text, at);
            at += rune.Utf16SequenceLength;
            if (Rune.IsWhiteSpace(rune))
            {
                if (clean.Length > 0 && clean[^1] != ' ')
                {
                    clean.Append(' ');
                }
            }
            else if (!IsInvisible(rune) || (IsJoiner(rune) && JoinsTheEnd(clean) && IsLetterAt(text, at)))
            {
                clean.Append(rune.ToString());
            }
        }

        // Again: taking out what stood between a letter and its accent lets the two compose.
        return clean.ToString().TrimEnd(' ').Normalize(NormalizationForm.FormC);
    }

    /// <summary>The beginning, of at most so many chars, without splitting a character.</summary>
    public static string Cut(string text, int most) =>
        text.Length <= most ? text : text[..(char.IsHighSurrogate(text[most - 1]) ? most - 1 : most)];

    /// <summary>
    /// Characters that show nothing by themselves: control and format characters, and the fillers that look like a
    /// blank.
    /// </summary>
    public static bool IsInvisible(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
        || rune.Value is 0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or 0x2800 or 0x3164 or 0xFFA0;

    /// <summary>
    /// Without what is no character at all: Normalize throws at it, and UTF-8 has no way to write half a surrogate
    /// pair.
    /// </summary>
    public static string Characters(string text)
    {
        var kept = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length; )
        {
            var valid = Rune.TryGetRuneAt(text, at, out var rune);
            at += valid ? rune.Utf16SequenceLength : 1;
            if (valid && (rune.Value & 0xFFFE) != 0xFFFE && rune.Value is not (>= 0xFDD0 and <= 0xFDEF))
            {
                kept.Append(rune.ToString());
            }
        }

        return kept.ToString();
    }

    /// <summary>
    /// Persian, Sinhala and other scripts spell with the zero-width joiner and non-joiner. Between two letters of such
    /// a script (they have no upper and lower case), or after one vowel sign, they are part of the name.
    /// </summary>
    private static bool IsJoiner(Rune rune) => rune.Value is 0x200C or 0x200D;

    private static bool JoinsTheEnd(StringBuilder before)
    {
        var at = before.Length - 1;
        if (
            at > 0
            && char.GetUnicodeCategory(before[at])
                is UnicodeCategory.NonSpacingMark
                    or UnicodeCategory.SpacingCombiningMark
        )
        {
            at--;
        }

        return at >= 0 && IsCaselessLetter(new string(before[at], 1), 0);
    }

    private static bool IsLetterAt(string text, int at) => at < text.Length && IsCaselessLetter(text, at);

    // Below the first of them stand Latin's ordinal signs, which count as letters without case.
    private static bool IsCaselessLetter(string text, int at) =>
        Rune.TryGetRuneAt(text, at, out var rune)
        && rune.Value > 0x0590
        && Rune.GetUnicodeCategory(rune) is UnicodeCategory.OtherLetter
        && !IsInvisible(rune);
}
