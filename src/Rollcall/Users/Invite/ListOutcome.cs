using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Model;

namespace Rollcall.Users.Invite;

/// <summary>A line whose address belongs to a user of the organisation.</summary>
internal sealed record AlreadyMember(InvitationLine Line, Guid UserId, MembershipStatus Status);

/// <summary>
/// What happens to each line of a list if it is sent now. Does not tell whether another organisation knows the address:
/// an organisation's admin must not learn that.
/// </summary>
/// <param name="ToInvite">Will be invited or added.</param>
internal sealed record ListOutcome(
    IReadOnlyList<InvitationLine> ToInvite,
    IReadOnlyList<AlreadyMember> AlreadyMembers,
    IReadOnlyList<InvitationLine> Repeated,
    IReadOnlyList<InvitationLine> NotValid
)
{
    /// <summary>Will be invited, and something else was probably meant.</summary>
    public IReadOnlyList<InvitationLine> Doubtful { get; } = [.. ToInvite.Where(line => line.Suggestion is not null)];

    /// <summary>Those that were sent, of a list that was confirmed.</summary>
    public IEnumerable<InvitationLine> Sent =>
        AlreadyMembers.Select(member => member.Line).Concat(ToInvite).Where(line => line.MembershipId is not null);

    public int Recognised => ToInvite.Count + AlreadyMembers.Count;

    public static async Task<ListOutcome> FindAsync(
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
        var members = await (
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
            .ToDictionaryAsync(member => member.Position, cancellation);
        return new(
            [.. lines.Where(l => l.EmailKey is not null && !members.ContainsKey(l.Position))],
            [
                .. from line in lines
                where members.ContainsKey(line.Position)
                let member = members[line.Position]
                let status = MembershipStatuses.Of(member.User, member.Membership, now)
                select new AlreadyMember(line, member.User.Id, status),
            ],
            [.. lines.Where(l => l.RepeatsLine is not null)],
            [.. lines.Where(l => l.EmailKey is null && l.RepeatsLine is null)]
        );
    }

    /// <summary>Why a member is not invited, in words.</summary>
    public static string WhyNot(MembershipStatus status, string organisation) =>
        status switch
        {
            MembershipStatus.Pending => $"Already invited to {organisation}. They have not created an account yet",
            MembershipStatus.Expired => $"Already invited to {organisation}. The invitation has expired",
            MembershipStatus.Inactive => $"Already in {organisation}. They are paused",
            _ => $"Already in {organisation}",
        };
}
