using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Npgsql;

namespace Rollcall.Dev;

/// <summary>One email, as text with working links.</summary>
internal sealed partial class MessageModel(NpgsqlDataSource database) : PageModel
{
    public MailboxMessage Message { get; private set; } = null!;

    public IEnumerable<(string Text, bool IsLink)> Parts =>
        Address().Split(Message.Text).Select((part, i) => (part, i % 2 == 1));

    public async Task<IActionResult> OnGetAsync(Guid id, CancellationToken cancellation)
    {
        if (await MailboxMessage.FindAsync(database, id, cancellation) is not { } message)
        {
            return NotFound();
        }

        Message = message;
        return Page();
    }

    [GeneratedRegex(@"(?<address>https?://\S+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Address();
}
