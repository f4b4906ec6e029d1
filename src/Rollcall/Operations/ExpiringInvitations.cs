using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Rollcall.Data;

namespace Rollcall.Operations;

/// <summary>
/// Moves the people whose invitation has expired from the list of the pending to that of the expired. Polls every ten
/// seconds; safe on several instances. An organisation that someone else is changing is left for the next time, so it
/// waits for no one.
/// </summary>
internal sealed class ExpiringInvitations(
    NpgsqlDataSource database,
    TimeProvider clock,
    ILogger<ExpiringInvitations> log
) : BackgroundService
{
    // Both ways: two instances, or a clock that was set back, need not agree about the time.
    private const string OfAnotherTime =
        "removed_at is null and standing = 'waiting' "
        + "and ((not late and expires_at <= $1) or (late and (expires_at > $1 or expires_at is null)))";

    private const int AtOnce = 5000;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(10));
        await Periodic.RunAsync(
            timer,
            atOnce: true,
            "bring the lists of expired invitations up to date",
            UpdateAsync,
            log,
            stoppingToken
        );
    }

    internal async Task UpdateAsync(CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var organisations = new List<Guid>();
        await using (
            var find = database.Command($"select distinct organisation_id from memberships where {OfAnotherTime}", now)
        )
        await using (var rows = await find.ExecuteReaderAsync(cancellation))
        {
            while (await rows.ReadAsync(cancellation))
            {
                organisations.Add(rows.GetGuid(0));
            }
        }

        foreach (var organisation in organisations)
        {
            try
            {
                while (await UpdateAsync(organisation, now, cancellation) == AtOnce)
                {
                    // There may be more.
                }
            }
            catch (Exception e) when (!Periodic.IsEnd(e, cancellation))
            {
                log.LogWarning(e, "Could not bring the lists of organisation {Id} up to date", organisation);
            }
        }
    }

    /// <summary>A few thousand people at a time, so that the organisation's lock is not held for long.</summary>
    private async Task<int> UpdateAsync(Guid organisation, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using var lockIt = Command(
            connection,
            "select 1 from organisations where id = $1 for no key update skip locked",
            organisation
        );
        if (await lockIt.ExecuteScalarAsync(cancellation) is null)
        {
            return 0;
        }

        await using var update = Command(
            connection,
            $"""
            update memberships set late = not late where id in (
              select id from memberships where {OfAnotherTime} and organisation_id = $2 limit {AtOnce})
            """,
            now,
            organisation
        );
        var updated = await update.ExecuteNonQueryAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return updated;
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, params object[] values)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }

        return command;
    }
}
