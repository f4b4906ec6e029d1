using Npgsql;
using Rollcall.Security;

namespace Rollcall.Data;

/// <summary>
/// Whether this instance can serve requests: the database answers within a second, has this version's schema and this
/// instance's secret, and its clock agrees with the machine's.
/// </summary>
internal sealed class Readiness(string connectionString, Secret secret, DatabaseClock clock) : IAsyncDisposable
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(1);

    private readonly NpgsqlDataSource probe = Connection.ToProbe(connectionString);

    /// <summary>Why not; null if ready.</summary>
    public async Task<string?> ProblemAsync(CancellationToken cancellation)
    {
        try
        {
            // Not the driver's own timeout: when a server hangs, the driver also waits for its cancel request to be
            // answered.
            return await AskAsync(cancellation).WaitAsync(TimeLimit, cancellation);
        }
        catch (OtherSecretException)
        {
            return "the database was set up with another secret";
        }
        catch (Exception e) when (Connection.IsFailure(e) || e is OperationCanceledException)
        {
            return "the database does not answer";
        }
    }

    private async Task<string?> AskAsync(CancellationToken cancellation)
    {
        await using var connection = await probe.OpenConnectionAsync(cancellation);
        if (!await Migrator.IsCurrentAsync(connection, cancellation))
        {
            return "the database is at an older version";
        }

        await OtherSecretException.ThrowIfAsync(connection, secret);
        await clock.ReadAsync(connection, cancellation);
        return clock.Difference is { } difference && difference.Duration() > DatabaseClock.MostDifference
            ? $"this machine’s clock is {DatabaseClock.InWords(difference)} the database’s"
            : null;
    }

    public ValueTask DisposeAsync() => probe.DisposeAsync();
}
