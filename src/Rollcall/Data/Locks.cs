using Microsoft.EntityFrameworkCore;

namespace Rollcall.Data;

internal static class Locks
{
    /// <summary>
    /// Serialises everything that adds, removes or renames an organisation's people, until the transaction ends. Take it before locking users.
    /// If two transactions still deadlock, PostgreSQL ends one and the person is asked to try again (<c>Faults</c>).
    /// </summary>
    public static Task LockAsync(this Db db, Guid organisation, CancellationToken cancellation)
        => db.Database.ExecuteSqlAsync($"select from organisations where id = {organisation} for no key update", cancellation);

    /// <summary>The same for every organisation that the user belongs to.</summary>
    public static Task LockOrganisationsOfAsync(this Db db, Guid user, CancellationToken cancellation)
        => db.Database.ExecuteSqlAsync($"""
            select from organisations where id in (select organisation_id from memberships where user_id = {user})
            order by id for no key update
            """, cancellation);
}
