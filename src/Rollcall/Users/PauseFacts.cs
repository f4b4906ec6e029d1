using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.History;
using Rollcall.Model;
using Rollcall.Web;

namespace Rollcall.Users;

/// <summary>Who paused someone, when and why, as far as the viewer may know.</summary>
/// <param name="By">Null where no record of it is kept.</param>
/// <param name="IsAccount">The whole account, not one membership.</param>
internal sealed record PauseFacts(DateTimeOffset At, string? By, string? Reason, bool IsAccount)
{
    /// <summary>"Paused by Ann Admin at 2:28pm on 28 November 2026. Reason: On leave".</summary>
    public string InWords(string paused)
    {
        var by = By is null ? "" : $" by {By}";
        return $"{paused}{by} at {Uk.DateAndTime(At)}{(Reason is null ? "" : $". Reason: {Reason}")}";
    }

    /// <summary>
    /// The pause that holds now; null when there is none. To an organisation, support staff are the support team, and
    /// their reason for pausing a whole account, which may be about another organisation, is not told.
    /// </summary>
    /// <param name="membership">Null to ask about the account alone.</param>
    public static async Task<PauseFacts?> FindAsync(
        Db db,
        User user,
        Membership? membership,
        Current current,
        CancellationToken cancellation
    )
    {
        var isAccount = membership?.PausedAt is null;
        if ((membership?.PausedAt ?? user.PausedAt) is not { } at)
        {
            return null;
        }

        var kind = isAccount ? Event.KindOf<AccountPaused>() : Event.KindOf<MemberPaused>();
        var here = isAccount ? null : membership?.OrganisationId;
        var records = await Timeline.RecordsOfAsync(db, user.Id, cancellation);
        var recorded = await db
            .AuditEvents.AsNoTracking()
            .Where(e => e.Kind == kind && e.OrganisationId == here && records.Contains(e.UserId!.Value))
            .OrderByDescending(e => e.At)
            .ThenByDescending(e => e.Id)
            .FirstOrDefaultAsync(cancellation);
        var sees = current.Viewer.IsSupport;
        var support = current.Options.SupportName;
        return new(
            at,
            !sees && (isAccount || recorded?.BySupport == true) ? support : recorded?.ActorName,
            recorded is null || (isAccount && !sees) ? null : ReasonIn(recorded),
            isAccount
        );
    }

    private static string? ReasonIn(AuditEvent recorded) =>
        Event.Read(recorded) switch
        {
            AccountPaused account => account.Reason,
            MemberPaused member => member.Reason,
            _ => null,
        };
}
