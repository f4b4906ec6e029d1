using System.Globalization;
using System.Text;

namespace Rollcall.Addresses;

/// <summary>
/// The domain of an email address: letters, digits and hyphens (STD3), or an internationalised name, checked and made
/// ASCII.
/// </summary>
internal static class EmailHost
{
    private const int MaxLength = 253;
    private const int MaxLabel = 63;

    private static readonly IdnMapping Idn = new() { UseStd3AsciiRules = true };

    /// <summary>Lower-case ASCII, or null when mail cannot be sent there.</summary>
    public static string? ToAscii(string host)
    {
        if (host.Length > MaxLength)
        {
            return null; // The ASCII form is never shorter.
        }

        // The ideographic full stop is how a Japanese or Chinese keyboard writes the dot of a domain.
        var labels = host.Split('.', '\u3002');
        for (var i = 0; i < labels.Length; i++)
        {
            if (Label(labels[i]) is not { } ascii)
            {
                return null;
            }

            labels[i] = ascii;
        }

        var name = string.Join('.', labels);
        return labels.Length > 1 && name.Length <= MaxLength && IsTopLevel(labels[^1]) ? name : null;
    }

    private static string? Label(string label)
    {
        if (label.Length is 0 or > MaxLabel)
        {
            return null;
        }

        try
        {
            if (!Ascii.IsValid(label))
            {
                return LooksLikeAscii(label) ? null : Checked(Idn.GetAscii(label).ToLowerInvariant());
            }

            label = label.ToLowerInvariant();
            if (label.StartsWith("xn--", StringComparison.Ordinal))
            {
                // Throws unless it is the one spelling that its Unicode form has: otherwise one domain were two.
                _ = Idn.GetUnicode(label);
            }

            return Checked(label);
        }
        catch (ArgumentException)
        {
            return null; // Not a name: a lone surrogate, a forbidden character, broken punycode, too long.
        }
    }

    private static string? Checked(string label) =>
        label.Length <= MaxLabel
        && label[0] != '-'
        && label[^1] != '-'
        && label.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')
            ? label
            : null;

    /// <summary>
    /// The Kelvin sign, full-width letters and ligatures would quietly become ASCII letters: an address that reads as
    /// one thing and is another, so refused.
    /// </summary>
    private static bool LooksLikeAscii(string label) =>
        label.EnumerateRunes().Any(r => !r.IsAscii && Ascii.IsValid(r.ToString().Normalize(NormalizationForm.FormKC)));

    /// <summary>
    /// Top-level domains are two letters or more, or an internationalised name (RFC 1123, ICANN); so no IP address is a
    /// domain.
    /// </summary>
    private static bool IsTopLevel(string label) =>
        label.StartsWith("xn--", StringComparison.Ordinal) || (label.Length >= 2 && label.All(char.IsAsciiLetterLower));
}
