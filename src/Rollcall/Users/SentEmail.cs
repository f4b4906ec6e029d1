using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Web;

namespace Rollcall.Users;

/// <summary>What became of an email about a membership: "sent" is said only when the mail server has it.</summary>
internal sealed record SentEmail(string What, string To, string State)
{
    public static async Task<IReadOnlyList<SentEmail>> OfAsync(Db db, Guid organisation, Guid user, CancellationToken cancellation)
    {
        var memberships = db.Memberships.Where(m => m.OrganisationId == organisation && m.UserId == user).Select(m => (Guid?)m.Id);
        var messages = await db.OutgoingMessages.AsNoTracking().Where(m => memberships.Contains(m.MembershipId))
            .OrderByDescending(m => m.CreatedAt).ThenByDescending(m => m.Id).ToListAsync(cancellation);
        return [.. messages.Select(m => new SentEmail(What: m.Kind, m.ToAddress,
            m.SentAt is { } at ? $"sent on {Uk.DateAndTime(at)}"
            : m.FailedAt is not null ? "could not be sent"
            : m.SupersededAt is not null ? "not sent, because something newer took its place"
            : "not sent yet"))];
    }
}
