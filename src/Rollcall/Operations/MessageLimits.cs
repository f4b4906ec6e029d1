using Microsoft.EntityFrameworkCore;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Model;

namespace Rollcall.Operations;

/// <summary>A message that a person is about to cause for another one.</summary>
internal sealed record PlannedMessage(string To, bool IsInvitation)
{
    public string Key { get; } = EmailAddress.TryParse(To, out var address) ? address.Key : To;
}

/// <summary>
/// How many messages a person may cause in 24 hours, and how many a mailbox gets, whatever page they come from. They
/// are counted in the outbox, behind locks that last as long as the transaction: two requests at once count one after
/// the other. Removing people is counted too, and never refused.
/// </summary>
internal static class MessageLimits
{
    public const int InvitationsToAMailbox = 5;

    /// <summary>Of all kinds, from all people but its owner.</summary>
    public const int MessagesToAMailbox = 20;

    public static readonly string[] Invitations = ["added", "added-to-another", "support-added"];

    /// <summary>
    /// Why these cannot be sent now; null when they can. Call it in the transaction that queues them, after every lock
    /// on a row.
    /// </summary>
    /// <param name="by">
    /// Null: the recipient asks, or the program runs by itself; only the mailbox has a limit then.
    /// </param>
    public static async Task<Refusal?> RefuseMessagesAsync(
        this Db db,
        LimitOptions limits,
        Viewer? by,
        IReadOnlyCollection<PlannedMessage> messages,
        DateTimeOffset now
    )
    {
        var dayAgo = now.AddDays(-1);
        if (by is not null && messages.Count > 0)
        {
            await db.LockMessagesAsync($"from {by.UserId}");
            var most = by.IsSupport ? limits.SupportMessagesADay : limits.InvitationsADay;
            var caused = await db.OutgoingMessages.CountAsync(m =>
                m.CausedBy == by.UserId && m.BulkOrganisationId == null && m.CreatedAt > dayAgo
            );
            if (caused + messages.Count > most)
            {
                var emails = most == 1 ? "1 email" : $"{most:N0} emails";
                return new(
                    null,
                    $"You have reached the limit of {emails} to other people in 24 hours. Try again tomorrow"
                );
            }
        }
        foreach (
            var mailbox in messages
                .ToLookup(m => m.Key, StringComparer.Ordinal)
                .OrderBy(m => m.Key, StringComparer.Ordinal)
        )
        {
            await db.LockMessagesAsync($"to {mailbox.Key}");
            // Support is not held to the five: it may correct the address of a person who waits in six organisations.
            var invitations = by is { IsSupport: true } ? 0 : mailbox.Count(m => m.IsInvitation);
            // One plan may be too much for a mailbox that had nothing today.
            if (
                invitations > InvitationsToAMailbox
                || mailbox.Count() > MessagesToAMailbox
                || (await db.FullMailboxesAsync([mailbox.Key], now, invitations, mailbox.Count())).Count > 0
            )
            {
                return new(
                    null,
                    $"We have sent {mailbox.First().To} as many emails as we can today. Try again tomorrow"
                );
            }
        }
        return null;
    }

    /// <summary>
    /// Which of these mailboxes have no room for so many more. For a list the caller has locked the users' rows, in
    /// order.
    /// </summary>
    public static async Task<HashSet<string>> FullMailboxesAsync(
        this Db db,
        string[] keys,
        DateTimeOffset now,
        int invitations = 1,
        int messages = 1
    )
    {
        var dayAgo = now.AddDays(-1);
        var full = await db
            .OutgoingMessages.Where(m => keys.Contains(m.ToKey) && m.CreatedAt > dayAgo)
            .GroupBy(m => m.ToKey!)
            .Where(g =>
                (invitations > 0 && g.Count(m => Invitations.Contains(m.Kind)) + invitations > InvitationsToAMailbox)
                || g.Count(m => m.CausedBy != null) + messages > MessagesToAMailbox
            )
            .Select(g => g.Key)
            .ToListAsync();
        return full.ToHashSet(StringComparer.Ordinal);
    }

    private static Task<int> LockMessagesAsync(this Db db, string what) =>
        db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({"messages " + what}, 0))");
}
