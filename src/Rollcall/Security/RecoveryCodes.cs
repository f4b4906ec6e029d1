using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;

namespace Rollcall.Security;

/// <summary>
/// Codes for a person who has lost every other second factor: shown once, kept as keyed hashes, good for one sign-in
/// each (ASVS 5.0, 6.5.1).
/// </summary>
internal sealed class RecoveryCodes(Db db, Secret secret)
{
    private const int Codes = 10,
        Length = 16;

    /// <summary>
    /// 32 letters and digits that are hard to confuse: 16 of them are 80 bits (NIST SP 800-63B-4, 4.2.1.1, asks for
    /// 64).
    /// </summary>
    private const string Alphabet = "abcdefghjkmnpqrstuvwxyz023456789";

    /// <summary>
    /// Replaces all old codes with new ones, in groups of four. Of two requests at once, the one that waits gets the
    /// codes that work.
    /// </summary>
    public async Task<IReadOnlyList<string>> ReplaceAsync(Guid user, CancellationToken cancellation)
    {
        var codes = Enumerable.Range(0, Codes).Select(_ => RandomNumberGenerator.GetString(Alphabet, Length)).ToList();
        var hashes = codes.Select(code => Hash(user, code)).ToArray();
        await using var transaction = db.Database.CurrentTransaction is null
            ? await db.Database.BeginTransactionAsync(cancellation)
            : null;
        await db.Database.ExecuteSqlAsync($"select from users where id = {user} for no key update", cancellation);
        await db.Database.ExecuteSqlAsync($"delete from recovery_codes where user_id = {user}", cancellation);
        await db.Database.ExecuteSqlAsync(
            $"insert into recovery_codes (user_id, code_hash) select {user}, unnest({hashes})",
            cancellation
        );
        if (transaction is not null)
        {
            await transaction.CommitAsync(cancellation);
        }

        return [.. codes.Select(code => string.Join('-', code.Chunk(4).Select(group => new string(group))))];
    }

    /// <summary>Codes for a person who has none yet, in the caller's transaction; null for anyone else.</summary>
    public async Task<IReadOnlyList<string>?> FirstAsync(Guid user) =>
        await LeftAsync(user, CancellationToken.None) == 0 ? await ReplaceAsync(user, CancellationToken.None) : null;

    /// <summary>Uses one up; false when it is none of the person's.</summary>
    public async Task<bool> UseAsync(Guid user, string? typed, CancellationToken cancellation)
    {
        var hash = Hash(user, OneTimeCodes.Clean(typed).ToLowerInvariant().Replace('o', '0'));
        return await db.Database.ExecuteSqlAsync(
                $"delete from recovery_codes where user_id = {user} and code_hash = {hash}",
                cancellation
            ) == 1;
    }

    public Task<int> LeftAsync(Guid user, CancellationToken cancellation) =>
        db
            .Database.SqlQuery<int>($"""select count(*)::int as "Value" from recovery_codes where user_id = {user}""")
            .SingleAsync(cancellation);

    private byte[] Hash(Guid user, string code) => secret.Mac("recovery code", $"{user:N} {code}");
}
