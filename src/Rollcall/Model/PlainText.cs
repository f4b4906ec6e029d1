using System.Globalization;
using System.Text;

namespace Rollcall.Model;

/// <summary>One line of text as a person meant it.</summary>
internal static class PlainText
{
    /// <summary>
    /// Without what cannot be seen: control and format characters (zero-width, soft hyphen, direction overrides, NUL, half surrogate pairs); runs of
    /// spaces and line breaks become one space; composed (NFC). Never throws, never grows, and cleaning again changes nothing.
    /// </summary>
    public static string Clean(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return "";
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            // A half surrogate pair is enumerated as U+FFFD; a real U+FFFD is a decoding error somewhere. Neither is meant.
            if (Rune.IsWhiteSpace(rune))
            {
                if (clean.Length > 0 && clean[^1] != ' ')
                    clean.Append(' ');
            }
            else if (rune != Rune.ReplacementChar && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned))
            {
                clean.Append(rune);
            }
        }
        if (clean.Length > 0 && clean[^1] == ' ')
            clean.Length--;
        return clean.ToString().Normalize(NormalizationForm.FormC);
    }
}
