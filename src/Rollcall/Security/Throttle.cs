using Npgsql;
using Rollcall.Data;

namespace Rollcall.Security;

/// <summary>What can be guessed.</summary>
internal static class Tries
{
    public const string Account = "password of an account",
        Network = "passwords from a network",
        SecondFactor = "second factor of an account",
        CodesSent = "codes sent to a person",
        Passkey = "passkey answers",
        Refused = "refusals recorded";

    /// <summary>A school or an office shares one network: its Monday morning must not be blocked.</summary>
    public const int FreeForNetwork = 100;

    /// <summary>For all known devices of one account together, because there can be any number of them.</summary>
    public const int FreeForKnownDevices = 50;

    /// <summary>Codes sent but never entered.</summary>
    public const int FreeCodesSent = 10;
}

/// <summary>
/// Counts attempts at anything that can be guessed, in the database, so that all instances count together. An attempt
/// is counted before it is checked, and taken back if it was right. Five are free; then each adds a longer wait, up to
/// fifteen minutes. Never permanent, because anyone could then lock anyone out (NIST SP 800-63B-4, 3.2.2).
/// </summary>
internal sealed class Throttle(NpgsqlDataSource database, Secret secret, TimeProvider clock)
{
    public const int Free = 5;
    public static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(15),
        ForgottenAfter = TimeSpan.FromHours(24);

    /// <summary>
    /// Counts an attempt and returns true if one may be made now. The wait after the sixth attempt is 4 seconds, then
    /// 16, 64 and 256, and fifteen minutes from the tenth on.
    /// </summary>
    /// <param name="purpose">What is guessed. Each purpose has its own counts.</param>
    /// <param name="key">The account or network. Stored only as a keyed hash.</param>
    /// <param name="free">How many attempts need no wait. A network is shared by many people, so it has more.</param>
    public async Task<bool> TryAsync(string purpose, string key, CancellationToken cancellation, int free = Free)
    {
        var now = clock.GetUtcNow();
        // A free attempt sets no wait, not even until now: another request, or an instance whose clock is behind, may
        // be a moment earlier.
        await using var command = database.Command(
            """
            insert into throttles as t (key, tries, blocked_until, last_at) values ($1, 1, '-infinity', $2)
            on conflict (key) do update set last_at = $2,
              tries = case when t.last_at <= $3 then 1 else t.tries + 1 end,
              blocked_until = case when t.last_at <= $3 or t.tries < $4 then '-infinity'
                else $2 + least(interval '1 second' * 4 ^ least(t.tries + 1 - $4, 10), $5) end
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
    /// <see cref="TryAsync"/> for a device where the account is known. Counted for the device, and with a larger
    /// allowance for all such devices of the account together.
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

    /// <summary>
    /// Takes back an attempt from a known device that was right: all of the device's attempts, and this one for all
    /// devices.
    /// </summary>
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
    /// Takes back one attempt that was right, and the wait that it started. Others' wrong attempts with the same key
    /// still count.
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
