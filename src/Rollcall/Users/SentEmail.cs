using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.Model;

namespace Rollcall.Users;

/// <summary>What became of an email about a membership: "sent" is said only when the mail server has it.</summary>
internal sealed record SentEmail(string Subject, string To, string State)
{
    public static async Task<IReadOnlyList<SentEmail>> OfAsync(Db db, Letterhead letterhead, Guid organisation, Guid user, CancellationToken cancellation)
    {
        var memberships = db.Memberships.Where(m => m.OrganisationId == organisation && m.UserId == user).Select(m => (Guid?)m.Id);
        var messages = await db.OutgoingMessages.AsNoTracking().Where(m => memberships.Contains(m.MembershipId))
            .OrderByDescending(m => m.CreatedAt).ThenByDescending(m => m.Id).ToListAsync(cancellation);
        return [.. messages.Select(m => new SentEmail(Email.KnownKinds.Contains(m.Kind) ? Email.FromJson(m.Kind, m.Data).Subject(letterhead) : m.Kind, m.ToAddress, m.State switch
        {
            OutgoingMessageState.Sent => $"sent at {Uk.DateAndTime(m.SentAt!.Value)}",
            OutgoingMessageState.Failed => "could not be sent",
            OutgoingMessageState.Superseded => "not sent, because something newer took its place",
            _ => "not sent yet",
        }))];
    }
}
