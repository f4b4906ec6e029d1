using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Npgsql;
using Rollcall.Data;
using Rollcall.Operations;
using Rollcall.Security;
using Rollcall.Web;

namespace Rollcall.SignIn.Providers;

/// <summary>A person who came from a provider and is not signed in yet, and how far they got.</summary>
internal sealed record PendingProviderSignIn(
    ProviderIdentity Identity,
    string IdToken,
    Guid? Invitation,
    string? ReturnUrl,
    ProviderOutcome Outcome,
    string? Known,
    string? Invited
);

/// <summary>
/// Keeps them for the page that asks or explains: sealed in the database for a quarter of an hour, with the key in a
/// cookie.
/// </summary>
internal sealed class ProviderIdentities(
    NpgsqlDataSource database,
    Secret secret,
    Current current,
    Cookies cookies,
    IHttpContextAccessor accessor
)
{
    private const string Purpose = "proven identities";

    private HttpContext Http => accessor.HttpContext!;

    private string CookieName => cookies.Name("identity");

    public async Task KeepAsync(PendingProviderSignIn waiting, CancellationToken cancellation)
    {
        var key = WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(32));
        await using var command = database.Command(
            "insert into proven_identities (id_hash, identity, created_at) values ($1, $2, $3)",
            Hash(key),
            secret.Protect(Purpose, JsonSerializer.SerializeToUtf8Bytes(waiting)),
            current.Now
        );
        await command.ExecuteNonQueryAsync(cancellation);
        var options = cookies.Options;
        options.MaxAge = Cookies.ProviderLasts;
        Http.Response.Cookies.Append(CookieName, key, options);
    }

    public async Task<PendingProviderSignIn?> ReadAsync(CancellationToken cancellation)
    {
        if (Http.Request.Cookies[CookieName] is not { } key)
        {
            return null;
        }

        await using var command = database.Command(
            "select identity from proven_identities where id_hash = $1 and created_at > $2",
            Hash(key),
            current.Now - Cookies.ProviderLasts
        );
        return await command.ExecuteScalarAsync(cancellation) is byte[] box
            ? JsonSerializer.Deserialize<PendingProviderSignIn>(secret.Unprotect(Purpose, box))
            : null;
    }

    /// <summary>It has done its work: the same answer cannot be given twice.</summary>
    public async Task ForgetAsync(CancellationToken cancellation)
    {
        if (Http.Request.Cookies[CookieName] is not { } key)
        {
            return;
        }

        await using var command = database.Command("delete from proven_identities where id_hash = $1", Hash(key));
        await command.ExecuteNonQueryAsync(cancellation);
        Http.Response.Cookies.Delete(CookieName, cookies.Options);
    }

    private static byte[] Hash(string key) => SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(key));
}
