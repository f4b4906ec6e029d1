using System.Data;
using Npgsql;
using NpgsqlTypes;

namespace Rollcall.Emails;

/// <summary>A message that this process holds the lease of.</summary>
internal sealed record Delivery(Guid Id, string Kind, string Data, string To, Guid Lease, DateTimeOffset CreatedAt);

/// <summary>
/// The states of the outbox's rows, one statement for each step and never a transaction that stays open while something is sent. Leases
/// and due times are the database's clock: instances may disagree about the time. Every step after the claim names the lease, so that a
/// process that slept past its lease changes nothing when it wakes.
/// </summary>
internal sealed class Deliveries(NpgsqlDataSource database)
{
    public const string Channel = "outgoing_messages";

    /// <summary>Longer than the time one send may take, so a lease that ran out means that its holder is gone.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);

    private const string Waiting = "sent_at is null and failed_at is null and superseded_at is null";
    private const string NotPaused = "not exists (select from outbox_pause where until > now())";
    private const string Held = "id = @id and lease_token = @lease and sent_at is null and failed_at is null";

    /// <summary>The most urgent messages that are due and that no other process holds.</summary>
    public async Task<List<Delivery>> ClaimAsync(int limit, CancellationToken cancellationToken)
    {
        var lease = Guid.NewGuid();
        // Materialized, because PostgreSQL may otherwise run the limited selection more than once.
        await using var claim = database.CreateCommand($"""
            with due as materialized (
                select id from outgoing_messages
                where {Waiting} and available_at <= now() and (leased_until is null or leased_until <= now()) and kind = any(@kinds) and {NotPaused}
                order by priority, available_at, id
                for update skip locked
                limit @limit),
            claimed as (
                update outgoing_messages m set lease_token = @lease, leased_until = now() + @length
                from due where m.id = due.id
                returning m.id, m.kind, m.data::text, m.to_address, m.priority, m.available_at, m.created_at)
            select id, kind, data, to_address, created_at from claimed order by priority, available_at, id
            """);
        claim.Parameters.AddWithValue("limit", limit);
        claim.Parameters.AddWithValue("kinds", Email.KnownKinds);
        claim.Parameters.AddWithValue("lease", lease);
        claim.Parameters.AddWithValue("length", Lease);
        await using var rows = await claim.ExecuteReaderAsync(cancellationToken);
        var deliveries = new List<Delivery>();
        while (await rows.ReadAsync(cancellationToken))
        {
            deliveries.Add(new Delivery(rows.GetGuid(0), rows.GetString(1), rows.GetString(2), rows.GetString(3), lease, rows.GetFieldValue<DateTimeOffset>(4)));
        }

        return deliveries;
    }

    /// <summary>
    /// The last look before sending: still ours, still wanted, and the queue not paused meanwhile. Renews the lease, counts the attempt and
    /// settles the Message-ID. Null: do not send.
    /// </summary>
    public async Task<(int Attempt, string MessageId)?> BeginAsync(Delivery delivery, string domain, CancellationToken cancellationToken)
    {
        await using var begin = Command($"""
            update outgoing_messages set
                attempts = attempts + 1,
                leased_until = now() + @length,
                message_id = coalesce(message_id, '<' || id || '@' || @domain || '>')
            where {Held} and superseded_at is null and leased_until > now() and {NotPaused}
            returning attempts, message_id
            """, delivery);
        begin.Parameters.AddWithValue("length", Lease);
        begin.Parameters.AddWithValue("domain", domain);
        await using var row = await begin.ExecuteReaderAsync(CommandBehavior.SingleRow, cancellationToken);
        return await row.ReadAsync(cancellationToken) ? (row.GetInt32(0), row.GetString(1)) : null;
    }

    /// <summary>Untouched, for anybody to claim.</summary>
    public Task<bool> ReleaseAsync(Delivery delivery) =>
        RunAsync(Command($"update outgoing_messages set lease_token = null, leased_until = null where {Held}", delivery));

    public Task<bool> SentAsync(Delivery delivery, DateTimeOffset at)
    {
        var sent = Command($"""
            update outgoing_messages set sent_at = @at, last_error = null, lease_token = null, leased_until = null where {Held}
            """, delivery);
        sent.Parameters.AddWithValue("at", at.ToUniversalTime());
        return RunAsync(sent);
    }

    /// <summary>Out of date: kept, and not sent.</summary>
    public Task<bool> SupersedeAsync(Delivery delivery, DateTimeOffset at)
    {
        var superseded = Command($"update outgoing_messages set superseded_at = @at, lease_token = null, leased_until = null where {Held}", delivery);
        superseded.Parameters.AddWithValue("at", at.ToUniversalTime());
        return RunAsync(superseded);
    }

    /// <summary>A dead letter: kept, shown, not tried again.</summary>
    public Task<bool> FailedAsync(Delivery delivery, string error, DateTimeOffset at)
    {
        var failed = Command($"""
            update outgoing_messages set failed_at = @at, last_error = @error, lease_token = null, leased_until = null where {Held}
            """, delivery);
        failed.Parameters.AddWithValue("at", at.ToUniversalTime());
        failed.Parameters.AddWithValue("error", error);
        return RunAsync(failed);
    }

    /// <summary>
    /// Later, or a dead letter when it has been tried for long enough. Time during which the whole queue was paused does not count: the
    /// message had no chance. True when it became a dead letter; null when the lease was lost.
    /// </summary>
    public async Task<bool?> RetryAsync(Delivery delivery, string error, TimeSpan delay, DateTimeOffset now)
    {
        await using var retry = Command($"""
            update outgoing_messages set
                available_at = now() + @delay,
                failed_at = case when now() >= @limit + greatest(created_at, (select until from outbox_pause)) then @at end,
                last_error = @error, lease_token = null, leased_until = null
            where {Held}
            returning failed_at is not null
            """, delivery);
        retry.Parameters.AddWithValue("delay", delay);
        retry.Parameters.AddWithValue("limit", RetrySchedule.GiveUpAfter);
        retry.Parameters.AddWithValue("error", error);
        retry.Parameters.AddWithValue("at", now.ToUniversalTime());
        return (bool?)await retry.ExecuteScalarAsync();
    }

    /// <summary>Nothing leaves, from any instance, until the time is over. The message that met the obstacle has used up no attempt.</summary>
    public async Task PauseAsync(Delivery delivery, string reason, TimeSpan length)
    {
        await using var pause = Command($"""
            with paused as (
                insert into outbox_pause (until, reason) values (now() + @length, @reason)
                on conflict (only_row) do update
                set until = greatest(outbox_pause.until, excluded.until), reason = excluded.reason)
            update outgoing_messages set attempts = attempts - 1, last_error = @reason, lease_token = null, leased_until = null where {Held}
            """, delivery);
        pause.Parameters.AddWithValue("length", length);
        pause.Parameters.AddWithValue("reason", reason);
        await pause.ExecuteNonQueryAsync();
    }

    /// <summary>Calls back for every commit that put messages into the outbox, and once at the start; returns only by an exception.</summary>
    public async Task ListenAsync(Action wake, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        connection.Notification += (_, _) => wake();
        await using (var listen = new NpgsqlCommand($"listen {Channel}", connection))
        {
            await listen.ExecuteNonQueryAsync(cancellationToken);
        }

        wake(); // For what was committed while nobody listened.
        while (true)
        {
            await connection.WaitAsync(cancellationToken);
        }
    }

    private NpgsqlCommand Command(string sql, Delivery delivery)
    {
        var command = database.CreateCommand(sql);
        command.Parameters.AddWithValue("id", NpgsqlDbType.Uuid, delivery.Id);
        command.Parameters.AddWithValue("lease", NpgsqlDbType.Uuid, delivery.Lease);
        return command;
    }

    private static async Task<bool> RunAsync(NpgsqlCommand command)
    {
        await using (command)
        {
            return await command.ExecuteNonQueryAsync() == 1;
        }
    }
}
