using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Rollcall.Data;

/// <summary>
/// The database's clock, shared by all instances. It is read at the start and every minute, and advanced in between by
/// this machine's monotonic counter. So changing this machine's clock does not change when links and sessions end.
/// </summary>
/// <param name="machine">This machine's clock and counter.</param>
internal sealed class DatabaseClock(NpgsqlDataSource database, ILogger<DatabaseClock> log, TimeProvider machine)
    : TimeProvider,
        IHostedService,
        IDisposable
{
    /// <summary>
    /// The largest difference from the database's clock at which an instance may serve: certificates, tokens and logs
    /// use the machine's clock.
    /// </summary>
    public static readonly TimeSpan MostDifference = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan LongRoundTrip = TimeSpan.FromMilliseconds(100);

    /// <summary>After this long, even a slow reading is better than the counter alone.</summary>
    private static readonly TimeSpan TooOld = TimeSpan.FromMinutes(5);

    private readonly CancellationTokenSource stop = new();
    private Reading? last;
    private Task keepsReading = Task.CompletedTask;

    /// <summary>How far this machine's clock is ahead of the database's; null until the first reading.</summary>
    public TimeSpan? Difference => Volatile.Read(ref last) is null ? null : machine.GetUtcNow() - GetUtcNow();

    /// <summary>The machine's own time until the first reading.</summary>
    public override DateTimeOffset GetUtcNow() =>
        Volatile.Read(ref last) is { } reading
            ? reading.At + machine.GetElapsedTime(reading.Counter)
            : machine.GetUtcNow();

    public async Task ReadAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await ReadAsync(connection, cancellation);
    }

    public async Task ReadAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var ask = new NpgsqlCommand("select clock_timestamp()", connection);
        var before = machine.GetTimestamp();
        var at = new DateTimeOffset((DateTime)(await ask.ExecuteScalarAsync(cancellation))!);
        // The database read its clock somewhere between question and answer. After a slow round trip, the counter is
        // more accurate than the answer.
        var roundTrip = machine.GetElapsedTime(before);
        if (roundTrip <= LongRoundTrip || last is not { } known || machine.GetElapsedTime(known.Counter) > TooOld)
        {
            Volatile.Write(ref last, new(at - (roundTrip / 2), before));
        }
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (last is null)
        {
            await ReadAsync(cancellationToken);
        }

        keepsReading = KeepReadingAsync();
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await stop.CancelAsync();
        await keepsReading;
    }

    // Only ends the loop: a host that is disposed while it stops still calls StopAsync.
    public void Dispose() => stop.Cancel();

    /// <summary>For example, "8 days ahead of".</summary>
    public static string InWords(TimeSpan difference)
    {
        var length = difference.Duration();
        var (number, unit) =
            length.TotalDays >= 2 ? (length.TotalDays, "days")
            : length.TotalHours >= 2 ? (length.TotalHours, "hours")
            : length.TotalMinutes >= 2 ? (length.TotalMinutes, "minutes")
            : (length.TotalSeconds, "seconds");
        return $"{number:0} {unit} {(difference > TimeSpan.Zero ? "ahead of" : "behind")}";
    }

    private async Task KeepReadingAsync()
    {
        using var timer = new PeriodicTimer(Every);
        await Periodic.RunAsync(timer, atOnce: false, "read the database’s clock", ReadAsync, log, stop.Token);
    }

    private sealed record Reading(DateTimeOffset At, long Counter);
}
