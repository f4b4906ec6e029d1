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
/// Sessions live in the database: signing out ends one at once and everywhere, which a cookie alone cannot (ASVS 5.0, 7.4.1). The cookie
/// holds a random secret; the table holds its hash.
/// </summary>
internal sealed class Session(
    NpgsqlDataSource database,
    TimeProvider clock,
    Patience patience,
    IHttpContextAccessor accessor
) : ITicketStore
{
    public const string Scheme = "Rollcall";

    /// <summary>NIST SP 800-63B-4, AAL2: at most 1 hour idle, at most 24 hours in all.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromHours(1),
        Longest = TimeSpan.FromHours(12);

    /// <summary>How often "last seen" is written: not at every request.</summary>
    private static readonly TimeSpan SeenEvery = TimeSpan.FromMinutes(1);

    /// <summary>How long a proof of who one is counts for changing how one signs in (ASVS 5.0, 7.5.1).</summary>
    public static readonly TimeSpan ProofLasts = TimeSpan.FromMinutes(15);

    /// <summary>What the request's session says, or null when no one is signed in.</summary>
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

    /// <summary>Ends whatever session the browser had and begins one with a secret of its own (ASVS 5.0, 7.2.4).</summary>
    /// <param name="method">One of <see cref="SignInMethods"/>.</param>
    /// <param name="passwordHash">As it was when the person proved who they are. Setting a password ends all sessions, and one that begins at the same moment must not slip through.</param>
    /// <returns>What lists of sessions call it; null when the password has changed since the proof: no one is signed in.</returns>
    public static async Task<Guid?> BeginAsync(HttpContext http, Guid user, string method, string? passwordHash)
    {
        var id = Guid.CreateVersion7();
        var device = http.RequestServices.GetRequiredService<KnownDevice>();
        var cookies = http.Request.Headers.Cookie;
        await http.SignOutAsync(Scheme);
        // The framework's handler of this request remembers the old secret and would go on with it: a new one, which sees no cookie, does not.
        http.Request.Headers.Cookie = default;
        var handler = ActivatorUtilities.CreateInstance<CookieAuthenticationHandler>(http.RequestServices);
        var scheme = await http
            .RequestServices.GetRequiredService<IAuthenticationSchemeProvider>()
            .GetSchemeAsync(Scheme);
        await handler.InitializeAsync(scheme!, http);
        await handler.SignInAsync(Principal(new(id, user, method, null)), null);
        // Behind the lock that a change of the password holds: either this sees the change, or the change sees this session and ends it.
        var database = http.RequestServices.GetRequiredService<NpgsqlDataSource>();
        if (await IsRegisteredAsync(database, user, passwordHash) is not { } registered)
        {
            await EndAsync(http, id);
            return null;
        }
        http.Request.Headers.Cookie = cookies; // the device’s own is among them
        // Until they are registered, a link from a mailbox is all that it took.
        device.Remember(user, signedIn: registered);
        http.Request.Headers.Cookie = default;
        return id;
    }

    /// <summary>Null: the password has changed.</summary>
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

    /// <summary>Takes back a session that this request began.</summary>
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
        var (facts, request) = (Facts(ticket.Principal)!, accessor.HttpContext?.Request);
        await using var command = database.Command(
            """
            insert into sessions (id_hash, user_id, created_at, seen_at, id, method, confirmed_at, ip_address, user_agent) values ($1, $2, $3, $3, $4, $5, $3, $6, $7)
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
        try
        {
            var reading = ReadAsync(Hash(key));
            return await (
                WithoutDatabase.Works(accessor.HttpContext!) ? reading.WaitAsync(patience.ForTheViewer) : reading
            );
        }
        catch (Exception e) when (Faults.IsAway(e) && accessor.HttpContext is { } http)
        {
            // Not thrown here: the framework keeps this answer for the whole request, and would throw it again while the error page is drawn.
            http.Features.Set(ExceptionDispatchInfo.Capture(e));
            return null;
        }
    }

    private async Task<AuthenticationTicket?> ReadAsync(byte[] hash)
    {
        var http = accessor.HttpContext!;
        Guid? organisationId = Guid.TryParse(http.GetRouteValue("organisationId") as string, out var id) ? id : null;
        var signedIn = await SignedIn.FindAsync(database, hash, clock.GetUtcNow(), SeenEvery, organisationId);
        if (signedIn is null)
        {
            return null;
        }

        http.Features.Set(signedIn);
        return new(
            Principal(signedIn.Session),
            new() { IssuedUtc = signedIn.Since, ExpiresUtc = signedIn.Since + Longest },
            Scheme
        );
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

/// <summary>What a session knows.</summary>
/// <param name="Id">Names it in lists and links; opens nothing.</param>
/// <param name="Method">How the person signed in: one of <see cref="SignInMethods"/>.</param>
/// <param name="ConfirmedAt">When they last proved who they are.</param>
internal sealed record SessionFacts(Guid Id, Guid UserId, string Method, DateTimeOffset? ConfirmedAt);
