using System.Globalization;
using System.Text;

namespace Rollcall.Addresses;

/// <summary>
/// Validates the domain of an email address and converts it to ASCII: letters, digits and hyphens (STD3), or an
/// internationalised name.
/// </summary>
internal static class EmailHost
{
    private const int MaxLength = 253;
    private const int MaxLabel = 63;

    private static readonly IdnMapping Idn = new() { UseStd3AsciiRules = true };

    /// <summary>The domain in lower-case ASCII, or null if mail cannot be sent there.</summary>
    public static string? ToAscii(string host)
    {
        if (host.Length > MaxLength)
        {
            return null; // the ASCII form is never shorter
        }

        // Japanese and Chinese keyboards type the ideographic full stop for a dot.
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
                // Throws unless this is the one valid encoding of its Unicode form; otherwise one domain would have two
                // keys.
                _ = Idn.GetUnicode(label);
            }

            return Checked(label);
        }
        catch (ArgumentException)
        {
            return null; // not a valid name: a lone surrogate, a forbidden character, broken punycode, too long
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
    /// Refuses the Kelvin sign, full-width letters and ligatures, which would silently become ASCII letters: the
    /// address would look like one thing and be another.
    /// </summary>
    private static bool LooksLikeAscii(string label) =>
        label.EnumerateRunes().Any(r => !r.IsAscii && Ascii.IsValid(r.ToString().Normalize(NormalizationForm.FormKC)));

    /// <summary>
    /// Top-level domains have two letters or more, or an internationalised name (RFC 1123, ICANN). So an IP address is
    /// not a domain.
    /// </summary>
    private static bool IsTopLevel(string label) =>
        label.StartsWith("xn--", StringComparison.Ordinal) || (label.Length >= 2 && label.All(char.IsAsciiLetterLower));
}
