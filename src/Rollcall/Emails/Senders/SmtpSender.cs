using System.Net;
using System.Net.Mail;
using System.Net.Mime;
using System.Text;
using Microsoft.Extensions.Options;
using Rollcall.Model;

namespace Rollcall.Emails.Senders;

/// <summary>Hands messages to an SMTP server, each on a connection and in an envelope of its own.</summary>
internal sealed class SmtpSender(IOptions<RollcallOptions> options) : IEmailSender
{
    private readonly SmtpOptions server = options.Value.Email.Smtp;

    public async Task<SendOutcome> SendAsync(RenderedEmail email, CancellationToken cancellationToken)
    {
        try
        {
            using var message = Message(email);
            using var client = new SmtpClient(server.Host, server.Port) { EnableSsl = server.StartTls };
            if (server.UserName.Length > 0)
            {
                client.Credentials = new NetworkCredential(server.UserName, server.Password);
            }

            // The client's Timeout does not govern asynchronous sending, and a cancelled send may still wait for the server: so both.
            await client.SendMailAsync(message, cancellationToken).WaitAsync(cancellationToken);
            return SendOutcome.Sent;
        }
        catch (Exception problem) when (problem is SmtpException or FormatException or ArgumentException or OperationCanceledException or IOException)
        {
            return new SendOutcome(SmtpFailure.Classify(problem), SmtpFailure.Describe(problem));
        }
    }

    private static MailMessage Message(RenderedEmail email)
    {
        // MailAddress reads "a@x, b@y" as one address and the framework lets some line breaks into headers: neither is left to it.
        if (!EmailAddress.TryParse(email.To, out var to) || email.Subject.Any(char.IsControl) || email.MessageId.Any(char.IsControl))
        {
            throw new FormatException("The address, the subject or the Message-ID is not one line of its kind.");
        }

        // The client writes the Date itself: a mail's date is when it left.
        var message = new MailMessage(new MailAddress(email.From, email.FromName, Encoding.UTF8), new MailAddress(to.Mailbox))
        {
            Subject = email.Subject,
            SubjectEncoding = Encoding.UTF8,
            Body = email.Text,
            BodyEncoding = Encoding.UTF8,
            BodyTransferEncoding = TransferEncoding.QuotedPrintable,
        };
        message.ReplyToList.Add(new MailAddress(email.ReplyTo));
        message.Headers.Add("Message-ID", email.MessageId);
        message.Headers.Add("Auto-Submitted", "auto-generated"); // RFC 3834: no out-of-office replies.

        var html = AlternateView.CreateAlternateViewFromString(email.Html, Encoding.UTF8, MediaTypeNames.Text.Html);
        html.TransferEncoding = TransferEncoding.QuotedPrintable;
        message.AlternateViews.Add(html);
        return message;
    }
}
