using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Npgsql;
using Rollcall.Data;

namespace Rollcall.Security;

/// <param name="User">The only person who may answer; null for anyone with a passkey.</param>
/// <param name="State">What the framework's handler needs to check the answer.</param>
internal sealed record PasskeyChallenge(Guid Id, string Purpose, Guid? User, string State, DateTimeOffset At);

/// <summary>
/// Seals a challenge into its form, so that any instance can check the answer and issuing one writes nothing. An
/// accepted answer is stored, so that it counts once.
/// </summary>
internal sealed class PasskeyChallenges(NpgsqlDataSource database, Secret secret, TimeProvider clock)
{
    public const string Adding = "adding",
        SigningIn = "signing in";

    /// <summary>How long a challenge can be answered. The browser is told five minutes, and may take longer.</summary>
    public static readonly TimeSpan Lasts = TimeSpan.FromMinutes(10);

    private const string SealPurpose = "passkey challenge";

    /// <summary>A new challenge, sealed. It comes back with the answer and grants nothing by itself.</summary>
    public string Seal(string purpose, Guid? user, string state)
    {
        var challenge = new PasskeyChallenge(Guid.CreateVersion7(), purpose, user, state, clock.GetUtcNow());
        var box = secret.Protect(SealPurpose, JsonSerializer.SerializeToUtf8Bytes(challenge));
        return WebEncoders.Base64UrlEncode(box);
    }

    /// <summary>Opens the challenge; null if it is not ours, for another purpose, or too old. Needs no query.</summary>
    public PasskeyChallenge? Open(string purpose, string? @sealed)
    {
        try
        {
            var box = WebEncoders.Base64UrlDecode(@sealed ?? "");
            var challenge = JsonSerializer.Deserialize<PasskeyChallenge>(secret.Unprotect(SealPurpose, box))!;
            return challenge.Purpose == purpose && challenge.At > clock.GetUtcNow() - Lasts ? challenge : null;
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            return null;
        }
    }

    /// <summary>
    /// Records that the challenge was answered. Uses its own connection, so that a rollback by the caller does not make
    /// the challenge valid again.
    /// </summary>
    /// <returns>When, to the microsecond as PostgreSQL stores it; null for a second answer.</returns>
    public async Task<DateTimeOffset?> AnswerAsync(PasskeyChallenge challenge, CancellationToken cancellation)
    {
        var now = new DateTimeOffset(clock.GetUtcNow().Ticks / 10 * 10, TimeSpan.Zero);
        await using var command = database.Command(
            "insert into answered_passkey_challenges (id, answered_at) values ($1, $2) on conflict do nothing",
            challenge.Id,
            now
        );
        return await command.ExecuteNonQueryAsync(cancellation) == 1 ? now : null;
    }
}
