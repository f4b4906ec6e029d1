using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Security;
using Rollcall.Web;

namespace Rollcall.SignIn;

/// <summary>A sign-in whose password was right, and which waits for the second factor.</summary>
/// <param name="Id">What codes are bound to; it opens nothing.</param>
/// <param name="Expired">Too old to go on with; it still tells where the person wanted to go.</param>
internal sealed record PendingSignIn(Guid Id, User User, SecondFactors Factors, string? ReturnUrl, bool Expired = false)
{
    /// <summary>
    /// The kinds that the person can use, the strongest first. A code by email proves nothing after a link in the same
    /// mailbox has set the password.
    /// </summary>
    public IReadOnlyList<SecondFactorKind> Kinds =>
        [
            .. SecondFactorKind.All.Where(kind =>
                kind.IsIn(Factors) && (kind != SecondFactorKind.Email || User.PasswordResetAt is null)
            ),
        ];

    /// <summary>The kind that is asked for first.</summary>
    public SecondFactorKind First => Kinds.Count > 0 ? Kinds[0] : SecondFactorKind.Recovery;
}

/// <summary>
/// Keeps a sign-in between the password and the second factor. Its cookie is good for nothing else, and the answer that
/// completes the sign-in first takes the row (OWASP Session Management cheat sheet).
/// </summary>
internal sealed class PendingSignIns(
    NpgsqlDataSource database,
    Db db,
    Cookies cookies,
    IHttpContextAccessor accessor,
    TimeProvider clock
)
{
    /// <summary>The browser's half of a sign-in that was begun here, whatever has become of it.</summary>
    public string? Cookie => accessor.HttpContext!.Request.Cookies[CookieName];

    private string CookieName => cookies.Name("sign-in");

    /// <returns>Null if the person has no second factor to wait for.</returns>
    public async Task<PendingSignIn?> BeginAsync(User user, string? returnUrl, CancellationToken cancellation)
    {
        var factors = await SecondFactors.OfAsync(db, user, cancellation);
        if (!factors.Any)
        {
            return null;
        }

        var secret = WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(32));
        var pending = new PendingSignIn(Guid.CreateVersion7(), user, factors, returnUrl);
        await using var command = database.Command(
            """
            insert into pending_sign_ins (id, id_hash, user_id, return_url, created_at) values ($1, $2, $3, $4, $5)
            """,
            pending.Id,
            Hash(secret),
            user.Id,
            (object?)returnUrl ?? DBNull.Value,
            clock.GetUtcNow()
        );
        await command.ExecuteNonQueryAsync(cancellation);
        accessor.HttpContext!.Response.Cookies.Append(CookieName, secret, cookies.Options);
        return pending;
    }

    public async Task<PendingSignIn?> FindAsync(CancellationToken cancellation)
    {
        var row = Cookie is { } secret ? await ReadAsync(secret, cancellation) : null;
        if (row is null)
        {
            return null;
        }

        var user = await db.Users.AsNoTracking().SingleAsync(u => u.Id == row.UserId, cancellation);
        var factors = await SecondFactors.OfAsync(db, user, cancellation);
        return new(row.Id, user, factors, row.ReturnUrl, row.Expired);
    }

    /// <returns>Whether this call ended it: of two answers at once, one signs in.</returns>
    public async Task<bool> EndAsync(CancellationToken cancellation)
    {
        if (Cookie is not { } secret)
        {
            return false;
        }

        accessor.HttpContext!.Response.Cookies.Delete(CookieName, cookies.Options);
        await using var command = database.Command("delete from pending_sign_ins where id_hash = $1", Hash(secret));
        return await command.ExecuteNonQueryAsync(cancellation) == 1;
    }

    private async Task<Row?> ReadAsync(string secret, CancellationToken cancellation)
    {
        await using var command = database.Command(
            "select id, user_id, return_url, created_at <= $2 from pending_sign_ins where id_hash = $1",
            Hash(secret),
            clock.GetUtcNow() - Cookies.SecondFactorLasts
        );
        await using var row = await command.ExecuteReaderAsync(cancellation);
        return await row.ReadAsync(cancellation)
            ? new(row.GetGuid(0), row.GetGuid(1), row.IsDBNull(2) ? null : row.GetString(2), row.GetBoolean(3))
            : null;
    }

    private static byte[] Hash(string secret) => SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(secret));

    private sealed record Row(Guid Id, Guid UserId, string? ReturnUrl, bool Expired);
}
