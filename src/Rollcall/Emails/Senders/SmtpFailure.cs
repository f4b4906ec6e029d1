using System.Net.Mail;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Rollcall.Emails.Senders;

/// <summary>What an unsuccessful conversation with an SMTP server means (RFC 5321, RFC 4954).</summary>
internal static class SmtpFailure
{
    public static SendResult Classify(Exception problem) => problem switch
    {
        FormatException or ArgumentException => SendResult.Permanent, // No address, or a header that cannot be written.
        SmtpException smtp when Cause<AuthenticationException>(smtp) is not null => SendResult.Configuration, // The certificate.
        SmtpException smtp when Cause<SocketException>(smtp) is { } socket => Connection(socket),
        SmtpException { StatusCode: SmtpStatusCode.GeneralFailure, InnerException: null } => SendResult.Configuration, // No STARTTLS.
        SmtpException smtp when (int)smtp.StatusCode > 0 => Reply(smtp),
        // The connection or the time ran out at a point that the client does not tell; the server may have the message.
        _ => SendResult.Unknown,
    };

    public static string Describe(Exception problem) =>
        problem is SmtpException { StatusCode: not SmtpStatusCode.GeneralFailure } smtp
            ? $"{(int)smtp.StatusCode} {smtp.Message}"
            : $"{problem.Message} {problem.InnerException?.Message}".Trim();

    private static SendResult Connection(SocketException problem) =>
        problem.SocketErrorCode is SocketError.ConnectionRefused or SocketError.HostNotFound or SocketError.TryAgain or SocketError.HostUnreachable
            or SocketError.NetworkUnreachable or SocketError.NetworkDown
            ? SendResult.Transient
            : SendResult.Unknown;

    private static SendResult Reply(SmtpException problem) => (int)problem.StatusCode switch
    {
        530 or 534 or 535 or 538 => SendResult.Configuration,
        // Refused before the recipient was named: this sender may not use this server.
        553 when problem is not SmtpFailedRecipientException => SendResult.Configuration,
        >= 500 => SendResult.Permanent,
        _ => SendResult.Transient,
    };

    private static T? Cause<T>(Exception? problem)
        where T : Exception
    {
        for (; problem is not null; problem = problem.InnerException)
        {
            if (problem is T cause)
            {
                return cause;
            }
        }

        return null;
    }
}
