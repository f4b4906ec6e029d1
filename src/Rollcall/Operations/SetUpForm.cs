using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Rollcall.Emails;
using Rollcall.Model;
using Rollcall.Security;

namespace Rollcall.Operations;

/// <summary>A second factor until a code proves it: a number to text to, or the key of an authenticator app.</summary>
internal sealed record SettingUp(Guid UserId, string Way, string? Number, byte[]? Key, DateTimeOffset Since);

/// <summary>
/// Seals what is being set up into the form, so that nothing is stored of a set-up that is not finished.
/// </summary>
internal sealed class SetUpForm(Secret secret, TextMessages texts, TimeProvider clock)
{
    private const string Purpose = "second factor set-up";
    private static readonly TimeSpan Lasts = TimeSpan.FromMinutes(30);

    /// <summary>
    /// Support staff cannot use codes by email: their mailbox can reset the password, and would be all that it takes.
    /// </summary>
    public bool IsPossible(User user, string? way) =>
        way switch
        {
            SecondFactors.Text => texts.ArePossible,
            SecondFactors.Email => user.SupportSince is null,
            _ => way == SecondFactors.Authenticator,
        };

    public SettingUp NewKey(User user) =>
        new(user.Id, SecondFactors.Authenticator, null, Totp.NewSecret(), clock.GetUtcNow());

    public string Seal(SettingUp what) =>
        WebEncoders.Base64UrlEncode(secret.Protect(Purpose, JsonSerializer.SerializeToUtf8Bytes(what)));

    /// <summary>What the form carries; null when it is another person's, of another way, too old or not ours.</summary>
    public SettingUp? Open(User user, string way, string? @sealed)
    {
        try
        {
            var what = JsonSerializer.Deserialize<SettingUp>(
                secret.Unprotect(Purpose, WebEncoders.Base64UrlDecode(@sealed ?? ""))
            )!;
            return what.UserId == user.Id && what.Way == way && what.Since > clock.GetUtcNow() - Lasts ? what : null;
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            return null;
        }
    }
}
