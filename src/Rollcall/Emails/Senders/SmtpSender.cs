using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Microsoft.Extensions.Options;
using Rollcall.Addresses;

namespace Rollcall.Emails.Senders;

/// <summary>Sends messages to an SMTP server, each on its own connection and to one recipient.</summary>
internal sealed class SmtpSender(IOptions<RollcallOptions> options, TimeProvider clock) : IEmailSender
{
    private const int LongestDetail = 300;

    private readonly SmtpOptions server = options.Value.Email.Smtp;

    /// <summary>For a test's own certificate; null for the machine's trust store.</summary>
    public RemoteCertificateValidationCallback? Trusts { get; init; }

    public async Task<SendOutcome> SendAsync(RenderedEmail email, CancellationToken cancellationToken)
    {
        using var conversation = new SmtpConversation(server, clock) { Trusts = Trusts };
        try
        {
            var from = MimeMessage.Mailbox(email.From);
            var to = MimeMessage.Mailbox(email.To);
            await conversation.SendAsync(from, to, MimeMessage.Write(email), cancellationToken);
            return SendOutcome.Sent;
        }
        catch (FormatException problem)
        {
            return new(SendResult.Permanent, problem.Message);
        }
        catch (SmtpRefusal refusal)
        {
            return new(Meaning(refusal), PlainText.Cut(PlainText.OneLine(refusal.Message), LongestDetail));
        }
        catch (AuthenticationException problem) // certificate
        {
            return new(SendResult.Configuration, $"{problem.Message} {problem.InnerException?.Message}".Trim());
        }
        catch (Exception problem)
            when (problem is IOException or SocketException or TimeoutException or OperationCanceledException)
        {
            var words =
                problem is OperationCanceledException
                    ? $"Stopped while waiting for the mail server after {conversation.Step}"
                    : problem.Message;
            return new(conversation.MayHaveArrived ? SendResult.Unknown : SendResult.Transient, words);
        }
    }

    private static SendResult Meaning(SmtpRefusal refusal) =>
        (refusal.To, refusal.Code) switch
        {
            (_, < 500) => SendResult.Transient,
            (_, 530 or 534 or 535 or 538) => SendResult.Configuration,
            ("RCPT" or "DATA" or SmtpConversation.Message, _) => SendResult.Permanent,
            ("MAIL", 552) => SendResult.Permanent, // message too large
            // Refused before a recipient was named: the server does not accept us, or not this sender.
            _ => SendResult.Configuration,
        };
}
