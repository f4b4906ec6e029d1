using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Model;

namespace Rollcall.Users.Invite;

/// <summary>A line of a list, and who has its address in the organisation already.</summary>
internal sealed record Verdict(InvitationLine Line, Guid? UserId, MembershipStatus? Here);

/// <summary>
/// What would happen to each line of a list, as things stand now. Whether an address is known elsewhere is not among
/// it: an organisation's admin must not learn that.
/// </summary>
/// <param name="ToInvite">Will be invited or added.</param>
/// <param name="Here">Belong to the organisation already.</param>
internal sealed record Verdicts(
    IReadOnlyList<InvitationLine> ToInvite,
    IReadOnlyList<Verdict> Here,
    IReadOnlyList<InvitationLine> Repeated,
    IReadOnlyList<InvitationLine> NotValid
)
{
    /// <summary>Will be invited, and something else was probably meant.</summary>
    public IReadOnlyList<InvitationLine> Doubtful { get; } = [.. ToInvite.Where(line => line.Suggestion is not null)];

    /// <summary>Those that were sent, of a list that was confirmed.</summary>
    public IEnumerable<InvitationLine> Sent =>
        Here.Select(v => v.Line).Concat(ToInvite).Where(line => line.MembershipId is not null);

    public int Recognised => ToInvite.Count + Here.Count;

    public static async Task<Verdicts> OfAsync(
        Db db,
        InvitationList batch,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        var lines = await db
            .InvitationLines.AsNoTracking()
            .Where(l => l.OrganisationId == batch.OrganisationId && l.ListId == batch.Id)
            .OrderBy(l => l.Position)
            .ToListAsync(cancellation);
        var here = await (
            from l in db.InvitationLines
            where l.OrganisationId == batch.OrganisationId && l.ListId == batch.Id && l.EmailKey != null
            join u in db.Users on l.EmailKey equals u.EmailKey
            join m in db.Memberships on u.Id equals m.UserId
            where m.OrganisationId == batch.OrganisationId && m.RemovedAt == null
            select new
            {
                l.Position,
                User = u,
                Membership = m,
            }
        )
            .AsNoTracking()
            .ToDictionaryAsync(h => h.Position, cancellation);
        Verdict Of(InvitationLine line) =>
            here.TryGetValue(line.Position, out var found)
                ? new(line, found.User.Id, MembershipStatuses.Of(found.User, found.Membership, now))
                : new(line, null, null);
        var addresses = lines.Where(l => l.EmailKey is not null).Select(Of).ToLookup(v => v.Here is null);
        return new(
            [.. addresses[true].Select(v => v.Line)],
            [.. addresses[false]],
            [.. lines.Where(l => l.RepeatsLine is not null)],
            [.. lines.Where(l => l.EmailKey is null && l.RepeatsLine is null)]
        );
    }

    /// <summary>Why a line is not invited that belongs here, in words.</summary>
    public static string WhyNot(MembershipStatus status, string organisation) =>
        status switch
        {
            MembershipStatus.Pending => $"Already invited to {organisation}. They have not created an account yet",
            MembershipStatus.Expired => $"Already invited to {organisation}. The invitation has expired",
            MembershipStatus.Inactive => $"Already in {organisation}. They are paused",
            _ => $"Already in {organisation}",
        };
}
