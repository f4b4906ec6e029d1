using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Npgsql;
using Rollcall.Data;
using Rollcall.Web;

namespace Rollcall.SignIn;

/// <summary>A sign-in whose password was right.</summary>
/// <param name="Id">What codes are bound to; it opens nothing.</param>
/// <param name="Expired">Too old to go on with; it still tells where the person wanted to go.</param>
internal sealed record PendingSignIn(Guid Id, Guid UserId, string? ReturnUrl, bool Expired = false);

/// <summary>
/// Keeps a sign-in between the password and the second factor. Its cookie is good for nothing else, and the answer that
/// completes the sign-in first takes the row (OWASP Session Management cheat sheet).
/// </summary>
internal sealed class PendingSignIns(
    NpgsqlDataSource database,
    Cookies cookies,
    IHttpContextAccessor accessor,
    TimeProvider clock
)
{
    public static readonly TimeSpan Lasts = TimeSpan.FromMinutes(10);

    /// <summary>The browser's half of a sign-in that was begun here, whatever has become of it.</summary>
    public string? Cookie => accessor.HttpContext!.Request.Cookies[CookieName];

    private string CookieName => cookies.Name("sign-in");

    public async Task<PendingSignIn> BeginAsync(Guid user, string? returnUrl, CancellationToken cancellation)
    {
        var secret = WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(32));
        var pending = new PendingSignIn(Guid.CreateVersion7(), user, returnUrl);
        await using var command = database.Command(
            """
            insert into pending_sign_ins (id, id_hash, user_id, return_url, created_at) values ($1, $2, $3, $4, $5)
            """,
            pending.Id,
            Hash(secret),
            user,
            (object?)returnUrl ?? DBNull.Value,
            clock.GetUtcNow()
        );
        await command.ExecuteNonQueryAsync(cancellation);
        accessor.HttpContext!.Response.Cookies.Append(CookieName, secret, cookies.Options);
        return pending;
    }

    public async Task<PendingSignIn?> FindAsync(CancellationToken cancellation)
    {
        if (Cookie is not { } secret)
        {
            return null;
        }

        await using var command = database.Command(
            "select id, user_id, return_url, created_at <= $2 from pending_sign_ins where id_hash = $1",
            Hash(secret),
            clock.GetUtcNow() - Lasts
        );
        await using var row = await command.ExecuteReaderAsync(cancellation);
        return await row.ReadAsync(cancellation)
            ? new(row.GetGuid(0), row.GetGuid(1), row.IsDBNull(2) ? null : row.GetString(2), row.GetBoolean(3))
            : null;
    }

    /// <returns>Whether this call ended it: of two answers at once, one signs in.</returns>
    public async Task<bool> EndAsync(PendingSignIn pending, CancellationToken cancellation)
    {
        accessor.HttpContext!.Response.Cookies.Delete(CookieName, cookies.Options);
        await using var command = database.Command("delete from pending_sign_ins where id = $1", pending.Id);
        return await command.ExecuteNonQueryAsync(cancellation) == 1;
    }

    private static byte[] Hash(string secret) => SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(secret));
}
