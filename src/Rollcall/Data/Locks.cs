using Microsoft.EntityFrameworkCore;
using Rollcall.Model;

namespace Rollcall.Data;

internal static class Locks
{
    private const long OrganisationNames = 7_203_002;
    private const int UnsentLists = 7_203_003;

    /// <summary>
    /// Serialises the naming of organisations until the transaction ends, so that of two identical names the second is
    /// refused. Take this lock before locking any row.
    /// </summary>
    public static Task LockOrganisationNamesAsync(this Db db) =>
        db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock({OrganisationNames})");

    /// <summary>
    /// Serialises saving one person's invitation lists until the transaction ends, so that the limit on unsent lists
    /// also holds for two saved at once.
    /// </summary>
    public static Task LockUnsentListsOfAsync(this Db db, Guid user) =>
        db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock({UnsentLists}, hashtext({user}::text))");

    /// <summary>
    /// Serialises adding, removing and renaming an organisation's people until the transaction ends. Take this lock
    /// before locking users. If two transactions still deadlock, PostgreSQL ends one and the person is asked to try
    /// again (<c>Failures</c>).
    /// </summary>
    public static Task LockAsync(this Db db, Guid organisation) =>
        db.Database.ExecuteSqlAsync($"select from organisations where id = {organisation} for no key update");

    /// <summary>Takes the same lock for every organisation of the user.</summary>
    public static Task LockOrganisationsOfAsync(this Db db, Guid user) =>
        db.Database.ExecuteSqlAsync(
            $"""
            select from organisations where id in (select organisation_id from memberships where user_id = {user})
            order by id for no key update
            """
        );

    /// <summary>
    /// Locks and returns one member, or null if they do not belong to the organisation. Takes the organisation's lock,
    /// then the person's row, so that their address cannot change while an email about them is queued.
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
