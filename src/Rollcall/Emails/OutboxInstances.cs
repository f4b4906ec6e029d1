using System.Data;
using System.Security.Cryptography;
using Npgsql;

namespace Rollcall.Emails;

/// <summary>
/// The instances that send messages. While one listens for new messages, its advisory lock shows the others that it is
/// alive.
/// </summary>
internal sealed class OutboxInstances(NpgsqlDataSource database)
{
    /// <summary>The first key of these advisory locks.</summary>
    private const int OwnersLocks = 20_010;

    /// <summary>This instance's second key.</summary>
    private readonly int owner = RandomNumberGenerator.GetInt32(1, int.MaxValue);

    private volatile bool isOwner;

    /// <summary>Written into this instance's leases; null while it does not hold its lock.</summary>
    public int? Owner => isOwner ? owner : null;

    /// <summary>
    /// Frees the leases of instances that are gone, which their advisory locks show. Never this instance's own, even
    /// while the connection that holds its lock is lost.
    /// </summary>
    /// <returns>The number of leases freed.</returns>
    public async Task<int> FreeAbandonedAsync(CancellationToken cancellationToken)
    {
        await using var free = database.CreateCommand(
            $"""
            with gone as materialized (
                select distinct lease_owner as number from outgoing_messages where lease_owner is not null
                except
                select objid::bigint::integer from pg_locks
                where locktype = 'advisory' and classid = {OwnersLocks} and objsubid = 2
                  and database = (select oid from pg_database where datname = current_database()))
            update outgoing_messages m set {Deliveries.Free} from gone
            where m.lease_owner = gone.number and gone.number <> @owner
            """
        );
        free.Parameters.AddWithValue("owner", owner);
        return await free.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>
    /// Calls <paramref name="wake"/> for every commit that queues messages, and once at the start. Returns only by an
    /// exception. While it listens, this connection's advisory lock shows other instances that this one is alive.
    /// </summary>
    public async Task ListenAsync(Action wake, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        connection.Notification += (_, _) => wake();
        try
        {
            var start = $"select pg_advisory_lock({OwnersLocks}, {owner}); listen outgoing_messages";
            await using (var listen = new NpgsqlCommand(start, connection))
            {
                await listen.ExecuteNonQueryAsync(cancellationToken);
            }

            isOwner = true;
            wake(); // for messages committed before this connection listened
            while (true)
            {
                await connection.WaitAsync(cancellationToken);
            }
        }
        finally
        {
            isOwner = false;
            // The pool does not reset a connection that it gets back.
            if (connection.FullState == ConnectionState.Open)
            {
                await using var end = new NpgsqlCommand("unlisten *; select pg_advisory_unlock_all()", connection);
                await end.ExecuteNonQueryAsync(CancellationToken.None);
            }
        }
    }
}
