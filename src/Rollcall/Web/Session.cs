using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Model;

namespace Rollcall.Web;

/// <summary>
/// Sessions are stored in the database, so that signing out ends one at once and everywhere, which a cookie alone
/// cannot do (ASVS 5.0, 7.4.1). The cookie holds a random secret; the table holds its hash.
/// </summary>
internal static class Session
{
    public const string Scheme = "Rollcall";

    /// <summary>NIST SP 800-63B-4, AAL2: at most 1 hour idle and 24 hours in all.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromHours(1),
        Longest = TimeSpan.FromHours(12);

    /// <summary>How often "last seen" is written, instead of at every request.</summary>
    private static readonly TimeSpan SeenEvery = TimeSpan.FromMinutes(1);

    /// <summary>How long proof of identity counts for changing how to sign in (ASVS 5.0, 7.5.1).</summary>
    public static readonly TimeSpan ProofLasts = TimeSpan.FromMinutes(15);

    /// <summary>Who is behind the session of the request's cookie; null if no one is.</summary>
    public static async Task<SignedIn?> FindAsync(HttpContext http) =>
        Secret(http) is { } secret
            ? await SignedIn.FindAsync(
                Database(http),
                Hash(secret),
                Now(http),
                SeenEvery,
                Guid.TryParse(http.GetRouteValue("organisationId") as string, out var id) ? id : null
            )
            : null;

    /// <summary>
    /// Ends the browser's current session and begins a new one with its own secret (ASVS 5.0, 7.2.4).
    /// </summary>
    /// <param name="method">One of <see cref="SignInMethods"/>.</param>
    /// <param name="passwordHash">
    /// The hash when the person proved who they are. Setting a password ends all sessions, and one that begins at the
    /// same moment must not slip through.
    /// </param>
    /// <returns>
    /// The session's public ID. Null if the password has changed since the proof; then no one is signed in.
    /// </returns>
    public static async Task<Guid?> BeginAsync(HttpContext http, Guid user, string method, string? passwordHash)
    {
        await EndAsync(http);
        var secret = WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(32));
        var id = Guid.CreateVersion7();
        // Takes the lock that a password change holds: either this sees the change, or the change sees this session and
        // ends it.
        await using var command = Database(http)
            .Command(
                """
                with person as (
                  select id, registered_at is not null as registered from users
                  where id = $3 and password_hash is not distinct from $4 for share)
                insert into sessions (
                  id, id_hash, user_id, method, created_at, seen_at, confirmed_at, ip_address, user_agent)
                select $1, $2, id, $5, $6, $6, $6, $7, $8 from person
                returning (select registered from person)
                """,
                id,
                Hash(secret),
                user,
                (object?)passwordHash ?? DBNull.Value,
                method,
                Now(http),
                (object?)http.Connection.RemoteIpAddress?.ToString() ?? DBNull.Value,
                PlainText.OneLine(http.Request.Headers.UserAgent.ToString()) is { Length: > 0 } agent
                    ? PlainText.Cut(agent, 500)
                    : DBNull.Value
            );
        if (await command.ExecuteScalarAsync() is not bool isRegistered)
        {
            return null;
        }

        var cookies = http.RequestServices.GetRequiredService<Cookies>();
        http.Response.Cookies.Append(CookieName(cookies), secret, cookies.Options);
        // Before registration, access to the mailbox was all that was needed.
        http.RequestServices.GetRequiredService<KnownDevice>().Remember(user, signedIn: isRegistered);
        return id;
    }

    /// <summary>Signs out the browser.</summary>
    public static async Task EndAsync(HttpContext http)
    {
        if (Secret(http) is { } secret)
        {
            await using var command = Database(http).Command("delete from sessions where id_hash = $1", Hash(secret));
            await command.ExecuteNonQueryAsync();
            var cookies = http.RequestServices.GetRequiredService<Cookies>();
            http.Response.Cookies.Delete(CookieName(cookies), cookies.Options);
        }
    }

    /// <summary>Ends a session that this request began.</summary>
    public static async Task EndAsync(HttpContext http, Guid id)
    {
        await using var command = Database(http).Command("delete from sessions where id = $1", id);
        await command.ExecuteNonQueryAsync();
    }

    private static string? Secret(HttpContext http) =>
        http.Request.Cookies[CookieName(http.RequestServices.GetRequiredService<Cookies>())];

    private static string CookieName(Cookies cookies) => cookies.Name("session");

    private static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    private static DateTimeOffset Now(HttpContext http) =>
        http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();

    private static NpgsqlDataSource Database(HttpContext http) =>
        http.RequestServices.GetRequiredService<NpgsqlDataSource>();
}

/// <summary>What is known about a session.</summary>
/// <param name="Id">Identifies the session in lists and links. Grants nothing.</param>
/// <param name="Method">How the person signed in: one of <see cref="SignInMethods"/>.</param>
/// <param name="ConfirmedAt">When the person last proved who they are.</param>
internal sealed record SessionFacts(Guid Id, Guid UserId, string Method, DateTimeOffset? ConfirmedAt);
