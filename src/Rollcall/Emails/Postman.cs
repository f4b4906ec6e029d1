using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Rollcall.Emails;

/// <summary>
/// Sends the messages in the outbox. Safe on several instances. When stopped, it claims nothing more and waits for
/// messages being sent. When killed, its leases are freed and another instance continues.
/// </summary>
internal sealed class Postman(
    Deliveries deliveries,
    OutboxInstances instances,
    OutboxSender sender,
    ILogger<Postman> log
) : BackgroundService
{
    /// <summary>
    /// How many messages are sent at once. Security codes have slots of their own, and so do other messages that a
    /// person waits for, and single invitations: a slow server with a list of ten thousand delays none of them. Each
    /// slot is refilled as soon as it is free.
    /// </summary>
    private readonly Place[] places =
    [
        new(UpTo: 0, Count: 2),
        new(UpTo: 10, Count: 2),
        new(UpTo: 20, Count: 2),
        new(short.MaxValue, AtOnce),
    ];

    /// <summary>Slots for messages that no one waits for.</summary>
    public const int AtOnce = 4;

    /// <summary>Finds what no notification announces: a due retry, an expired lease, the end of a pause.</summary>
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(3);

    private readonly SemaphoreSlim work = new(0, 1);

    public override void Dispose()
    {
        work.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Not the stopping token: messages still being sent stay this instance's.
        using var over = new CancellationTokenSource();
        var listening = ListenAsync(over.Token);
        var lookedForAbandoned = long.MinValue;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (Environment.TickCount64 - Poll.TotalMilliseconds >= lookedForAbandoned)
                {
                    await instances.FreeAbandonedAsync(stoppingToken);
                    lookedForAbandoned = Environment.TickCount64;
                }

                await work.WaitAsync(Poll, stoppingToken);
                await FillAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested) { }
            catch (Exception problem)
            {
                log.LogWarning(problem, "The outbox cannot be read; trying again");
                await PauseAsync(stoppingToken);
            }
        }

        await Task.WhenAll(places.SelectMany(place => place.Taken));
        await over.CancelAsync();
        await listening;
    }

    private async Task FillAsync(CancellationToken stopping)
    {
        foreach (var place in places)
        {
            place.Taken.RemoveAll(task => task.IsCompleted);
            var free = place.Count - place.Taken.Count;
            if (free == 0)
            {
                continue;
            }

            foreach (var delivery in await deliveries.ClaimAsync(free, stopping, place.UpTo))
            {
                place.Taken.Add(DeliverThenWakeAsync(delivery, stopping));
            }
        }
    }

    private async Task DeliverThenWakeAsync(Delivery delivery, CancellationToken stopping)
    {
        await Task.Yield();
        await sender.DeliverAsync(delivery, stopping);
        Wake();
    }

    /// <summary>Listens again whenever the connection is lost. Until then, polling finds the messages.</summary>
    private async Task ListenAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            var since = Environment.TickCount64;
            try
            {
                await instances.ListenAsync(Wake, stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested) { }
            catch (Exception problem)
            {
                log.LogWarning(
                    problem,
                    "Not notified of new emails until the connection is back; looking every few seconds"
                );
                if (Environment.TickCount64 - since < Poll.TotalMilliseconds)
                {
                    // Otherwise at once: without this connection, other instances take this one for dead.
                    await PauseAsync(stopping);
                }
            }
        }
    }

    private void Wake()
    {
        try
        {
            work.Release();
        }
        catch (SemaphoreFullException)
        {
            // Already notified.
        }
    }

    private static Task PauseAsync(CancellationToken stopping) =>
        Task.Delay(Poll, stopping)
            .ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);

    /// <summary>Slots for messages of this priority and more urgent ones, and the messages in them.</summary>
    private sealed record Place(short UpTo, int Count)
    {
        public List<Task> Taken { get; } = [];
    }
}
