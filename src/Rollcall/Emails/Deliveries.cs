using System.Data;
using System.Security.Cryptography;
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
/// Why a message was not sent and will not be: the values of <see cref="Data.OutgoingMessage.EndedBecause"/>.
/// </summary>
internal static class Endings
{
    /// <summary>The server refused it; LastError has the reason.</summary>
    public const string Refused = "refused";

    /// <summary>It failed for hours; LastError has the last reason.</summary>
    public const string GaveUp = "gave-up";

    /// <summary>The server did not answer, and another attempt could send a duplicate.</summary>
    public const string Unknown = "unknown";

    /// <summary>The row cannot be read.</summary>
    public const string Unreadable = "unreadable";

    /// <summary>It was only useful for minutes, and they have passed.</summary>
    public const string Late = "late";

    /// <summary>A newer link replaced it.</summary>
    public const string Newer = "newer";

    /// <summary>The person was removed before it was sent.</summary>
    public const string Removed = "removed";

    /// <summary>The person's address was changed before it was sent.</summary>
    public const string Readdressed = "readdressed";

    /// <summary>The removal that it announces was undone, or the person was added again.</summary>
    public const string Undone = "undone";
}

/// <summary>
/// The states of the outbox's rows. Each step is one statement; no transaction stays open while a message is sent.
/// Leases and due times use the database's clock, because instances may disagree about the time. Every step after the
/// claim names the lease, so a process that slept past its lease changes nothing when it wakes.
/// </summary>
internal sealed class Deliveries(NpgsqlDataSource database)
{
    public const string Channel = "outgoing_messages";

    /// <summary>
    /// Renewed while a message is being sent, so an expired lease means that its holder is gone or hangs.
    /// </summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);

    /// <summary>The first attempt and two more, because each may have arrived.</summary>
    public const int MostUnknown = 3;

    private const string Waiting = "sent_at is null and failed_at is null and superseded_at is null";
    private const string NotPaused = "not exists (select from outbox_pause where until > now())";
    private const string Held = "id = @id and lease_token = @lease and sent_at is null and failed_at is null";
    private const string Free = "lease_token = null, leased_until = null, lease_owner = null";

    /// <summary>The first key of the advisory locks by which instances show that they are alive.</summary>
    private const int OwnersLocks = 20_010;

    /// <summary>This instance's second key.</summary>
    private readonly int owner = RandomNumberGenerator.GetInt32(1, int.MaxValue);

    private volatile bool isOwner;

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
        claim.Parameters.Add(new("owner", NpgsqlDbType.Integer) { Value = isOwner ? owner : DBNull.Value });
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
            update outgoing_messages m set {Free} from gone where m.lease_owner = gone.number and gone.number <> @owner
            """
        );
        free.Parameters.AddWithValue("owner", owner);
        return await free.ExecuteNonQueryAsync(cancellationToken);
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
            $"""
            update outgoing_messages set
                attempts = attempts + 1,
                unknown_outcomes = unknown_outcomes + 1,
                leased_until = now() + @length,
                message_id = coalesce(message_id, '<' || id || '@' || @domain || '>')
            where {Held} and superseded_at is null and leased_until > now() and {NotPaused}
            returning attempts, message_id
            """,
            delivery
        );
        begin.Parameters.AddWithValue("length", Lease);
        begin.Parameters.AddWithValue("domain", domain);
        await using var row = await begin.ExecuteReaderAsync(CommandBehavior.SingleRow, cancellationToken);
        return await row.ReadAsync(cancellationToken) ? (row.GetInt32(0), row.GetString(1)) : null;
    }

    /// <summary>Renews the lease while the message is being sent. False if the lease was lost.</summary>
    public Task<bool> RenewAsync(Delivery delivery)
    {
        var renew = Command($"update outgoing_messages set leased_until = now() + @length where {Held}", delivery);
        renew.Parameters.AddWithValue("length", Lease);
        return RunAsync(renew);
    }

    /// <summary>Returns the message unchanged, for any instance to claim.</summary>
    public Task<bool> ReleaseAsync(Delivery delivery) =>
        RunAsync(Command($"update outgoing_messages set {Free} where {Held}", delivery));

    /// <summary>
    /// Records that the message was sent, even if the lease was lost, because it must not be sent again. False if
    /// another process has ended it.
    /// </summary>
    public Task<bool> SentAsync(Delivery delivery, DateTimeOffset at)
    {
        var sent = Command(
            $"""
            update outgoing_messages set sent_at = @at, unknown_outcomes = 0, last_error = null, {Free}
            where id = @id and sent_at is null and failed_at is null
            """,
            delivery
        );
        sent.Parameters.AddWithValue("at", at.ToUniversalTime());
        return RunAsync(sent);
    }

    /// <summary>Ends a message that is out of date, without sending it.</summary>
    public Task<bool> SupersedeAsync(Delivery delivery, string because, DateTimeOffset at)
    {
        var superseded = Command(
            $"""
            update outgoing_messages set superseded_at = @at, ended_because = @because, {Free} where {Held}
            """,
            delivery
        );
        superseded.Parameters.AddWithValue("at", at.ToUniversalTime());
        superseded.Parameters.AddWithValue("because", because);
        return RunAsync(superseded);
    }

    /// <summary>Ends a message that cannot be sent: a dead letter, kept and shown but not tried again.</summary>
    public Task<bool> FailedAsync(Delivery delivery, string because, string? error, DateTimeOffset at)
    {
        var failed = Command(
            $"""
            update outgoing_messages set failed_at = @at, ended_because = @because,
                last_error = coalesce(@error, last_error), {Free}
            where {Held}
            """,
            delivery
        );
        failed.Parameters.AddWithValue("at", at.ToUniversalTime());
        failed.Parameters.AddWithValue("because", because);
        failed.Parameters.Add(new("error", NpgsqlDbType.Text) { Value = (object?)error ?? DBNull.Value });
        return RunAsync(failed);
    }

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
            delivery
        );
        retry.Parameters.AddWithValue("known", isKnown ? 1 : 0);
        retry.Parameters.AddWithValue("delay", delay);
        retry.Parameters.AddWithValue("limit", RetrySchedule.GiveUpAfter);
        retry.Parameters.AddWithValue("error", error);
        retry.Parameters.AddWithValue("at", now.ToUniversalTime());
        return (bool?)await retry.ExecuteScalarAsync();
    }

    /// <summary>
    /// Pauses sending on every instance. The message that met the obstacle does not use up an attempt.
    /// </summary>
    public async Task PauseAsync(Delivery delivery, string reason, TimeSpan length)
    {
        await using var pause = Command(
            $"""
            with paused as (
                insert into outbox_pause (until, reason) values (now() + @length, @reason)
                on conflict (only_row) do update
                set until = greatest(outbox_pause.until, excluded.until), reason = excluded.reason)
            update outgoing_messages set
                attempts = attempts - 1, unknown_outcomes = unknown_outcomes - 1, last_error = @reason, {Free}
            where {Held}
            """,
            delivery
        );
        pause.Parameters.AddWithValue("length", length);
        pause.Parameters.AddWithValue("reason", reason);
        await pause.ExecuteNonQueryAsync();
    }

    /// <summary>
    /// Calls <paramref name="wake"/> for every commit that queues messages, and once at the start. Returns only by an
    /// exception. While it listens, this connection's advisory lock shows other instances that this one is alive.
    /// </summary>
    public async Task ListenAsync(Action wake, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        connection.Notification += (_, _) => wake();
        var start = $"select pg_advisory_lock({OwnersLocks}, {owner}); listen {Channel}";
        await using (var listen = new NpgsqlCommand(start, connection))
        {
            await listen.ExecuteNonQueryAsync(cancellationToken);
        }

        try
        {
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
