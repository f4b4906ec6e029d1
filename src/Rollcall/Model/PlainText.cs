using System.Globalization;
using System.Text;

namespace Rollcall.Model;

/// <summary>What somebody typed, made fit to store and to show: one line, one spelling (NFC), nothing that cannot be seen.</summary>
internal static class PlainText
{
    /// <summary>
    /// Whitespace of every kind becomes single spaces; control characters, zero-width characters, bidi overrides and halves of surrogate
    /// pairs go. Applying it twice changes nothing more.
    /// </summary>
    public static string OneLine(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "";
        }

        var clean = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length;)
        {
            var valid = Rune.TryGetRuneAt(text, at, out var rune);
            at += valid ? rune.Utf16SequenceLength : 1;
            if (!valid)
            {
                continue; // Half a surrogate pair: Normalize would throw, and UTF-8 has no way to write it.
            }

            if (Rune.IsWhiteSpace(rune))
            {
                if (clean.Length > 0 && clean[^1] != ' ')
                {
                    clean.Append(' ');
                }
            }
            else if (!IsInvisible(rune) || JoinsLetters(rune, clean, text, at))
            {
                clean.Append(rune.ToString());
            }
        }

        // Only now: taking out what stood between a letter and its accent lets the two compose.
        return clean.ToString().TrimEnd(' ').Normalize(NormalizationForm.FormC);
    }

    /// <summary>Characters that show nothing by themselves: control and format characters, and the fillers that look like a blank.</summary>
    public static bool IsInvisible(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
        || rune.Value is 0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or 0x2800 or 0x3164 or 0xFFA0;

    /// <summary>
    /// Persian, Sinhala and other scripts spell with the zero-width joiner and non-joiner; between two letters of such a script, which are
    /// the ones without upper and lower case, they are part of the name.
    /// </summary>
    private static bool JoinsLetters(Rune rune, StringBuilder before, string text, int next) =>
        rune.Value is 0x200C or 0x200D
        && before.Length > 0 && char.GetUnicodeCategory(before[^1]) is UnicodeCategory.OtherLetter or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark
        && before[^1] > '\u0370'
        && Rune.TryGetRuneAt(text, Math.Min(next, text.Length - 1), out var following)
        && Rune.GetUnicodeCategory(following) is UnicodeCategory.OtherLetter;
}
