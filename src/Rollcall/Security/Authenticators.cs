using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;

namespace Rollcall.Security;

/// <summary>Authenticator apps, one per person.</summary>
internal sealed class Authenticators(Db db, Secret secret, TimeProvider clock)
{
    public const string Purpose = "authenticator";

    /// <summary>Saves the app's key, replacing any other app.</summary>
    /// <param name="step">The time step of the code that proved the app. That code cannot be used again.</param>
    public Task SaveAsync(Guid user, byte[] key, long step, CancellationToken cancellation)
    {
        var @sealed = secret.Protect(Purpose, key);
        var now = clock.GetUtcNow();
        return db.Database.ExecuteSqlAsync(
            $"""
            insert into authenticators (user_id, secret, last_step, confirmed_at)
            values ({user}, {@sealed}, {step}, {now})
            on conflict (user_id) do update set
              secret = excluded.secret, last_step = excluded.last_step, confirmed_at = excluded.confirmed_at
            """,
            cancellation
        );
    }

    /// <summary>
    /// Whether this is the app's current code. If the same code is sent twice at once, only one is accepted.
    /// </summary>
    public async Task<bool> CheckAsync(Guid user, string? typed, CancellationToken cancellation)
    {
        if (
            await db
                .Database.SqlQuery<Stored>(
                    $"""select secret as "Secret", last_step as "LastStep" from authenticators where user_id = {user}"""
                )
                .ToListAsync(cancellation)
            is not [var stored]
        )
        {
            return false;
        }

        var key = secret.Unprotect(Purpose, stored.Secret);
        var step = Totp.Step(key, typed, clock.GetUtcNow(), stored.LastStep);
        CryptographicOperations.ZeroMemory(key);
        return step is not null
            && await db.Database.ExecuteSqlAsync(
                $"update authenticators set last_step = {step} where user_id = {user} and last_step < {step}",
                cancellation
            ) == 1;
    }

    private sealed record Stored(byte[] Secret, long LastStep);
}
