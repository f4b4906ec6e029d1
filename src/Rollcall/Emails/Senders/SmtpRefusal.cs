using System.Globalization;

namespace Rollcall.Emails.Senders;

/// <summary>The server refused a command.</summary>
/// <param name="to">The command, or "the message".</param>
/// <param name="code">The three-digit reply code.</param>
/// <param name="words">The rest of the reply.</param>
internal sealed class SmtpRefusal(string to, int code, string words)
    : Exception($"{code.ToString(CultureInfo.InvariantCulture)} {words}")
{
    public string To => to;
    public int Code => code;
}
