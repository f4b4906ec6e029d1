using Npgsql;

namespace Rollcall.Data;

/// <summary>
/// Whether requests can be served: the database answers within a second and has this version's schema.
/// </summary>
internal sealed class Readiness(string connectionString) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly NpgsqlDataSource probe = Connection.ToProbe(connectionString);

    /// <summary>Why not; null when ready.</summary>
    public async Task<string?> ProblemAsync(CancellationToken cancellation)
    {
        try
        {
            // The limit does not rely on the driver: against a server that hangs it waits for the answer to its own
            // cancelling.
            return await Migrator.IsCurrentAsync(probe, cancellation).WaitAsync(Patience, cancellation)
                ? null
                : "the database is at an older version";
        }
        catch (Exception e) when (e is NpgsqlException or OperationCanceledException or TimeoutException)
        {
            return "the database does not answer";
        }
    }

    public ValueTask DisposeAsync() => probe.DisposeAsync();
}
