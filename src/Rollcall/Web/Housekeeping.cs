using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Rollcall.Data;

namespace Rollcall.Web;

/// <summary>
/// Once an hour, deletes records older than <see cref="RetentionOptions"/> allows. Safe on several instances.
/// </summary>
internal sealed class Housekeeping(
    NpgsqlDataSource database,
    TimeProvider clock,
    IOptions<RollcallOptions> options,
    ILogger<Housekeeping> log
) : BackgroundService
{
    internal const int AtOnce = 1000;

    protected override async Task ExecuteAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromHours(1), clock);
        await Periodic.RunAsync(timer, atOnce: true, "clean up", CleanAsync, log, stopping);
    }

    /// <summary>
    /// Deletes in batches, so that no lock is held for long. Instances that run at once share the work.
    /// </summary>
    internal async Task CleanAsync(CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var kept = options.Value.Retention;
        foreach (
            var (table, old, age) in new[]
            {
                ("drafts", "created_at < $1", Days(kept.Drafts)),
                ("invitation_lists", "confirmed_at is null and created_at < $1", Days(kept.Drafts)),
                ("invitation_lists", "confirmed_at < $1", Days(kept.Lists)),
                ("outgoing_messages", "coalesce(sent_at, failed_at, superseded_at) < $1", Days(kept.Messages)),
                ("mailbox", "sent_at < $1", Days(kept.Messages)),
                ("password_resets", "created_at < $1", Days(kept.Messages)),
                ("address_changes", "created_at < $1", Days(kept.Messages)),
                ("sessions", "created_at < $1", Days(kept.Sessions)),
                ("pending_sign_ins", "created_at < $1", TimeSpan.FromHours(1)),
                ("answered_passkey_challenges", "answered_at < $1", TimeSpan.FromHours(1)),
                ("proven_identities", "created_at < $1", TimeSpan.FromHours(1)),
                ("one_time_codes", "created_at < $1", TimeSpan.FromDays(1)),
                ("throttles", "last_at < $1", TimeSpan.FromDays(1)),
            }
        )
        {
            // Deleting a list also deletes its lines, up to ten thousand.
            var atOnce = table == "invitation_lists" ? 10 : AtOnce;
            await RepeatAsync(
                table,
                atOnce,
                async () =>
                {
                    await using var delete = database.Command(
                        $"""
                        delete from {table} where ctid = any(array(
                          select ctid from {table} where {old} limit {atOnce} for update skip locked))
                        """,
                        now - age
                    );
                    return await delete.ExecuteNonQueryAsync(cancellation);
                },
                cancellation
            );
        }

        await RepeatAsync(
            "audit_events",
            AtOnce,
            async () =>
            {
                await using var forget = database.CreateCommand($"select forget_audit_events({AtOnce})");
                return (int)(await forget.ExecuteScalarAsync(cancellation))!;
            },
            cancellation
        );
    }

    /// <summary>
    /// Repeats until nothing is left. A table that fails is left for the next hour and does not stop the others.
    /// </summary>
    private async Task RepeatAsync(
        string table,
        int atOnce,
        Func<Task<int>> deleteAsync,
        CancellationToken cancellation
    )
    {
        try
        {
            while (await deleteAsync() == atOnce)
            {
                // There may be more.
            }
        }
        catch (Exception e) when (!Periodic.IsEnd(e, cancellation))
        {
            log.LogWarning(e, "Could not clean up {Table}; the next hour will", table);
        }
    }

    private static TimeSpan Days(int days) => TimeSpan.FromDays(days);
}
