using System.Data;
using Npgsql;
using NpgsqlTypes;

namespace Rollcall.Emails;

/// <summary>
/// A message that this process has leased. Unknown is the number of attempts without a known outcome.
/// </summary>
internal sealed record Delivery(
    Guid Id,
    string Kind,
    string Data,
    string To,
    Guid Lease,
    DateTimeOffset CreatedAt,
    int Unknown
);

/// <summary>
/// The states of the outbox's rows. Each step is one statement; no transaction stays open while a message is sent.
/// Leases and due times use the database's clock, because instances may disagree about the time. Every step after the
/// claim names the lease, so a process that slept past its lease changes nothing when it wakes.
/// </summary>
internal sealed class Deliveries(NpgsqlDataSource database, OutboxInstances instances)
{
    /// <summary>
    /// Renewed while a message is being sent, so an expired lease means that its holder is gone or hangs.
    /// </summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);

    /// <summary>The first attempt and two more, because each may have arrived.</summary>
    public const int MostUnknown = 3;

    private const string Waiting = "sent_at is null and failed_at is null and superseded_at is null";
    private const string NotPaused = "not exists (select from outbox_pause where until > now())";
    private const string Held = "id = @id and lease_token = @lease and sent_at is null and failed_at is null";
    internal const string Free = "lease_token = null, leased_until = null, lease_owner = null";

    /// <summary>Leases the most urgent messages that are due and not leased by another process.</summary>
    /// <param name="upTo">Only messages with this priority or a more urgent one.</param>
    public async Task<List<Delivery>> ClaimAsync(
        int limit,
        CancellationToken cancellationToken,
        short upTo = short.MaxValue
    )
    {
        var lease = Guid.NewGuid();
        // Materialized, because PostgreSQL may otherwise run the limited selection more than once.
        await using var claim = database.CreateCommand(
            $"""
            with due as materialized (
                select id from outgoing_messages
                where {Waiting} and priority <= @upTo and available_at <= now()
                  and (leased_until is null or leased_until <= now()) and kind = any(@kinds) and {NotPaused}
                order by priority, available_at, id
                for update skip locked
                limit @limit),
            claimed as (
                update outgoing_messages m
                set lease_token = @lease, leased_until = now() + @length, lease_owner = @owner
                from due where m.id = due.id
                returning m.*)
            select id, kind, data::text, to_address, created_at, unknown_outcomes
            from claimed order by priority, available_at, id
            """
        );
        claim.Parameters.AddWithValue("limit", limit);
        claim.Parameters.AddWithValue("upTo", upTo);
        claim.Parameters.AddWithValue("kinds", Email.KnownKinds);
        claim.Parameters.AddWithValue("lease", lease);
        claim.Parameters.AddWithValue("length", Lease);
        claim.Parameters.Add(new("owner", NpgsqlDbType.Integer) { Value = (object?)instances.Owner ?? DBNull.Value });
        await using var rows = await claim.ExecuteReaderAsync(cancellationToken);
        var deliveries = new List<Delivery>();
        while (await rows.ReadAsync(cancellationToken))
        {
            deliveries.Add(
                new Delivery(
                    rows.GetGuid(0),
                    rows.GetString(1),
                    rows.GetString(2),
                    rows.GetString(3),
                    lease,
                    rows.GetFieldValue<DateTimeOffset>(4),
                    rows.GetInt32(5)
                )
            );
        }

        return deliveries;
    }

    /// <summary>
    /// The last check before sending: the lease is still ours, the message still wanted, the queue not paused. Renews
    /// the lease, counts the attempt and fixes the Message-ID. Null: do not send.
    /// </summary>
    public async Task<(int Attempt, string MessageId)?> BeginAsync(
        Delivery delivery,
        string domain,
        CancellationToken cancellationToken
    )
    {
        await using var begin = Command(
            delivery,
            $"""
            update outgoing_messages set
                attempts = attempts + 1,
                unknown_outcomes = unknown_outcomes + 1,
                leased_until = now() + @length,
                message_id = coalesce(message_id, '<' || id || '@' || @domain || '>')
            where {Held} and superseded_at is null and leased_until > now() and {NotPaused}
            returning attempts, message_id
            """,
            ("length", Lease),
            ("domain", domain)
        );
        await using var row = await begin.ExecuteReaderAsync(CommandBehavior.SingleRow, cancellationToken);
        return await row.ReadAsync(cancellationToken) ? (row.GetInt32(0), row.GetString(1)) : null;
    }

    /// <summary>Renews the lease while the message is being sent. False if the lease was lost.</summary>
    public Task<bool> RenewAsync(Delivery delivery) =>
        RunAsync(
            delivery,
            $"update outgoing_messages set leased_until = now() + @length where {Held}",
            ("length", Lease)
        );

    /// <summary>Returns the message unchanged, for any instance to claim.</summary>
    public Task<bool> ReleaseAsync(Delivery delivery) =>
        RunAsync(delivery, $"update outgoing_messages set {Free} where {Held}");

    /// <summary>
    /// Records that the message was sent, even if the lease was lost, because it must not be sent again. False if
    /// another process has ended it.
    /// </summary>
    public Task<bool> SentAsync(Delivery delivery, DateTimeOffset at) =>
        RunAsync(
            delivery,
            $"""
            update outgoing_messages set sent_at = @at, unknown_outcomes = 0, last_error = null, {Free}
            where id = @id and sent_at is null and failed_at is null
            """,
            ("at", at.ToUniversalTime())
        );

    /// <summary>Ends a message that is out of date, without sending it.</summary>
    public Task<bool> SupersedeAsync(Delivery delivery, string because, DateTimeOffset at) =>
        RunAsync(
            delivery,
            $"update outgoing_messages set superseded_at = @at, ended_because = @because, {Free} where {Held}",
            ("at", at.ToUniversalTime()),
            ("because", because)
        );

    /// <summary>Ends a message that cannot be sent: a dead letter, kept and shown but not tried again.</summary>
    public Task<bool> FailedAsync(Delivery delivery, string because, string? error, DateTimeOffset at) =>
        RunAsync(
            delivery,
            $"""
            update outgoing_messages set failed_at = @at, ended_because = @because,
                last_error = coalesce(@error::text, last_error), {Free}
            where {Held}
            """,
            ("at", at.ToUniversalTime()),
            ("because", because),
            ("error", error)
        );

    /// <summary>
    /// Schedules another attempt, or ends the message if it has been tried for long enough or too often without an
    /// answer. Time while the whole queue was paused does not count. True if it became a dead letter; null if the lease
    /// was lost.
    /// </summary>
    /// <param name="isKnown">It was certainly not sent.</param>
    public async Task<bool?> RetryAsync(
        Delivery delivery,
        string error,
        TimeSpan delay,
        DateTimeOffset now,
        bool isKnown
    )
    {
        await using var retry = Command(
            delivery,
            $"""
            with after as (
                select id as message, unknown_outcomes - @known as still_unknown,
                    now() >= @limit + greatest(created_at, (select until from outbox_pause)) as too_long
                from outgoing_messages where {Held})
            update outgoing_messages m set
                available_at = now() + @delay,
                unknown_outcomes = still_unknown,
                failed_at = case when too_long or still_unknown >= {MostUnknown} then @at end,
                ended_because = case
                    when still_unknown >= {MostUnknown} or (too_long and still_unknown > 0) then '{Endings.Unknown}'
                    when too_long then '{Endings.GaveUp}' end,
                last_error = @error, {Free}
            from after where id = message and {Held}
            returning failed_at is not null
            """,
            ("known", isKnown ? 1 : 0),
            ("delay", delay),
            ("limit", RetrySchedule.GiveUpAfter),
            ("error", error),
            ("at", now.ToUniversalTime())
        );
        return (bool?)await retry.ExecuteScalarAsync();
    }

    /// <summary>
    /// Pauses sending on every instance. The message that met the obstacle does not use up an attempt.
    /// </summary>
    public Task PauseAsync(Delivery delivery, string reason, TimeSpan length) =>
        RunAsync(
            delivery,
            $"""
            with paused as (
                insert into outbox_pause (until, reason) values (now() + @length, @reason)
                on conflict (only_row) do update
                set until = greatest(outbox_pause.until, excluded.until), reason = excluded.reason)
            update outgoing_messages set
                attempts = attempts - 1, unknown_outcomes = unknown_outcomes - 1, last_error = @reason, {Free}
            where {Held}
            """,
            ("length", length),
            ("reason", reason)
        );

    private NpgsqlCommand Command(Delivery delivery, string sql, params (string Name, object? Value)[] parameters)
    {
        var command = database.CreateCommand(sql);
        command.Parameters.AddWithValue("id", delivery.Id);
        command.Parameters.AddWithValue("lease", delivery.Lease);
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        }

        return command;
    }

    /// <returns>Whether a row was changed.</returns>
    private async Task<bool> RunAsync(Delivery delivery, string sql, params (string Name, object? Value)[] parameters)
    {
        await using var command = Command(delivery, sql, parameters);
        return await command.ExecuteNonQueryAsync() == 1;
    }
}
