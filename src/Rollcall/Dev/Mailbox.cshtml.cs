using Microsoft.AspNetCore.Mvc.RazorPages;
using Npgsql;
using Rollcall.Data;
using Rollcall.Web;

namespace Rollcall.Dev;

internal sealed class MailboxModel(NpgsqlDataSource database) : PageModel
{
    public MailboxPage Messages { get; private set; } = null!;

    public Func<int, string> Links { get; private set; } = null!;

    /// <summary>The number of messages held to be sent later.</summary>
    public long Held { get; private set; }

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        Messages = await MailboxPage.ReadAsync(database, Request, cancellation);
        Links = Paging.Links(Request);
        await using var held = database.Command(
            """
            select count(*) from outgoing_messages
            where sent_at is null and failed_at is null and superseded_at is null and attempts = 0
              and available_at > now()
            """
        );
        Held = (long)(await held.ExecuteScalarAsync(cancellation))!;
    }
}
