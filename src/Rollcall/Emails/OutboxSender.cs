using System.Text.Json;
using Microsoft.Extensions.Logging;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Emails.Senders;

namespace Rollcall.Emails;

/// <summary>Sends one message that the <see cref="Postman"/> has claimed, and records the outcome.</summary>
internal sealed class OutboxSender(
    Deliveries deliveries,
    Letterhead letterhead,
    IEmailSender sender,
    TimeProvider clock,
    ILogger<OutboxSender> log
)
{
    /// <summary>Senders have their own limits. This one is for a sender that hangs for another reason.</summary>
    private static readonly TimeSpan SendTimeout = TimeSpan.FromMinutes(20);

    private static readonly TimeSpan ConfigurationPause = TimeSpan.FromMinutes(1);

    /// <summary>Several times per lease.</summary>
    public TimeSpan RenewEvery { get; init; } = Deliveries.Lease / 4;

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

    private static string Masked(Delivery delivery) => EmailAddress.Mask(delivery.To);

    /// <summary>Removes the recipient's address, which servers like to repeat.</summary>
    private static string Safe(Delivery delivery, string error) =>
        error.Replace(delivery.To, Masked(delivery), StringComparison.OrdinalIgnoreCase);
}
