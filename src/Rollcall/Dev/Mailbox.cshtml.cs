using Microsoft.AspNetCore.Mvc.RazorPages;
using Npgsql;
using Rollcall.Data;

namespace Rollcall.Dev;

internal sealed class MailboxModel(NpgsqlDataSource database) : PageModel
{
    public IReadOnlyList<MailboxMessage> Messages { get; private set; } = [];

    /// <summary>Messages that are to leave later.</summary>
    public long Held { get; private set; }

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        Messages = await MailboxMessage.NewestAsync(database, cancellation);
        await using var held = database.Command("select count(*) from outgoing_messages where sent_at is null and failed_at is null and superseded_at is null and attempts = 0 and available_at > now()");
        Held = (long)(await held.ExecuteScalarAsync(cancellation))!;
    }
}

/// <summary>One message as it was sent.</summary>
/// <param name="Channel">"email" or "text".</param>
internal sealed record MailboxMessage(Guid Id, string To, string From, string ReplyTo, string Subject, string Text, string Html, DateTimeOffset SentAt, string Channel)
{
    /// <summary>How many the page shows: a mailbox of a long test run must still open.</summary>
    private const int Most = 200;

    public static Task<List<MailboxMessage>> NewestAsync(NpgsqlDataSource database, CancellationToken cancellation)
        => ReadAsync(database.Command(Select + " order by sent_at desc, id desc limit $1", Most), cancellation);

    public static async Task<MailboxMessage?> FindAsync(NpgsqlDataSource database, Guid id, CancellationToken cancellation)
        => (await ReadAsync(database.Command(Select + " where id = $1", id), cancellation)).SingleOrDefault();

    private const string Select = "select id, to_address, from_address, reply_to, subject, text_body, html_body, sent_at, channel from mailbox";

    private static async Task<List<MailboxMessage>> ReadAsync(NpgsqlCommand command, CancellationToken cancellation)
    {
        await using (command)
        {
            await using var rows = await command.ExecuteReaderAsync(cancellation);
            var messages = new List<MailboxMessage>();
            while (await rows.ReadAsync(cancellation))
                messages.Add(new(rows.GetGuid(0), rows.GetString(1), rows.GetString(2), rows.GetString(3), rows.GetString(4), rows.GetString(5), rows.GetString(6), rows.GetFieldValue<DateTimeOffset>(7), rows.GetString(8)));
            return messages;
        }
    }
}
