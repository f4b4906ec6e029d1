using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Rollcall.Data;
using Rollcall.Model;

namespace Rollcall.Operations;

/// <summary>Changes what somebody may do in an organisation.</summary>
internal sealed class GivingRoles(Db db, Managing managing, Recording recording, IOptions<RollcallOptions> options)
{
    public static readonly Refusal Yourself = new(null, "You cannot change your own role");
    public static readonly Refusal TooMuch = new(nameof(Membership.Role), "Select a role that you may give");

    /// <summary>In a transaction of its own; the same role again changes nothing.</summary>
    public async Task<(bool Changed, Refusal? Refusal)> ChangeAsync(Viewer by, Guid organisation, Guid userId, string role, DateTimeOffset now, CancellationToken cancellation)
    {
        if (by.Is(userId))
            return (false, Yourself);
        if (by.MayGive(organisation, Roles.Of(options.Value)).All(r => r.Key != role))
            return (false, TooMuch);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.LockAsync(organisation, cancellation);
        var membership = await db.Memberships.SingleOrDefaultAsync(m => m.OrganisationId == organisation && m.UserId == userId && m.RemovedAt == null, cancellation);
        if (membership is null || membership.Role == role)
            return (false, null);
        if (await managing.RefuseAsync(by, membership, cancellation) is { } refusal)
            return (false, refusal);
        recording.Add(AuditKinds.RoleChanged, by, now, organisation, userId, new { from = membership.Role, to = role });
        membership.Role = role;
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return (true, null);
    }
}
