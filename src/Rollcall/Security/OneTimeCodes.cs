using System.Globalization;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;

namespace Rollcall.Security;

internal enum CodeCheck
{
    Right,
    Wrong,

    /// <summary>It was right, but has been used or has expired.</summary>
    Expired,

    /// <summary>Too many wrong codes: this one is no longer checked.</summary>
    TooMany,
}

/// <summary>
/// Security codes that are sent: six digits, short-lived, single use (ASVS 5.0, 6.5.1 to 6.5.5). A code is valid only
/// for its owner (a pending sign-in, or a person setting something up) and purpose. A new code replaces the old one
/// without resetting the count of wrong attempts.
/// </summary>
internal sealed class OneTimeCodes(Db db, Secret secret, TimeProvider clock)
{
    public const string Expired = "This security code has expired. Get a new one";

    /// <summary>How long a code works. One that arrives later is not worth sending.</summary>
    public static readonly TimeSpan Lasts = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Apart = TimeSpan.FromSeconds(30),
        Window = TimeSpan.FromHours(1);
    private const int MostTries = 5,
        MostSent = 5;

    /// <summary>Removes the spaces and hyphens that people type to help reading.</summary>
    internal static string Clean(string? typed) => string.Concat((typed ?? "").Where(char.IsAsciiLetterOrDigit));

    /// <summary>
    /// Issues a code in the caller's transaction. Null if one was issued a moment ago, or too many within the hour.
    /// </summary>
    public async Task<string?> IssueAsync(Guid owner, string purpose, CancellationToken cancellation)
    {
        var code = RandomNumberGenerator.GetInt32(1_000_000).ToString("D6", CultureInfo.InvariantCulture);
        var hash = Hash(owner, purpose, code);
        var now = clock.GetUtcNow();
        var latest = now - Apart;
        var hourAgo = now - Window;
        return
            await db.Database.ExecuteSqlAsync(
                $"""
                insert into one_time_codes as c (owner, purpose, code_hash, created_at, first_at)
                values ({owner}, {purpose}, {hash}, {now}, {now})
                on conflict (owner, purpose) do update set
                  code_hash = excluded.code_hash, created_at = excluded.created_at, used_at = null,
                  sent = case when c.first_at <= {hourAgo} then 1 else c.sent + 1 end,
                  tries = case when c.first_at <= {hourAgo} then 0 else c.tries end,
                  first_at = case when c.first_at <= {hourAgo} then excluded.first_at else c.first_at end
                where c.created_at <= {latest} and (c.sent < {MostSent} or c.first_at <= {hourAgo})
                """,
                cancellation
            ) == 1
            ? code
            : null;
    }

    /// <summary>
    /// Checks one attempt. It is counted before it is compared, and the same statement uses up a right code, so
    /// parallel attempts gain nothing.
    /// </summary>
    public async Task<CodeCheck> CheckAsync(Guid owner, string purpose, string? typed, CancellationToken cancellation)
    {
        var hash = Hash(owner, purpose, Clean(typed));
        var now = clock.GetUtcNow();
        var oldest = now - Lasts;
        // The subquery is the row as the update found and locked it: of fifty parallel right answers, one finds it
        // unused.
        var rows = await db
            .Database.SqlQuery<Found>(
                $"""
                with before as (select owner, purpose, used_at, created_at, code_hash from one_time_codes
                                where owner = {owner} and purpose = {purpose} and tries < {MostTries} for update)
                update one_time_codes c set tries = c.tries + 1,
                  used_at = case when b.code_hash = {hash} and b.used_at is null and b.created_at > {oldest}
                            then {now} else c.used_at end
                from before b where c.owner = b.owner and c.purpose = b.purpose
                returning b.code_hash = {hash} as "Same", b.used_at is null and b.created_at > {oldest} as "Live"
                """
            )
            .ToListAsync(cancellation);
        return rows switch
        {
            [{ Same: true, Live: true }] => CodeCheck.Right,
            [{ Live: false }] => CodeCheck.Expired,
            [_] => CodeCheck.Wrong,
            _ => await db
                .Database.SqlQuery<int>(
                    $"""select tries as "Value" from one_time_codes where owner = {owner} and purpose = {purpose}"""
                )
                .AnyAsync(cancellation)
                ? CodeCheck.TooMany
                : CodeCheck.Expired,
        };
    }

    /// <summary>A keyed hash, because a million plain hashes can be computed in no time.</summary>
    private byte[] Hash(Guid owner, string purpose, string code) =>
        secret.Mac("one-time code", $"{owner:N} {purpose} {code}");

    private sealed record Found(bool Same, bool Live);
}
