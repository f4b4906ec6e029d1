using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Rollcall.Model;

/// <summary>
/// An email address that mail can be sent to. Two spellings are one address when their <see cref="Key"/> is the same: that is this
/// service's decision, written here once, and the unique index stands on it. No provider's own folding (Gmail's dots, "+") is applied.
/// </summary>
internal sealed record EmailAddress
{
    public const string Missing = "Enter an email address";
    public const string WrongFormat = "Enter an email address in the correct format, like name@example.com";
    public const string InUse = "Email address already in use";

    public const int MaxLength = 320;

    /// <summary>RFC 5322's atom characters without "|", which no provider hands out and which old mail software takes for a pipe.</summary>
    private const string LocalSymbols = "!#$%&'*+-/=?^_`{}~.";

    private EmailAddress(string display, string local, string host)
    {
        Display = display;
        Mailbox = $"{local}@{host}";
        Key = $"{AsciiLower(local)}@{host}";
    }

    /// <summary>As typed, cleaned: stored, shown and written to.</summary>
    public string Display { get; }

    /// <summary>As typed before the "@", the ASCII form of the domain after it: what an SMTP server is told.</summary>
    public string Mailbox { get; }

    /// <summary>Equal for every spelling of one address.</summary>
    public string Key { get; }

    /// <summary>The domain in ASCII (punycode) and lower case.</summary>
    public string Host => Key[(Key.LastIndexOf('@') + 1)..];

    /// <summary>For logs: the first character and the domain.</summary>
    public string Masked => $"{Display[0]}•••@{Host}";

    public bool Equals(EmailAddress? other) => other is not null && string.Equals(Key, other.Key, StringComparison.Ordinal);

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Key);

    public override string ToString() => Display;

    /// <summary>The address, or the one field error to show.</summary>
    public static (EmailAddress? Address, string? Error) Check(string? text, IEnumerable<string>? blockedDomains = null)
    {
        if (Clean(text).Length == 0)
        {
            return (null, Missing);
        }

        if (!TryParse(text, out var address))
        {
            return (null, WrongFormat);
        }

        var blocked = BlockedBy(address, blockedDomains ?? []);
        return blocked is null ? (address, null) : (null, NotAccepted(blocked));
    }

    public static bool TryParse(string? text, [NotNullWhen(true)] out EmailAddress? address)
    {
        address = null;
        var clean = Clean(text);
        var at = clean.IndexOf('@', StringComparison.Ordinal);
        if (clean.Length > MaxLength || at < 1 || !IsLocal(clean.AsSpan(0, at)) || EmailHost.ToAscii(clean[(at + 1)..]) is not { } host)
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

    /// <summary>Whether the address belongs to one of the domains or to a sub-domain of one.</summary>
    public static bool IsBlocked(EmailAddress address, IEnumerable<string> domains) => BlockedBy(address, domains) is not null;

    /// <summary>The error for an address at a domain that the setting BlockedEmailDomains names.</summary>
    public static string NotAccepted(string domain) => $"Enter an email address that does not end in {domain}";

    /// <summary>For logs, whatever the text is.</summary>
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
    /// Copying from a spreadsheet, a chat or a web page brings spaces and invisible characters along. Spaces go at both ends only (inside,
    /// they mean that something else was pasted); zero-width characters and soft hyphens go everywhere, because nobody can see them.
    /// </summary>
    private static string Clean(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "";
        }

        var (start, end) = (0, text.Length);
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

    private static bool IsZeroWidth(char c) => c is '\u00AD' or '\u180E' or '\u200B' or '\u200C' or '\u200D' or '\u2060' or '\uFEFF';

    /// <summary>Nothing to see at the ends of a pasted text, direction marks (Windows adds them) included.</summary>
    internal static bool IsBlank(char c) => char.IsWhiteSpace(c) || (!char.IsSurrogate(c) && !char.IsControl(c) && PlainText.IsInvisible(new Rune(c)));

    /// <summary>
    /// Folds A to Z and nothing else: a culture's rules (Turkish), or Unicode's, would make one address of two (the Kelvin sign and "k").
    /// </summary>
    private static string AsciiLower(string text) =>
        string.Create(text.Length, text, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = char.IsAsciiLetterUpper(source[i]) ? (char)(source[i] | 0x20) : source[i];
            }
        });
}
