using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.Model;

namespace Rollcall.Users;

/// <summary>
/// What became of an email about a membership, as far as it is known: a server that took it may still not deliver it.
/// </summary>
internal sealed record SentEmail(string Subject, string To, string State)
{
    private static readonly string[] Invitations = ["added", "added-to-another"];

    public static async Task<IReadOnlyList<SentEmail>> OfAsync(
        Db db,
        Letterhead letterhead,
        Guid organisation,
        Guid user,
        CancellationToken cancellation
    )
    {
        var memberships = db
            .Memberships.Where(m => m.OrganisationId == organisation && m.UserId == user)
            .Select(m => (Guid?)m.Id);
        var messages = await db
            .OutgoingMessages.AsNoTracking()
            .Where(m => memberships.Contains(m.MembershipId))
            .OrderByDescending(m => m.CreatedAt)
            .ThenByDescending(m => m.Id)
            .ToListAsync(cancellation);
        return [.. messages.Select(m => new SentEmail(SubjectOf(m), m.ToAddress, InWords(m, toSupport: true)))];

        string SubjectOf(OutgoingMessage message) =>
            Email.KnownKinds.Contains(message.Kind)
                ? Email.FromJson(message.Kind, message.Data).Subject(letterhead)
                : message.Kind;
    }

    /// <summary>What became of a membership's invitations, in a sentence; null when none is known.</summary>
    /// <param name="toSupport">
    /// Whether the reader may know what a mail server says about the service, beside what it says about the address.
    /// </param>
    public static async Task<string?> InvitationAsync(
        Db db,
        Guid membership,
        bool toSupport,
        CancellationToken cancellation
    )
    {
        var messages = await db
            .OutgoingMessages.AsNoTracking()
            .Where(m => m.MembershipId == membership && Invitations.Contains(m.Kind))
            .OrderByDescending(m => m.CreatedAt)
            .ThenByDescending(m => m.Id)
            .ToListAsync(cancellation);
        if (messages.Count == 0)
        {
            return null;
        }

        var handedOver = messages.Where(m => m.SentAt is not null).ToList();
        var words = InWords(messages[0], toSupport);
        return $"{char.ToUpperInvariant(words[0])}{words[1..]}."
            + (messages[0].SentAt, handedOver) switch
            {
                (not null, [_]) or (_, []) => "",
                (not null, { Count: var times }) => $" Sent {times} times in all.",
                (null, [var last, ..]) => $" An earlier one was handed over at {Uk.DateAndTime(last.SentAt!.Value)}.",
            };
    }

    /// <summary>In words that go on from a colon.</summary>
    private static string InWords(OutgoingMessage message, bool toSupport)
    {
        var answer = toSupport && message.LastError is { Length: > 0 } error ? $": “{error}”" : "";
        return message.State switch
        {
            OutgoingMessageState.Sent => $"handed over at {Uk.DateAndTime(message.SentAt!.Value)}",
            OutgoingMessageState.Failed => message.EndedBecause switch
            {
                Endings.Unknown => $"we do not know whether it arrived{answer}",
                Endings.GaveUp => "not sent, because the mail server did not take it for "
                    + $"{RetrySchedule.GiveUpAfter.TotalHours:0} hours{answer}",
                Endings.Unreadable => "not sent, because of a fault in this service",
                _ =>
                    $"refused by the mail server{(message.LastError is { Length: > 0 } reason ? $": “{reason}”" : "")}",
            },
            OutgoingMessageState.Superseded => "not sent: "
                + message.EndedBecause switch
                {
                    Endings.Undone => "the removal was undone",
                    Endings.Removed => "they were removed before it left",
                    Endings.Readdressed => "their email address was changed before it left",
                    Endings.Late => "it would have come too late to be useful",
                    _ => "a newer email replaced it",
                },
            _ => message.UnknownOutcomes > 0 ? $"being sent, and we do not know yet whether it arrived{answer}"
            : message.LastError is null ? "waiting to be sent"
            : $"waiting to be sent again{answer}",
        };
    }
}
