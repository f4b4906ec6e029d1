using Microsoft.EntityFrameworkCore;
using Rollcall.Data;

namespace Rollcall.Operations;

internal static class UnfinishedRegistrations
{
    /// <summary>
    /// Removes a password or second factor that was set through a link, because the link has ended and may have been
    /// sent to the wrong mailbox. People who have registered keep everything.
    /// </summary>
    public static async Task ClearAsync(Db db, Guid[] users)
    {
        // A statement of its own: the next one, if it waited for the lock, would not see a session that began in
        // between. Locked in the order of addresses, so that two calls do not deadlock.
        await db.Database.ExecuteSqlAsync(
            $"select from users where id = any({users}) order by email_key for no key update"
        );
        await db.Database.ExecuteSqlAsync(
            $"""
            with begun as (
              update users
              set password_hash = null, password_set_at = null, mobile = null, mobile_confirmed_at = null,
                email_codes = false
              where id = any({users}) and registered_at is null returning id),
            gone_apps as (delete from authenticators where user_id in (select id from begun)),
            gone_passkeys as (delete from passkeys where user_id in (select id from begun)),
            gone_codes as (delete from recovery_codes where user_id in (select id from begun))
            delete from sessions where user_id in (select id from begun)
            """
        );
    }
}
