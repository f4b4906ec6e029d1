using Microsoft.EntityFrameworkCore;
using Rollcall.Model;

namespace Rollcall.Data;

internal static class Locks
{
    private const long OrganisationNames = 7_203_002;
    private const int OpenLists = 7_203_003;

    /// <summary>
    /// Serialises the naming of organisations until the transaction ends: of two that get one name at once, the second
    /// finds the first. Take it before any row.
    /// </summary>
    public static Task LockOrganisationNamesAsync(this Db db, CancellationToken cancellation) =>
        db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock({OrganisationNames})", cancellation);

    /// <summary>
    /// Serialises the keeping of one person's lists until the transaction ends: of two that are sent at once, the
    /// second counts the first.
    /// </summary>
    public static Task LockOpenListsOfAsync(this Db db, Guid user, CancellationToken cancellation = default) =>
        db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock({OpenLists}, hashtext({user}::text))", cancellation);

    /// <summary>
    /// Serialises everything that adds, removes or renames an organisation's people, until the transaction ends. Take
    /// it before locking users. If two transactions still deadlock, PostgreSQL ends one and the person is asked to try
    /// again (<c>Faults</c>).
    /// </summary>
    public static Task LockAsync(this Db db, Guid organisation, CancellationToken cancellation = default) =>
        db.Database.ExecuteSqlAsync(
            $"select from organisations where id = {organisation} for no key update",
            cancellation
        );

    /// <summary>The same for every organisation that the user belongs to.</summary>
    public static Task LockOrganisationsOfAsync(this Db db, Guid user, CancellationToken cancellation = default) =>
        db.Database.ExecuteSqlAsync(
            $"""
            select from organisations where id in (select organisation_id from memberships where user_id = {user})
            order by id for no key update
            """,
            cancellation
        );

    /// <summary>
    /// The member of this organisation, behind the locks that serialise everything done to them; null for someone who
    /// is not one. The person's own row is locked too, so that their address cannot change under an email about them.
    /// </summary>
    public static async Task<Membership?> LockMemberAsync(this Db db, Guid organisationId, Guid userId)
    {
        await db.LockAsync(organisationId);
        await db.Database.ExecuteSqlAsync($"select from users where id = {userId} for share");
        return await db.Memberships.SingleOrDefaultAsync(m =>
            m.OrganisationId == organisationId && m.UserId == userId && m.RemovedAt == null
        );
    }
}
