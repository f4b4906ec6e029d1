using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Model;

namespace Rollcall.Users;

/// <summary>
/// A person and their membership of the organisation in the address: what the pages about one person start from.
/// </summary>
/// <param name="Account">Everything that is known of them, for support alone.</param>
internal sealed record Member(User Account, Membership Membership, bool BelongsElsewhere)
{
    /// <summary>The person as the organisation may see them.</summary>
    public User User { get; } = Account.SeenFrom(Membership);

    public MembershipStatus Status(DateTimeOffset now) => MembershipStatuses.Of(Account, Membership, now);

    /// <summary>Null for someone who is not in the organisation, exactly as for someone who does not exist.</summary>
    public static Task<Member?> FindAsync(Db db, Guid organisation, Guid user, CancellationToken cancellation) =>
        (
            from m in db.Memberships.AsNoTracking()
            where m.OrganisationId == organisation && m.UserId == user && m.RemovedAt == null
            select new Member(
                m.User,
                m,
                db.Memberships.Any(o => o.UserId == user && o.OrganisationId != organisation && o.RemovedAt == null)
            )
        ).SingleOrDefaultAsync(cancellation);
}
