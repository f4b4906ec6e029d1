using System.Runtime.ExceptionServices;
using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Rollcall.Data;

namespace Rollcall.Web;

/// <summary>
/// Sessions live in the database: signing out ends one at once and everywhere, which a cookie alone cannot (ASVS 5.0, 7.4.1). The cookie
/// holds a random secret; the table holds its hash.
/// </summary>
internal sealed class Session(NpgsqlDataSource database, TimeProvider clock, IHttpContextAccessor accessor) : ITicketStore
{
    public const string Scheme = "Rollcall";

    /// <summary>NIST SP 800-63B-4, AAL2: at most 1 hour idle, at most 24 hours in all.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromHours(1), Longest = TimeSpan.FromHours(12);

    /// <summary>How often "last seen" is written: not at every request.</summary>
    private static readonly TimeSpan SeenEvery = TimeSpan.FromMinutes(1);

    public static ClaimsPrincipal Principal(Guid user) => new(new ClaimsIdentity([new("sub", user.ToString())], Scheme));

    public static Guid? UserId(ClaimsPrincipal principal)
        => principal.Identities.FirstOrDefault(i => i.AuthenticationType == Scheme)?.FindFirst("sub") is { } sub ? Guid.Parse(sub.Value) : null;

    /// <summary>Ends whatever session the browser had and begins one with a secret of its own (ASVS 5.0, 7.2.4).</summary>
    public static async Task BeginAsync(HttpContext http, Guid user)
    {
        await http.SignOutAsync(Scheme);
        // The framework's handler of this request remembers the old secret and would go on with it: a new one, which sees no cookie, does not.
        http.Request.Headers.Cookie = default;
        var handler = ActivatorUtilities.CreateInstance<CookieAuthenticationHandler>(http.RequestServices);
        var scheme = await http.RequestServices.GetRequiredService<IAuthenticationSchemeProvider>().GetSchemeAsync(Scheme);
        await handler.InitializeAsync(scheme!, http);
        await handler.SignInAsync(Principal(user), null);
    }

    public async Task<string> StoreAsync(AuthenticationTicket ticket)
    {
        var key = WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(32));
        await using var command = database.Command("insert into sessions (id_hash, user_id, created_at, seen_at) values ($1, $2, $3, $3)", Hash(key), UserId(ticket.Principal)!, clock.GetUtcNow());
        await command.ExecuteNonQueryAsync();
        return key;
    }

    public async Task<AuthenticationTicket?> RetrieveAsync(string key)
    {
        try
        {
            return await ReadAsync(Hash(key));
        }
        catch (NpgsqlException e) when (accessor.HttpContext is { } http)
        {
            // Not thrown here: the framework keeps this answer for the whole request, and would throw it again while the error page is drawn.
            http.Features.Set(ExceptionDispatchInfo.Capture(e));
            return null;
        }
    }

    private async Task<AuthenticationTicket?> ReadAsync(byte[] hash)
    {
        var now = clock.GetUtcNow();
        await using var command = database.Command("""
            with seen as (update sessions set seen_at = $4 where id_hash = $1 and created_at > $2 and seen_at > $3 and seen_at < $5)
            select user_id, created_at from sessions where id_hash = $1 and created_at > $2 and seen_at > $3
            """, hash, now - Longest, now - Idle, now, now - SeenEvery);
        await using var row = await command.ExecuteReaderAsync();
        if (!await row.ReadAsync())
            return null;
        var (user, created) = (row.GetGuid(0), row.GetFieldValue<DateTimeOffset>(1));
        return new(Principal(user), new() { IssuedUtc = created, ExpiresUtc = created + Longest }, Scheme);
    }

    /// <summary>Nothing to renew: <see cref="RetrieveAsync"/> keeps the times.</summary>
    public Task RenewAsync(string key, AuthenticationTicket ticket) => Task.CompletedTask;

    public async Task RemoveAsync(string key)
    {
        await using var command = database.Command("delete from sessions where id_hash = $1", Hash(key));
        await command.ExecuteNonQueryAsync();
    }

    private static byte[] Hash(string key) => SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(key));
}
