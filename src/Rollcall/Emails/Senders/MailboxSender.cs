using Npgsql;
using Rollcall.Data;

namespace Rollcall.Emails.Senders;

/// <summary>
/// Keeps every message in the table that /dev/mailbox shows. A message delivered twice appears once, as in a mail
/// program.
/// </summary>
internal sealed class MailboxSender(NpgsqlDataSource database) : IEmailSender
{
    public async Task<SendOutcome> SendAsync(RenderedEmail email, CancellationToken cancellationToken)
    {
        await using var insert = database.CreateCommand(
            """
            insert into mailbox (id, message_id, to_address, from_address, reply_to, subject, text_body, html_body,
              sent_at, channel)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            on conflict (message_id) do nothing
            """
        );
        insert.Parameters.AddWithValue(Guid.CreateVersion7(email.Date));
        foreach (
            var text in (string[])
                [email.MessageId, email.To, email.From, email.ReplyTo, email.Subject, email.Text, email.Html]
        )
        {
            insert.Parameters.AddWithValue(text);
        }

        insert.Parameters.AddWithValue(email.Date.ToUniversalTime());
        insert.Parameters.AddWithValue(email.Channel == Channel.Text ? "text" : "email");
        try
        {
            await insert.ExecuteNonQueryAsync(cancellationToken);
            return SendOutcome.Sent;
        }
        catch (Exception problem) when (Connection.IsFailure(problem))
        {
            return new SendOutcome(SendResult.Unknown, problem.Message);
        }
    }
}
