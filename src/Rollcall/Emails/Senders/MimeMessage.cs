using System.Globalization;
using System.Text;
using Rollcall.Addresses;

namespace Rollcall.Emails.Senders;

/// <summary>An email in MIME form (RFC 5322, 2045, 2047): ASCII only, with text and HTML alternatives.</summary>
internal static class MimeMessage
{
    /// <summary>Bytes per encoded word. After the longest header name, the line stays under 76 characters.</summary>
    private const int EncodedWordBytes = 39;

    /// <exception cref="FormatException">The address, the subject or the Message-ID is not one valid line.</exception>
    public static byte[] Write(RenderedEmail email)
    {
        if (email.Subject.Any(char.IsControl) || email.MessageId.Any(char.IsControl))
        {
            throw new FormatException("The subject or the Message-ID is not one line.");
        }

        var boundary = $"part-{Guid.NewGuid():N}";
        var message = $"""
            Date: {email.Date.UtcDateTime.ToString("ddd, dd MMM yyyy HH:mm:ss", CultureInfo.InvariantCulture)} +0000
            From: {Words(email.FromName)} <{Mailbox(email.From)}>
            To: {Mailbox(email.To)}
            Reply-To: {Mailbox(email.ReplyTo)}
            Subject: {Words(email.Subject)}
            Message-ID: {email.MessageId}
            Auto-Submitted: auto-generated
            MIME-Version: 1.0
            Content-Type: multipart/alternative; boundary="{boundary}"

            {Part("text/plain", email.Text)}
            {Part("text/html", email.Html)}
            --{boundary}--

            """;
        return Encoding.ASCII.GetBytes(message.ReplaceLineEndings("\r\n"));

        string Part(string type, string content) =>
            $"""
                --{boundary}
                Content-Type: {type}; charset=utf-8
                Content-Transfer-Encoding: quoted-printable

                {QuotedPrintable(content)}
                """;
    }

    /// <summary>The address for the SMTP envelope; always exactly one.</summary>
    public static string Mailbox(string address) =>
        EmailAddress.TryParse(address, out var parsed)
            ? parsed.Mailbox
            : throw new FormatException("This is not one email address.");

    /// <summary>Header text, always as encoded words, which need no quoting and can only be text.</summary>
    private static string Words(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (Encoding.UTF8.GetByteCount(word.ToString()) + rune.Utf8SequenceLength > EncodedWordBytes)
            {
                words.Add(Encoded(word));
                word.Clear();
            }

            word.Append(rune.ToString());
        }

        words.Add(Encoded(word));
        return string.Join("\n ", words);

        static string Encoded(StringBuilder word) =>
            $"=?utf-8?B?{Convert.ToBase64String(Encoding.UTF8.GetBytes(word.ToString()))}?=";
    }

    private static string QuotedPrintable(string text)
    {
        var encoded = new StringBuilder(text.Length * 2);
        foreach (var line in text.Split('\n'))
        {
            var bytes = Encoding.UTF8.GetBytes(line.TrimEnd('\r'));
            var column = 0;
            for (var i = 0; i < bytes.Length; i++)
            {
                var isPlain = bytes[i] is > 32 and < 127 and not (byte)'=' || (bytes[i] is 32 && i < bytes.Length - 1);
                var piece = isPlain
                    ? ((char)bytes[i]).ToString()
                    : string.Create(CultureInfo.InvariantCulture, $"={bytes[i]:X2}");
                if (column + piece.Length > 75)
                {
                    encoded.Append("=\n");
                    column = 0;
                }

                encoded.Append(piece);
                column += piece.Length;
            }

            encoded.Append('\n');
        }

        return encoded.Remove(encoded.Length - 1, 1).ToString();
    }
}
