using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Microsoft.Extensions.Options;
using Rollcall.Addresses;

namespace Rollcall.Emails.Senders;

/// <summary>Hands messages to an SMTP server, each on a connection and in an envelope of its own.</summary>
internal sealed class SmtpSender(IOptions<RollcallOptions> options, TimeProvider clock) : IEmailSender
{
    private const int LongestDetail = 300;

    private readonly SmtpOptions server = options.Value.Email.Smtp;

    /// <summary>For a test's own certificate; null: as the machine trusts.</summary>
    public RemoteCertificateValidationCallback? Trusts { get; init; }

    public async Task<SendOutcome> SendAsync(RenderedEmail email, CancellationToken cancellationToken)
    {
        using var conversation = new SmtpConversation(server, clock) { Trusts = Trusts };
        try
        {
            var (from, to) = (MimeMessage.Mailbox(email.From), MimeMessage.Mailbox(email.To));
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
        catch (AuthenticationException problem) // the certificate
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
            ("MAIL", 552) => SendResult.Permanent, // too large, and nothing else
            // before a recipient was named: this server is not for us, or not for this sender
            _ => SendResult.Configuration,
        };
}
