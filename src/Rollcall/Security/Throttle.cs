using Npgsql;
using Rollcall.Data;

namespace Rollcall.Security;

/// <summary>What is guessed at.</summary>
internal static class Tries
{
    public const string Account = "password of an account",
        Network = "passwords from a network",
        SecondFactor = "second factor of an account",
        CodesSent = "codes sent to a person",
        Passkey = "passkey answers",
        Refused = "refusals recorded";

    /// <summary>A school or an office is one network: its Monday morning must not be a block.</summary>
    public const int FreeForNetwork = 100;

    /// <summary>On all devices together where an account is known: there can be any number of them.</summary>
    public const int FreeForKnownDevices = 50;

    /// <summary>Codes that nobody entered.</summary>
    public const int FreeCodesSent = 10;
}

/// <summary>
/// Counts tries at what could be guessed, in the database, so that all instances count together. A try is counted
/// before it is looked at; who turns out to be right is forgiven. Five are free, then each costs a longer wait, up to
/// fifteen minutes: never for good, because anybody could lock anybody out (NIST SP 800-63B-4, 3.2.2).
/// </summary>
internal sealed class Throttle(NpgsqlDataSource database, Secret secret, TimeProvider clock)
{
    public const int Free = 5;
    public static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(15),
        ForgottenAfter = TimeSpan.FromHours(24);

    /// <summary>
    /// Whether a try may be made now; it counts if so. The wait after the sixth is 4 seconds, then 16, 64, 256, and
    /// from the tenth on fifteen minutes.
    /// </summary>
    /// <param name="purpose">What is guessed at; buckets of different purposes know nothing of each other.</param>
    /// <param name="key">Whose: an account or a network. Not kept in the clear.</param>
    /// <param name="free">How many tries cost no wait; a network is shared by many people.</param>
    public async Task<bool> TryAsync(string purpose, string key, CancellationToken cancellation, int free = Free)
    {
        var now = clock.GetUtcNow();
        // A free try blocks nothing, not even until now: another request, or an instance whose clock is behind, may be
        // a moment earlier.
        await using var command = database.Command(
            """
            insert into throttles as t (key, tries, blocked_until, last_at) values ($1, 1, '-infinity', $2)
            on conflict (key) do update set last_at = $2,
              tries = case when t.last_at <= $3 then 1 else t.tries + 1 end,
              blocked_until = case when t.last_at <= $3 or t.tries < $4 then '-infinity' else $2 + least(interval '1 second' * 4 ^ least(t.tries + 1 - $4, 10), $5) end
            where t.blocked_until <= $2
            """,
            secret.Mac("throttle " + purpose, key),
            now,
            now - ForgottenAfter,
            free,
            LongestWait
        );
        return await command.ExecuteNonQueryAsync(cancellation) == 1;
    }

    /// <summary>
    /// As <see cref="TryAsync"/>, from a device where the account is known. Counted on the device, and with a larger
    /// allowance on all such devices of the account together.
    /// </summary>
    public async Task<bool> TryKnownAsync(
        string purpose,
        string device,
        Guid user,
        CancellationToken cancellation,
        int free = Free
    ) =>
        await TryAsync(purpose, device, cancellation, free)
        && await TryAsync(purpose, KnownDevicesOf(user), cancellation, Tries.FreeForKnownDevices);

    /// <summary>The try from a known device was right: forgives the device, and the one try on all of them.</summary>
    public async Task ForgiveKnownAsync(string purpose, string device, Guid user, CancellationToken cancellation)
    {
        await ForgiveAsync(purpose, device, cancellation);
        await GiveBackAsync(purpose, KnownDevicesOf(user), cancellation);
    }

    private static string KnownDevicesOf(Guid user) => $"known devices of {user:N}";

    public async Task ForgiveAsync(string purpose, string key, CancellationToken cancellation)
    {
        await using var command = database.Command(
            "delete from throttles where key = $1",
            secret.Mac("throttle " + purpose, key)
        );
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>
    /// Takes back one try, which turned out to be right, and the wait that it began. The wrong ones of others with the
    /// same key stay counted.
    /// </summary>
    public async Task GiveBackAsync(string purpose, string key, CancellationToken cancellation)
    {
        await using var command = database.Command(
            "update throttles set tries = tries - 1, blocked_until = '-infinity' where key = $1 and tries > 0",
            secret.Mac("throttle " + purpose, key)
        );
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
