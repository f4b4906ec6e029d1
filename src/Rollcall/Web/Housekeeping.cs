using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Rollcall.Web;

/// <summary>Once an hour, on any number of instances: forgets answers that nobody went on with, and sessions that are over.</summary>
internal sealed class Housekeeping(NpgsqlDataSource database, TimeProvider clock, ILogger<Housekeeping> log) : BackgroundService
{
    /// <summary>Longer than a weekend, so that Monday finds what Friday began; and a confirm sent again is recognised for at least a day.</summary>
    public static readonly TimeSpan DraftsAreKept = TimeSpan.FromDays(7);

    protected override async Task ExecuteAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromHours(1), clock);
        try
        {
            do
            {
                try
                {
                    await CleanAsync(stopping);
                }
                catch (NpgsqlException e)
                {
                    log.LogWarning(e, "Could not clean up; the next hour will");
                }
            }
            while (await timer.WaitForNextTickAsync(stopping));
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // the program ends
        }
    }

    internal async Task CleanAsync(CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        await using var batch = database.CreateBatch();
        foreach (var (sql, before) in new[]
        {
            ("delete from drafts where created_at < $1", now - DraftsAreKept),
            ("delete from invitation_batches where confirmed_at is null and created_at < $1", now - DraftsAreKept),
            ("delete from pending_sign_ins where created_at < $1", now - TimeSpan.FromHours(1)),
            ("delete from passkey_challenges where created_at < $1", now - TimeSpan.FromHours(1)),
            ("delete from answered_passkey_challenges where answered_at < $1", now - TimeSpan.FromHours(1)),
            ("delete from one_time_codes where created_at < $1", now - TimeSpan.FromDays(1)),
            ("delete from throttles where last_at < $1", now - TimeSpan.FromDays(1)),
            ("delete from password_resets where created_at < $1", now - TimeSpan.FromDays(30)),
            ("delete from address_changes where created_at < $1", now - TimeSpan.FromDays(30)),
            ("delete from proven_identities where created_at < $1", now - TimeSpan.FromHours(1)),
            ("delete from sessions where created_at < $1", now - Session.Longest),
            ("delete from sessions where seen_at < $1", now - Session.Idle),
        })
            batch.BatchCommands.Add(new(sql) { Parameters = { new() { Value = before } } });
        await batch.ExecuteNonQueryAsync(cancellation);
    }
}
