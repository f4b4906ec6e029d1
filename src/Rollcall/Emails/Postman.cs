using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Emails.Senders;

namespace Rollcall.Emails;

/// <summary>
/// Sends the messages in the outbox. Safe on several instances. When stopped, it claims nothing more and waits for
/// messages being sent. When killed, its leases are freed and another instance continues.
/// </summary>
internal sealed class Postman(
    Deliveries deliveries,
    Letterhead letterhead,
    IEmailSender sender,
    TimeProvider clock,
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

    /// <summary>Senders have their own limits. This one is for a sender that hangs for another reason.</summary>
    private static readonly TimeSpan SendTimeout = TimeSpan.FromMinutes(20);

    /// <summary>Finds what no notification announces: a due retry, an expired lease, the end of a pause.</summary>
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan ConfigurationPause = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim work = new(0, 1);

    /// <summary>Several times per lease.</summary>
    public TimeSpan RenewEvery { get; init; } = Deliveries.Lease / 4;

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
                    await deliveries.FreeAbandonedAsync(stoppingToken);
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
        await DeliverAsync(delivery, stopping);
        Wake();
    }

    /// <summary>Sends one claimed message and records the outcome.</summary>
    public async Task DeliverAsync(Delivery delivery, CancellationToken stopping)
    {
        try
        {
            await SendAndRecordAsync(delivery, stopping);
        }
        catch (Exception problem) when (Connection.IsFailure(problem))
        {
            // The lease expires and the message is tried again; the others continue.
            log.LogWarning(problem, "Could not record the delivery of message {Id}", delivery.Id);
        }
    }

    private async Task SendAndRecordAsync(Delivery delivery, CancellationToken stopping)
    {
        Email email;
        try
        {
            email = Email.FromJson(delivery.Kind, delivery.Data);
        }
        catch (JsonException problem)
        {
            await FailAsync(delivery, Endings.Unreadable, problem.Message);
            return;
        }

        if (delivery.Unknown >= Deliveries.MostUnknown)
        {
            await FailAsync(delivery, Endings.Unknown, null);
            return;
        }

        if (email.WorthSendingFor is { } worth && clock.GetUtcNow() - delivery.CreatedAt > worth)
        {
            await deliveries.SupersedeAsync(delivery, Endings.Late, clock.GetUtcNow());
            log.LogWarning("Did not send {Kind} {Id}: it came too late", delivery.Kind, delivery.Id);
            return;
        }

        var begun = stopping.IsCancellationRequested
            ? null
            : await deliveries.BeginAsync(delivery, letterhead.Domain, CancellationToken.None);
        if (begun is null)
        {
            await deliveries.ReleaseAsync(delivery);
            return;
        }

        var (attempt, messageId) = begun.Value;
        var outcome = await SendAsync(delivery, email, messageId, attempt);
        await RecordAsync(delivery, attempt, outcome);
    }

    private async Task<SendOutcome> SendAsync(Delivery delivery, Email email, string messageId, int attempt)
    {
        RenderedEmail message;
        try
        {
            message = letterhead.Render(email, delivery.To, messageId, clock.GetUtcNow()) with { Attempt = attempt };
        }
        catch (Exception problem)
        {
            return new SendOutcome(SendResult.Transient, $"{problem.GetType().Name}: {problem.Message}");
        }

        // Not the stopping token: a send that has begun is finished, within the timeout.
        using var timeout = new CancellationTokenSource(SendTimeout);
        using var over = new CancellationTokenSource();
        var renewing = RenewAsync(delivery, over.Token);
        try
        {
            return await sender.SendAsync(message, timeout.Token);
        }
        catch (OperationCanceledException)
        {
            return new SendOutcome(SendResult.Unknown, "The mail server did not answer in time");
        }
        catch (Exception problem)
        {
            // A message that breaks the renderer or the sender must not affect the next one.
            return new SendOutcome(SendResult.Unknown, $"{problem.GetType().Name}: {problem.Message}");
        }
        finally
        {
            await over.CancelAsync();
            await renewing;
        }
    }

    private async Task RenewAsync(Delivery delivery, CancellationToken over)
    {
        using var timer = new PeriodicTimer(RenewEvery);
        while (!over.IsCancellationRequested)
        {
            try
            {
                await timer.WaitForNextTickAsync(over);
                await deliveries.RenewAsync(delivery);
            }
            catch (OperationCanceledException) when (over.IsCancellationRequested)
            {
                // The attempt is over.
            }
            catch (Exception problem) when (Connection.IsFailure(problem))
            {
                log.LogWarning(problem, "Could not renew the lease of message {Id}", delivery.Id);
            }
        }
    }

    private async Task RecordAsync(Delivery delivery, int attempt, SendOutcome outcome)
    {
        var error = outcome.Detail ?? outcome.Result.ToString();
        switch (outcome.Result)
        {
            case SendResult.Sent:
                if (await deliveries.SentAsync(delivery, clock.GetUtcNow()))
                {
                    log.LogInformation("Sent {Kind} {Id} to {To}", delivery.Kind, delivery.Id, Masked(delivery));
                }
                else
                {
                    log.LogWarning(
                        "Sent {Kind} {Id}, which another instance had already ended; it may arrive twice",
                        delivery.Kind,
                        delivery.Id
                    );
                }

                break;
            case SendResult.Permanent:
                await FailAsync(delivery, Endings.Refused, error);
                break;
            case SendResult.Configuration:
                await deliveries.PauseAsync(delivery, error, ConfigurationPause);
                log.LogError("No email can be sent until the settings are corrected: {Reason}", Safe(delivery, error));
                break;
            case SendResult.Throttled when outcome.RetryAfter is { } wait:
                await deliveries.PauseAsync(delivery, error, wait);
                log.LogWarning("Emails pause for {Wait}: the server asked for it", wait);
                break;
            default:
                var delay = RetrySchedule.Delay(attempt, outcome.RetryAfter, Random.Shared.NextDouble());
                var isKnown = outcome.Result != SendResult.Unknown;
                if (await deliveries.RetryAsync(delivery, error, delay, clock.GetUtcNow(), isKnown) is true)
                {
                    log.LogError("Gave up {Kind} {Id} to {To}", delivery.Kind, delivery.Id, Masked(delivery));
                }
                else
                {
                    log.LogInformation(
                        "{Result} for {Kind} {Id} to {To}; again in {Delay}",
                        outcome.Result,
                        delivery.Kind,
                        delivery.Id,
                        Masked(delivery),
                        delay
                    );
                }

                break;
        }
    }

    private async Task FailAsync(Delivery delivery, string because, string? error)
    {
        await deliveries.FailedAsync(delivery, because, error, clock.GetUtcNow());
        log.LogError("Cannot send {Kind} {Id} to {To}", delivery.Kind, delivery.Id, Masked(delivery));
    }

    /// <summary>Listens again whenever the connection is lost. Until then, polling finds the messages.</summary>
    private async Task ListenAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            var since = Environment.TickCount64;
            try
            {
                await deliveries.ListenAsync(Wake, stopping);
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

    private static string Masked(Delivery delivery) => EmailAddress.Mask(delivery.To);

    /// <summary>Removes the recipient's address, which servers like to repeat.</summary>
    private static string Safe(Delivery delivery, string error) =>
        error.Replace(delivery.To, Masked(delivery), StringComparison.OrdinalIgnoreCase);

    /// <summary>Slots for messages of this priority and more urgent ones, and the messages in them.</summary>
    private sealed record Place(short UpTo, int Count)
    {
        public List<Task> Taken { get; } = [];
    }
}
