using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Model;

namespace Rollcall.Users;

/// <summary>A person and their membership of the organisation in the address: what the pages about one person start from.</summary>
internal sealed record Member(User User, Membership Membership, bool BelongsElsewhere)
{
    public MembershipStatus Status(DateTimeOffset now) => MembershipStatuses.Of(Membership.PausedAt, User.PausedAt, User.RegisteredAt, Membership.ExpiresAt, now);

    /// <summary>Null for someone who is not in the organisation, exactly as for someone who does not exist.</summary>
    public static Task<Member?> FindAsync(Db db, Guid organisation, Guid user, CancellationToken cancellation)
        => (from m in db.Memberships.AsNoTracking()
            join u in db.Users.AsNoTracking() on m.UserId equals u.Id
            where m.OrganisationId == organisation && m.UserId == user && m.RemovedAt == null
            select new Member(u, m, db.Memberships.Any(o => o.UserId == user && o.OrganisationId != organisation && o.RemovedAt == null)))
            .SingleOrDefaultAsync(cancellation);
}
