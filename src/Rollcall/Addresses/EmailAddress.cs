using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Rollcall.Addresses;

/// <summary>
/// An email address that mail can be sent to. Two spellings are one address when their <see cref="Key"/> is equal; the
/// database's unique index uses the same key. Providers' own rules, such as Gmail's dots and "+", are not applied.
/// </summary>
internal sealed record EmailAddress
{
    public const string Missing = "Enter an email address";
    public const string WrongFormat = "Enter an email address in the correct format, like name@example.com";
    public const string InUse = "Email address already in use";

    /// <summary>
    /// The longest address that mail servers accept (RFC 5321, 4.5.3.1, and erratum 1690): 64 octets before the "@",
    /// 254 in all.
    /// </summary>
    public const int MaxLength = 254,
        MaxLocal = 64;

    public const string TooLong = "Email address must be 254 characters or fewer";
    public const string LocalTooLong = "The part of the email address before the @ must be 64 characters or fewer";

    /// <summary>
    /// The atom characters of RFC 5322 without "|", which no provider hands out and old mail software treats as a pipe.
    /// </summary>
    private const string LocalSymbols = "!#$%&'*+-/=?^_`{}~.";

    private EmailAddress(string display, string local, string host)
    {
        Display = display;
        Mailbox = $"{local}@{host}";
        Key = $"{AsciiLower(local)}@{host}";
    }

    /// <summary>As typed, cleaned. Stored, shown and used in emails.</summary>
    public string Display { get; }

    /// <summary>
    /// The address for an SMTP server: as typed before the "@", the ASCII form of the domain after it.
    /// </summary>
    public string Mailbox { get; }

    /// <summary>Equal for every spelling of the same address.</summary>
    public string Key { get; }

    /// <summary>The domain in lower-case ASCII (punycode).</summary>
    public string Host => Key[(Key.LastIndexOf('@') + 1)..];

    /// <summary>For logs: the first character and the domain.</summary>
    public string Masked => $"{Display[0]}•••@{Host}";

    public bool Equals(EmailAddress? other) =>
        other is not null && string.Equals(Key, other.Key, StringComparison.Ordinal);

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Key);

    public override string ToString() => Display;

    /// <summary>Parses the address, or returns the error message for the field.</summary>
    public static (EmailAddress? Address, string? Error) Check(string? text, IEnumerable<string>? blockedDomains = null)
    {
        if (Clean(text).Length == 0)
        {
            return (null, Missing);
        }

        if (!TryParse(text, out var address))
        {
            return (null, IsTooLong(text) ?? WrongFormat);
        }

        var blocked = BlockedBy(address, blockedDomains ?? []);
        return blocked is null ? (address, null) : (null, NotAccepted(blocked));
    }

    public static bool TryParse(string? text, [NotNullWhen(true)] out EmailAddress? address)
    {
        address = null;
        var clean = Clean(text);
        var at = clean.IndexOf('@', StringComparison.Ordinal);
        if (
            clean.Length > MaxLength
            || at is < 1 or > MaxLocal
            || !IsLocal(clean.AsSpan(0, at))
            || EmailHost.ToAscii(clean[(at + 1)..]) is not { } host
        )
        {
            return false;
        }

        var parsed = new EmailAddress(clean, clean[..at], host);
        if (parsed.Key.Length > MaxLength)
        {
            return false; // A domain in its own script grows when written in punycode.
        }

        address = parsed;
        return true;
    }

    /// <summary>The first reason why a text is not an address, to follow "It".</summary>
    public static string WhyNot(string text)
    {
        var clean = Clean(text);
        var at = clean.IndexOf('@', StringComparison.Ordinal);
        var last = clean.LastIndexOf('@');
        if (clean.AsSpan().IndexOfAny('\uFF20', '\uFE6B') >= 0)
        {
            return "has an @ that is not from a standard keyboard";
        }

        if (at < 0)
        {
            return "has no @";
        }

        var local = clean[..at];
        var host = clean[(at + 1)..];
        return at != last ? "has more than one @"
            : local.Length == 0 ? "has nothing before the @"
            : host.Length == 0 ? "has nothing after the @"
            : clean.Any(char.IsWhiteSpace) ? "has a space in it"
            : clean.Contains(',', StringComparison.Ordinal) ? "has a comma in it"
            : clean.Contains("..", StringComparison.Ordinal) ? "has two dots in a row"
            : local[0] == '.' || local[^1] == '.' || host[0] == '.' || host[^1] == '.' ? "has a dot in the wrong place"
            : IsTooLong(text) is not null ? "is too long"
            : !IsLocal(local) ? "has a character before the @ that email addresses cannot have"
            : !host.Contains('.', StringComparison.Ordinal) ? "has no dot after the @"
            : "has something after the @ that is not the name of a website";
    }

    private static string? IsTooLong(string? text)
    {
        var clean = Clean(text);
        var at = clean.IndexOf('@', StringComparison.Ordinal);
        return at < 1 || clean.LastIndexOf('@') != at || clean.Any(char.IsWhiteSpace) ? null
            : at > MaxLocal ? LocalTooLong
            : clean.Length > MaxLength
            || (EmailHost.ToAscii(clean[(at + 1)..]) is { } host && at + 1 + host.Length > MaxLength)
                ? TooLong
            : null;
    }

    /// <summary>The error for a domain listed in BlockedEmailDomains.</summary>
    public static string NotAccepted(string domain) => $"Enter an email address that does not end in {domain}";

    /// <summary>For logs, whether or not the text is an address.</summary>
    public static string Mask(string? text) => TryParse(text, out var address) ? address.Masked : "•••";

    private static string? BlockedBy(EmailAddress address, IEnumerable<string> domains)
    {
        var host = "." + address.Host;
        foreach (var domain in domains)
        {
            var name = domain.Trim().TrimStart('@', '*', '.');
            var ascii = EmailHost.ToAscii(name) ?? AsciiLower(name);
            if (ascii.Length > 0 && host.EndsWith("." + ascii, StringComparison.Ordinal))
            {
                return name;
            }
        }

        return null;
    }

    private static bool IsLocal(ReadOnlySpan<char> local)
    {
        if (local[0] == '.' || local[^1] == '.' || local.Contains("..", StringComparison.Ordinal))
        {
            return false;
        }

        foreach (var c in local)
        {
            if (!char.IsAsciiLetterOrDigit(c) && !LocalSymbols.Contains(c, StringComparison.Ordinal))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// Removes the spaces and invisible characters that come along when people copy from a spreadsheet, a chat or a web
    /// page. Spaces are removed only at the ends, because inside they show that something else was pasted. Zero-width
    /// characters and soft hyphens are removed everywhere, because no one can see them.
    /// </summary>
    private static string Clean(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "";
        }

        var start = 0;
        var end = text.Length;
        while (start < end && IsBlank(text[start]))
        {
            start++;
        }

        while (end > start && IsBlank(text[end - 1]))
        {
            end--;
        }

        var clean = new StringBuilder(end - start);
        foreach (var c in text.AsSpan(start, end - start))
        {
            if (!IsZeroWidth(c))
            {
                clean.Append(c);
            }
        }

        return clean.ToString();
    }

    private static bool IsZeroWidth(char c) =>
        c is '\u00AD' or '\u180E' or '\u200B' or '\u200C' or '\u200D' or '\u2060' or '\uFEFF';

    /// <summary>
    /// Blank or invisible at the ends of a pasted text, including the direction marks that Windows adds.
    /// </summary>
    internal static bool IsBlank(char c) =>
        char.IsWhiteSpace(c) || (!char.IsSurrogate(c) && !char.IsControl(c) && PlainText.IsInvisible(new Rune(c)));

    /// <summary>
    /// Folds only A to Z. A culture's rules (Turkish) or Unicode's (the Kelvin sign and "k") would turn two addresses
    /// into one.
    /// </summary>
    private static string AsciiLower(string text) =>
        string.Create(
            text.Length,
            text,
            static (span, source) =>
            {
                for (var i = 0; i < span.Length; i++)
                {
                    span[i] = char.IsAsciiLetterUpper(source[i]) ? (char)(source[i] | 0x20) : source[i];
                }
            }
        );
}
