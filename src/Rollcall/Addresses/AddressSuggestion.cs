using System.Text;

namespace Rollcall.Addresses;

/// <summary>
/// Suggests the address that was probably meant. No suggestion is better than a wrong one, because people accept what a
/// page suggests.
/// </summary>
internal static class AddressSuggestion
{
    public const int LongestEnding = 7;

    /// <summary>
    /// Common mail domains. Short names (me.com, nhs.net) are left out: one slip turns them into another real domain.
    /// </summary>
    private static readonly string[] Known =
    [
        "gmail.com",
        "googlemail.com",
        "hotmail.com",
        "hotmail.co.uk",
        "outlook.com",
        "yahoo.com",
        "yahoo.co.uk",
        "icloud.com",
        "btinternet.com",
        "virginmedia.com",
        "talktalk.net",
        "protonmail.com",
        "ntlworld.com",
        "blueyonder.co.uk",
        "education.gov.uk",
        "digital.education.gov.uk",
        "justice.gov.uk",
        "homeoffice.gov.uk",
        "cabinetoffice.gov.uk",
    ];

    /// <summary>Real domains that are one slip away from a known one.</summary>
    private static readonly string[] Real = ["mail.com", "cloud.com"];

    /// <summary>Endings that no domain has.</summary>
    private static readonly (string Wrong, string Right)[] Endings =
    [
        (".con", ".com"),
        (".cmo", ".com"),
        (".ocm", ".com"),
        (".comm", ".com"),
        (".coom", ".com"),
        (".vom", ".com"),
        (".xom", ".com"),
        (".cpm", ".com"),
        (".ku", ".uk"),
        (".ogr", ".org"),
        (".gvo.uk", ".gov.uk"),
        (".ogv.uk", ".gov.uk"),
    ];

    /// <summary>Endings that can follow a comma typed for a dot.</summary>
    private static readonly string[] AfterComma =
    [
        "com",
        "net",
        "org",
        "uk",
        "co.uk",
        "org.uk",
        "gov.uk",
        "ac.uk",
        "nhs.uk",
        "sch.uk",
    ];

    private static readonly string[] Finished = [".com", ".net", ".org", ".uk"];

    private static readonly (string Wrong, string Right)[] WithoutDots =
    [
        ("couk", ".co.uk"),
        ("orguk", ".org.uk"),
        ("govuk", ".gov.uk"),
        ("acuk", ".ac.uk"),
        ("nhsuk", ".nhs.uk"),
        ("schuk", ".sch.uk"),
    ];

    /// <param name="word">As typed, without surrounding punctuation.</param>
    /// <param name="address">The parsed address, if the word is already valid.</param>
    public static string? For(string word, EmailAddress? address)
    {
        if (word.Length > EmailAddress.MaxLength)
        {
            return null;
        }

        var text = address?.Display ?? Mended(word);
        var at = text.IndexOf('@', StringComparison.Ordinal);
        var host = text[(at + 1)..];
        return
            EmailAddress.TryParse(
                text[..(at + 1)] + (Ascii.IsValid(host) ? Host(host.ToLowerInvariant()) : host),
                out var meant
            ) && !meant.Equals(address)
            ? meant.Display
            : null;
    }

    /// <summary>
    /// Whether "jane@gmail" and "com" with a comma between them are one address. "com" is not a list entry otherwise.
    /// </summary>
    public static bool MayJoin(ReadOnlySpan<char> before, ReadOnlySpan<char> after)
    {
        foreach (var ending in Finished)
        {
            if (before.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
            {
                return false;
            }
        }

        foreach (var ending in AfterComma)
        {
            if (after.Equals(ending, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static string Mended(string word)
    {
        var mended = new StringBuilder(word.Length);
        foreach (var c in word)
        {
            var right = c switch
            {
                '\uFF20' or '\uFE6B' => '@',
                ',' => '.',
                _ => c,
            };
            if (!char.IsWhiteSpace(c) && !(right == '@' && mended.Length > 0 && mended[^1] == '@'))
            {
                mended.Append(right);
            }
        }

        return mended.ToString();
    }

    private static string Host(string host)
    {
        foreach (var (wrong, right) in Endings)
        {
            if (host.EndsWith(wrong, StringComparison.Ordinal))
            {
                host = host[..^wrong.Length] + right;
                break;
            }
        }

        if (Known.Contains(host) || Real.Contains(host))
        {
            return host;
        }

        if (Array.Find(Known, known => IsOneSlip(host, known)) is { } near)
        {
            return near;
        }

        var joined = Array.Find(
            WithoutDots,
            ending => host.Length > ending.Wrong.Length + 1 && host.EndsWith(ending.Wrong, StringComparison.Ordinal)
        );
        return joined.Wrong is null || host.Contains('.', StringComparison.Ordinal)
            ? host
            : host[..^joined.Wrong.Length] + joined.Right;
    }

    /// <summary>
    /// One character missing or doubled, or two swapped. A wrong character does not count: email.com is not a misspelt
    /// gmail.com.
    /// </summary>
    private static bool IsOneSlip(string typed, string known)
    {
        var i = typed.AsSpan().CommonPrefixLength(known);
        return (typed.Length - known.Length) switch
        {
            0 => i + 1 < known.Length
                && typed[i] == known[i + 1]
                && typed[i + 1] == known[i]
                && typed.AsSpan(i + 2).SequenceEqual(known.AsSpan(i + 2)),
            -1 => typed.AsSpan(i).SequenceEqual(known.AsSpan(i + 1)),
            1 => i > 0 && typed[i] == typed[i - 1] && typed.AsSpan(i + 1).SequenceEqual(known.AsSpan(i)),
            _ => false,
        };
    }
}
