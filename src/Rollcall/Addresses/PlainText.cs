using System.Globalization;
using System.Text;

namespace Rollcall.Addresses;

/// <summary>Typed text made fit to store and show: one line, one spelling (NFC), no invisible characters.</summary>
internal static class PlainText
{
    /// <summary>
    /// Turns whitespace of every kind into single spaces. Removes control and zero-width characters, bidi overrides,
    /// lone surrogates and noncharacters. Idempotent.
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

        // Normalised again: a letter and its accent can compose once the character between them is gone.
        return clean.ToString().TrimEnd(' ').Normalize(NormalizationForm.FormC);
    }

    /// <summary>The first <paramref name="most"/> UTF-16 units at most, without splitting a character.</summary>
    public static string Cut(string text, int most) =>
        text.Length <= most ? text : text[..(char.IsHighSurrogate(text[most - 1]) ? most - 1 : most)];

    /// <summary>Characters that show nothing: control and format characters, and fillers that look blank.</summary>
    public static bool IsInvisible(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
        || rune.Value is 0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or 0x2800 or 0x3164 or 0xFFA0;

    /// <summary>
    /// Removes lone surrogates and noncharacters: Normalize throws on them, and UTF-8 cannot encode half a surrogate
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
    /// Persian, Sinhala and other scripts spell with the zero-width joiner and non-joiner. Between two letters of a
    /// script without upper and lower case, or after one vowel sign, they are part of the name.
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

    // Latin's ordinal signs count as letters without case; they come before the first of these scripts.
    private static bool IsCaselessLetter(string text, int at) =>
        Rune.TryGetRuneAt(text, at, out var rune)
        && rune.Value > 0x0590
        && Rune.GetUnicodeCategory(rune) is UnicodeCategory.OtherLetter
        && !IsInvisible(rune);
}
