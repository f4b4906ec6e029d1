using Microsoft.EntityFrameworkCore;
using Rollcall.Data;

namespace Rollcall.Security;

/// <summary>Ends the sessions of one person, in the caller's transaction.</summary>
internal static class Sessions
{
    /// <summary>
    /// Signs the person out everywhere, and ends the sign-ins that wait for a second factor (ASVS 5.0, 7.4.3).
    /// </summary>
    /// <param name="except">The session to keep, usually the one of the request.</param>
    public static async Task EndSessionsAsync(this Db db, Guid userId, Guid? except = null)
    {
        await db.Database.ExecuteSqlAsync(
            $"delete from sessions where user_id = {userId} and id is distinct from {except}"
        );
        await db.Database.ExecuteSqlAsync($"delete from pending_sign_ins where user_id = {userId}");
    }

    /// <summary>Ends the sessions that began in one way, such as with a passkey that is now lost.</summary>
    /// <param name="method">One of <see cref="Model.SignInMethods"/>.</param>
    public static Task EndSessionsAsync(this Db db, Guid userId, string method, Guid except) =>
        db.Database.ExecuteSqlAsync(
            $"delete from sessions where user_id = {userId} and method = {method} and id <> {except}"
        );

    /// <summary>No browser counts as a known device any longer, until the person signs in there again.</summary>
    public static Task ForgetDevicesAsync(this Db db, Guid userId, DateTimeOffset now) =>
        db.Database.ExecuteSqlAsync($"update users set known_devices_since = {now} where id = {userId}");
}
