using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Html;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Rollcall.Data;

namespace Rollcall.Credentials;

internal sealed class Passwords
{
    public const int LeastWithSecondFactor = 12, LeastAlone = 15;
    private readonly PasswordHasher<object> hasher = new(Options.Create(new PasswordHasherOptions { IterationCount = 220_000 }));
    public string? Problem(string? password, bool secondFactor, IEnumerable<string?> ownWords)
        => string.IsNullOrEmpty(password) ? "Enter a password" : password.Length < (secondFactor ? 12 : 15) ? $"Password must be {(secondFactor ? 12 : 15)} characters or more" : null;
    public string Hash(string p) => hasher.HashPassword(this, p);
    public (bool Right, string? Rehashed) Verify(string? hash, string p) => (hash is not null && hasher.VerifyHashedPassword(this, hash, p) != PasswordVerificationResult.Failed, null);
}
internal sealed class Throttle
{
    public Task<bool> TryAsync(string purpose, string key, CancellationToken ct) => Task.FromResult(true);
    public Task ForgiveAsync(string purpose, string key, CancellationToken ct) => Task.CompletedTask;
}
internal enum CodeCheck { Right, Wrong, Expired, None, TooMany }
internal sealed class OneTimeCodes(Db db)
{
    public async Task<string?> IssueAsync(Guid owner, string purpose, CancellationToken ct)
    {
        var code = RandomNumberGenerator.GetInt32(1_000_000).ToString("000000", CultureInfo.InvariantCulture);
        await db.Database.ExecuteSqlAsync($"insert into one_time_codes (owner, purpose, code) values ({owner}, {purpose}, {System.Text.Encoding.UTF8.GetBytes(code)}) on conflict (owner, purpose) do update set code = excluded.code", ct);
        return code;
    }
    public async Task<CodeCheck> CheckAsync(Guid owner, string purpose, string? typed, CancellationToken ct)
        => await db.Database.ExecuteSqlAsync($"delete from one_time_codes where owner = {owner} and purpose = {purpose} and code = {System.Text.Encoding.UTF8.GetBytes((typed ?? "").Replace(" ", "", StringComparison.Ordinal))}", ct) == 1 ? CodeCheck.Right : CodeCheck.Wrong;
}
internal static class Totp
{
    public static byte[] NewSecret() => RandomNumberGenerator.GetBytes(20);
    public static string Base32(byte[] s) => Convert.ToHexString(s);
    public static string Address(string issuer, string account, byte[] s) => "otpauth://totp/x?secret=" + Base32(s);
    public static long? Step(byte[] s, string? typed, DateTimeOffset now, long? last) => typed == "123456" ? 1 : null;
}
internal sealed class Authenticator
{
    public required Guid UserId { get; init; }
    public required byte[] Secret { get; init; }
    public long LastStep { get; init; }
    public DateTimeOffset ConfirmedAt { get; init; }
}
internal sealed class Authenticators
{
    public Authenticator Make(Guid user, byte[] secret, long step, DateTimeOffset now) => new() { UserId = user, Secret = secret, LastStep = step, ConfirmedAt = now };
    public Task<bool> CheckAsync(Guid user, string? typed, CancellationToken ct) => Task.FromResult(typed == "123456");
}
internal static class QrCode { public static IHtmlContent Svg(string text) => new HtmlString("<svg role=\"img\" aria-label=\"QR code\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1 1\" width=\"200\" height=\"200\"></svg>"); }
internal sealed class RecoveryCodes(Db db)
{
    public async Task<IReadOnlyList<string>> ReplaceAsync(Guid user, CancellationToken ct)
    {
        await db.Database.ExecuteSqlAsync($"delete from recovery_codes where user_id = {user}", ct);
        var codes = Enumerable.Range(0, 10).Select(_ => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))).ToList();
        foreach (var c in codes) await db.Database.ExecuteSqlAsync($"insert into recovery_codes values ({user}, {System.Text.Encoding.UTF8.GetBytes(c)})", ct);
        return codes;
    }
    public async Task<bool> UseAsync(Guid user, string? typed, CancellationToken ct) => await db.Database.ExecuteSqlAsync($"delete from recovery_codes where user_id = {user} and code = {System.Text.Encoding.UTF8.GetBytes((typed ?? "").Trim())}", ct) == 1;
    public Task<int> LeftAsync(Guid user, CancellationToken ct) => db.Database.SqlQuery<int>($"select count(*)::int as \"Value\" from recovery_codes where user_id = {user}").SingleAsync(ct);
}
