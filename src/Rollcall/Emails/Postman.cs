using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Rollcall.Emails.Senders;
using Rollcall.Model;

namespace Rollcall.Emails;

/// <summary>
/// Delivers what is in the outbox. Any number of instances may run it on one database. Asked to stop, it claims and begins nothing more
/// and waits for what is being sent; killed, its leases run out and another instance goes on.
/// </summary>
internal sealed class Postman(Deliveries deliveries, Letterhead letterhead, IEmailSender sender, TimeProvider clock, ILogger<Postman> log) : BackgroundService
{
    public const int BatchSize = 20;
    public const int AtOnce = 4;

    /// <summary>The lease is several times longer.</summary>
    public static readonly TimeSpan SendTimeout = TimeSpan.FromSeconds(10);

    /// <summary>For what no notification tells: a retry that has come due, a lease that ran out, a pause that is over.</summary>
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan ConfigurationPause = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim work = new(0, 1);

    public override void Dispose()
    {
        work.Dispose();
        base.Dispose();
    }

    /// <summary>One round: claims a batch, sends it and returns how many it held.</summary>
    public async Task<int> DeliverBatchAsync(CancellationToken stopping)
    {
        var batch = await deliveries.ClaimAsync(BatchSize, stopping);
        await Parallel.ForEachAsync(batch, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (delivery, _) =>
        {
            try
            {
                await DeliverAsync(delivery, stopping);
            }
            catch (Exception problem) when (problem is NpgsqlException or TimeoutException)
            {
                // The lease runs out and somebody tries again; the others of the batch go on.
                log.LogWarning(problem, "Could not record the delivery of message {Id}", delivery.Id);
            }
        });
        return batch.Count;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var listening = ListenAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await DeliverBatchAsync(stoppingToken) < BatchSize)
                {
                    await work.WaitAsync(Poll, stoppingToken);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
            }
            catch (Exception problem)
            {
                log.LogWarning(problem, "The outbox cannot be read; trying again");
                await PauseAsync(stoppingToken);
            }
        }

        await listening;
    }

    private async Task DeliverAsync(Delivery delivery, CancellationToken stopping)
    {
        Email email;
        try
        {
            email = Email.FromJson(delivery.Kind, delivery.Data);
        }
        catch (JsonException problem)
        {
            await FailAsync(delivery, problem.Message);
            return;
        }

        if (email.WorthSendingFor is { } worth && clock.GetUtcNow() - delivery.CreatedAt > worth)
        {
            await deliveries.SupersedeAsync(delivery, clock.GetUtcNow());
            log.LogWarning("Did not send {Kind} {Id}: it came too late", delivery.Kind, delivery.Id);
            return;
        }

        if (stopping.IsCancellationRequested || await deliveries.BeginAsync(delivery, letterhead.Domain, CancellationToken.None) is not var (attempt, messageId))
        {
            await deliveries.ReleaseAsync(delivery);
            return;
        }

        await RecordAsync(delivery, attempt, await SendAsync(delivery, email, messageId, attempt));
    }

    private async Task<SendOutcome> SendAsync(Delivery delivery, Email email, string messageId, int attempt)
    {
        // Not the stopping token: what has begun is finished, and it ends within the timeout.
        using var timeout = new CancellationTokenSource(SendTimeout);
        try
        {
            return await sender.SendAsync(letterhead.Render(email, delivery.To, messageId, clock.GetUtcNow()) with { Attempt = attempt }, timeout.Token);
        }
        catch (OperationCanceledException)
        {
            return new SendOutcome(SendResult.Unknown, "No answer in time");
        }
        catch (Exception problem)
        {
            // Whatever this message does to the renderer or the sender, the next one is not to suffer.
            return new SendOutcome(SendResult.Unknown, $"{problem.GetType().Name}: {problem.Message}");
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
                    log.LogWarning("Sent {Kind} {Id} after its lease was lost; it may arrive twice", delivery.Kind, delivery.Id);
                }

                break;
            case SendResult.Permanent:
                await FailAsync(delivery, error);
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
                if (await deliveries.RetryAsync(delivery, error, delay, clock.GetUtcNow()) is true)
                {
                    log.LogError("Gave up {Kind} {Id} to {To}", delivery.Kind, delivery.Id, Masked(delivery));
                }
                else
                {
                    log.LogInformation("{Result} for {Kind} {Id} to {To}; again in {Delay}", outcome.Result, delivery.Kind, delivery.Id, Masked(delivery), delay);
                }

                break;
        }
    }

    private async Task FailAsync(Delivery delivery, string error)
    {
        await deliveries.FailedAsync(delivery, error, clock.GetUtcNow());
        log.LogError("Cannot send {Kind} {Id} to {To}", delivery.Kind, delivery.Id, Masked(delivery));
    }

    /// <summary>Listens again after every loss of the connection; until then polling finds the messages.</summary>
    private async Task ListenAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await deliveries.ListenAsync(Wake, stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
            }
            catch (Exception problem)
            {
                log.LogWarning(problem, "Not notified of new emails until the connection is back; looking every few seconds");
                await PauseAsync(stopping);
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
            // It has been told already.
        }
    }

    private static Task PauseAsync(CancellationToken stopping) =>
        Task.Delay(Poll, stopping).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);

    private static string Masked(Delivery delivery) => EmailAddress.Mask(delivery.To);

    /// <summary>Servers like to repeat the address.</summary>
    private static string Safe(Delivery delivery, string error) => error.Replace(delivery.To, Masked(delivery), StringComparison.OrdinalIgnoreCase);
}
