using Microsoft.AspNetCore.Http;
using Npgsql;
using Rollcall.Data;
using Rollcall.Web;

namespace Rollcall.Dev;

/// <summary>One message as sent.</summary>
/// <param name="Channel">"email" or "text".</param>
internal sealed record MailboxMessage(
    Guid Id,
    string To,
    string From,
    string ReplyTo,
    string Subject,
    string Text,
    string Html,
    DateTimeOffset SentAt,
    string Channel
)
{
    private const string Select =
        "select id, to_address, from_address, reply_to, subject, text_body, html_body, sent_at, channel from mailbox";

    public static async Task<MailboxMessage?> FindAsync(
        NpgsqlDataSource database,
        Guid id,
        CancellationToken cancellation
    ) => (await ReadAsync(database.Command(Select + " where id = $1", id), cancellation)).SingleOrDefault();

    /// <param name="to">The recipient, in any case; empty for everyone.</param>
    public static Task<List<MailboxMessage>> NewestAsync(
        NpgsqlDataSource database,
        string to,
        int limit,
        int offset,
        CancellationToken cancellation
    )
    {
        const string Newest =
            " where $1 = '' or lower(to_address) = lower($1) order by sent_at desc, id desc limit $2 offset $3";
        return ReadAsync(database.Command(Select + Newest, to, limit, offset), cancellation);
    }

    private static async Task<List<MailboxMessage>> ReadAsync(NpgsqlCommand command, CancellationToken cancellation)
    {
        await using (command)
        {
            await using var rows = await command.ExecuteReaderAsync(cancellation);
            var messages = new List<MailboxMessage>();
            while (await rows.ReadAsync(cancellation))
            {
                messages.Add(
                    new(
                        rows.GetGuid(0),
                        rows.GetString(1),
                        rows.GetString(2),
                        rows.GetString(3),
                        rows.GetString(4),
                        rows.GetString(5),
                        rows.GetString(6),
                        rows.GetFieldValue<DateTimeOffset>(7),
                        rows.GetString(8)
                    )
                );
            }

            return messages;
        }
    }
}

/// <summary>
/// One page of the mailbox, newest first. <c>?page=</c> selects the page and <c>?to=</c> the recipient.
/// </summary>
internal sealed record MailboxPage(string To, Paging Paging, IReadOnlyList<MailboxMessage> Messages)
{
    private const int Size = 200;

    public static async Task<MailboxPage> ReadAsync(
        NpgsqlDataSource database,
        HttpRequest request,
        CancellationToken cancellation
    )
    {
        var to = request.Query["to"].ToString().Replace("\0", "", StringComparison.Ordinal).Trim();
        await using var count = database.Command(
            "select count(*)::int from mailbox where $1 = '' or lower(to_address) = lower($1)",
            to
        );
        var paging = new Paging(Paging.Asked(request), Size, (int)(await count.ExecuteScalarAsync(cancellation))!);
        return new(to, paging, await MailboxMessage.NewestAsync(database, to, Size, paging.First - 1, cancellation));
    }
}
