using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.WebUtilities;
using Rollcall.Emails;
using Rollcall.Model;
using Rollcall.Security;

namespace Rollcall.Operations;

/// <summary>A second factor that no code has proved yet: a mobile number, or the key of an authenticator app.</summary>
/// <param name="Way">The key of its <see cref="SecondFactorKind"/>.</param>
internal sealed record NewSecondFactor(Guid UserId, string Way, string? Number, byte[]? Key, DateTimeOffset Since)
{
    [JsonIgnore]
    public SecondFactorKind Kind => SecondFactorKind.Find(Way)!;
}

/// <summary>Seals a new second factor into its form, so that nothing is stored of one that is never finished.</summary>
internal sealed class NewSecondFactorForm(Secret secret, TextMessages texts, TimeProvider clock)
{
    private const string Purpose = "second factor set-up";
    private static readonly TimeSpan Lasts = TimeSpan.FromMinutes(30);

    /// <summary>
    /// Support staff cannot use codes by email: their mailbox can reset the password, and would be all that it takes.
    /// </summary>
    public bool IsPossible(User user, SecondFactorKind? kind) =>
        kind == SecondFactorKind.Authenticator
        || (kind == SecondFactorKind.Text && texts.ArePossible)
        || (kind == SecondFactorKind.Email && user.SupportSince is null);

    public NewSecondFactor NewKey(User user) =>
        new(user.Id, SecondFactorKind.Authenticator.Key, null, Totp.NewSecret(), clock.GetUtcNow());

    public string Seal(NewSecondFactor factor) =>
        WebEncoders.Base64UrlEncode(secret.Protect(Purpose, JsonSerializer.SerializeToUtf8Bytes(factor)));

    /// <summary>What the form carries; null if it is another person's, of another kind, too old or not ours.</summary>
    public NewSecondFactor? Open(User user, SecondFactorKind kind, string? @sealed)
    {
        try
        {
            var box = secret.Unprotect(Purpose, WebEncoders.Base64UrlDecode(@sealed ?? ""));
            var factor = JsonSerializer.Deserialize<NewSecondFactor>(box)!;
            var isRecent = factor.Since > clock.GetUtcNow() - Lasts;
            return factor.UserId == user.Id && factor.Kind == kind && isRecent ? factor : null;
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            return null;
        }
    }
}
