using System.Globalization;
using System.Runtime.ExceptionServices;
using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
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
internal sealed class Session(
    NpgsqlDataSource database,
    TimeProvider clock,
    DatabaseTimeouts timeouts,
    IHttpContextAccessor accessor
) : ITicketStore
{
    public const string Scheme = "Rollcall";

    /// <summary>NIST SP 800-63B-4, AAL2: at most 1 hour idle and 24 hours in all.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromHours(1),
        Longest = TimeSpan.FromHours(12);

    /// <summary>How often "last seen" is written, instead of at every request.</summary>
    private static readonly TimeSpan SeenEvery = TimeSpan.FromMinutes(1);

    /// <summary>How long proof of identity counts for changing how to sign in (ASVS 5.0, 7.5.1).</summary>
    public static readonly TimeSpan ProofLasts = TimeSpan.FromMinutes(15);

    /// <summary>The request's session; null if no one is signed in.</summary>
    public static SessionFacts? Facts(ClaimsPrincipal principal) =>
        principal.Identities.FirstOrDefault(i => i.AuthenticationType == Scheme) is { } identity
            ? new(
                Guid.Parse(identity.FindFirst("sid")!.Value),
                Guid.Parse(identity.FindFirst("sub")!.Value),
                identity.FindFirst("amr")!.Value,
                identity.FindFirst("auth_time") is { } at
                    ? DateTimeOffset.Parse(at.Value, CultureInfo.InvariantCulture)
                    : null
            )
            : null;

    private static ClaimsPrincipal Principal(SessionFacts facts) =>
        new(
            new ClaimsIdentity(
                [
                    new("sid", facts.Id.ToString()),
                    new("sub", facts.UserId.ToString()),
                    new("amr", facts.Method),
                    .. facts.ConfirmedAt is { } at ? [new Claim("auth_time", at.ToString("O"))] : Array.Empty<Claim>(),
                ],
                Scheme
            )
        );

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
        var id = Guid.CreateVersion7();
        var device = http.RequestServices.GetRequiredService<KnownDevice>();
        var cookies = http.Request.Headers.Cookie;
        await http.SignOutAsync(Scheme);
        // The framework's handler remembers the old secret for this request and would keep it. A new handler, which
        // sees no cookie, does not.
        http.Request.Headers.Cookie = default;
        var handler = ActivatorUtilities.CreateInstance<CookieAuthenticationHandler>(http.RequestServices);
        var scheme = await http
            .RequestServices.GetRequiredService<IAuthenticationSchemeProvider>()
            .GetSchemeAsync(Scheme);
        await handler.InitializeAsync(scheme!, http);
        await handler.SignInAsync(Principal(new(id, user, method, null)), null);
        // Takes the lock that a password change holds: either this sees the change, or the change sees this session and
        // ends it.
        var database = http.RequestServices.GetRequiredService<NpgsqlDataSource>();
        if (await IsRegisteredAsync(database, user, passwordHash) is not { } registered)
        {
            await EndAsync(http, id);
            return null;
        }
        http.Request.Headers.Cookie = cookies; // includes the device's own cookie
        // Before registration, access to the mailbox was all that was needed.
        device.Remember(user, signedIn: registered);
        http.Request.Headers.Cookie = default;
        return id;
    }

    /// <summary>Null if the password has changed.</summary>
    private static async Task<bool?> IsRegisteredAsync(NpgsqlDataSource database, Guid user, string? passwordHash)
    {
        await using var command = database.Command(
            """
            select registered_at is not null from users
            where id = $1 and password_hash is not distinct from $2 for share
            """,
            user,
            (object?)passwordHash ?? DBNull.Value
        );
        return await command.ExecuteScalarAsync() as bool?;
    }

    /// <summary>Ends a session that this request began.</summary>
    public static async Task EndAsync(HttpContext http, Guid id)
    {
        await using var command = http
            .RequestServices.GetRequiredService<NpgsqlDataSource>()
            .Command("delete from sessions where id = $1", id);
        await command.ExecuteNonQueryAsync();
    }

    public async Task<string> StoreAsync(AuthenticationTicket ticket)
    {
        var key = WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(32));
        var facts = Facts(ticket.Principal)!;
        var request = accessor.HttpContext?.Request;
        await using var command = database.Command(
            """
            insert into sessions (
              id_hash, user_id, created_at, seen_at, id, method, confirmed_at, ip_address, user_agent)
            values ($1, $2, $3, $3, $4, $5, $3, $6, $7)
            """,
            Hash(key),
            facts.UserId,
            clock.GetUtcNow(),
            facts.Id,
            facts.Method,
            (object?)request?.HttpContext.Connection.RemoteIpAddress?.ToString() ?? DBNull.Value,
            PlainText.OneLine(request?.Headers.UserAgent.ToString()) is { Length: > 0 } agent
                ? PlainText.Cut(agent, 500)
                : DBNull.Value
        );
        await command.ExecuteNonQueryAsync();
        return key;
    }

    public async Task<AuthenticationTicket?> RetrieveAsync(string key)
    {
        var http = accessor.HttpContext!;
        try
        {
            var reading = FindAsync(Hash(key), http.GetRouteValue("organisationId") as string);
            var signedIn = await (WithoutDatabase.Works(http) ? reading.WaitAsync(timeouts.FindViewer) : reading);
            if (signedIn is null)
            {
                return null;
            }

            // Not in FindAsync: a read that was given up may finish when this context already serves another person.
            http.Features.Set(signedIn);
            return new(
                Principal(signedIn.Session),
                new() { IssuedUtc = signedIn.Since, ExpiresUtc = signedIn.Since + Longest },
                Scheme
            );
        }
        catch (Exception e)
        {
            // Do not throw here: the framework keeps the result for the whole request, and would throw again while the
            // error page is rendered.
            http.Features.Set(ExceptionDispatchInfo.Capture(e));
            return null;
        }
    }

    private Task<SignedIn?> FindAsync(byte[] hash, string? organisationId) =>
        SignedIn.FindAsync(
            database,
            hash,
            clock.GetUtcNow(),
            SeenEvery,
            Guid.TryParse(organisationId, out var id) ? id : null
        );

    /// <summary>Nothing to renew: <see cref="RetrieveAsync"/> updates the times.</summary>
    public Task RenewAsync(string key, AuthenticationTicket ticket) => Task.CompletedTask;

    public async Task RemoveAsync(string key)
    {
        await using var command = database.Command("delete from sessions where id_hash = $1", Hash(key));
        await command.ExecuteNonQueryAsync();
    }

    private static byte[] Hash(string key) => SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(key));
}

/// <summary>What is known about a session.</summary>
/// <param name="Id">Identifies the session in lists and links. Grants nothing.</param>
/// <param name="Method">How the person signed in: one of <see cref="SignInMethods"/>.</param>
/// <param name="ConfirmedAt">When the person last proved who they are.</param>
internal sealed record SessionFacts(Guid Id, Guid UserId, string Method, DateTimeOffset? ConfirmedAt);
