using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;

namespace Rollcall.Emails.Senders;

/// <summary>
/// Sends emails and text messages through GOV.UK Notify (docs.notifications.service.gov.uk/rest-api.html). Each channel
/// uses one template that passes through the subject and body, or the body alone. Notify has no idempotency key, so
/// before a retry it is asked whether it already has a message with the same reference: the ID of the outbox's row,
/// which says nothing about anyone.
/// </summary>
internal sealed class NotifySender(IOptions<RollcallOptions> options, TimeProvider clock) : IEmailSender, IDisposable
{
    private const int IdLength = 36;

    /// <summary>
    /// Notify may still be processing the request: if asked sooner, it would not find the message yet.
    /// </summary>
    private static readonly TimeSpan SettlesAfter = TimeSpan.FromSeconds(30);

    private readonly NotifyOptions notify = options.Value.Notify;

    /// <summary>Connections are renewed now and then, so that a change of Notify's address is noticed.</summary>
    private readonly HttpClient http = new(
        new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            ConnectTimeout = TimeSpan.FromSeconds(5),
        }
    )
    {
        BaseAddress = options.Value.Notify.BaseUrl,
        Timeout = TimeSpan.FromSeconds(15),
    };

    private readonly TokenBucketRateLimiter limit = new(
        new()
        {
            TokenLimit = options.Value.Notify.MessagesAMinute,
            TokensPerPeriod = options.Value.Notify.MessagesAMinute,
            ReplenishmentPeriod = TimeSpan.FromMinutes(1),
            QueueLimit = 0,
        }
    );

    public void Dispose()
    {
        http.Dispose();
        limit.Dispose();
    }

    public async Task<SendOutcome> SendAsync(RenderedEmail email, CancellationToken cancellationToken)
    {
        using var lease = limit.AttemptAcquire();
        if (!lease.IsAcquired)
        {
            return new(
                SendResult.Throttled,
                "As many as this instance may send in a minute",
                lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : TimeSpan.FromMinutes(1)
            );
        }

        var reference = email.MessageId.Trim('<')[..IdLength];
        var isAsking = email.Attempt > 1;
        try
        {
            if (isAsking && await AskAsync(reference, email.To, cancellationToken) is { } known)
            {
                return Alone(email, known);
            }

            isAsking = false;
            var (path, body) =
                email.Channel == Channel.Text
                    ? (
                        "v2/notifications/sms",
                        Body(
                            notify.TextTemplate,
                            reference,
                            ("phone_number", email.To),
                            new() { ["body"] = email.Text.TrimEnd() }
                        )
                    )
                    : (
                        "v2/notifications/email",
                        Body(
                            notify.EmailTemplate,
                            reference,
                            ("email_address", email.To),
                            new() { ["subject"] = email.Subject, ["body"] = email.Markdown }
                        )
                    );
            using var request = Request(HttpMethod.Post, path);
            request.Content = JsonContent.Create(body);
            using var response = await http.SendAsync(request, cancellationToken);
            return response.StatusCode == HttpStatusCode.Created
                ? SendOutcome.Sent
                : Alone(email, await NotifyFailure.ReadAsync(response, email.To, clock.GetUtcNow(), cancellationToken));
        }
        catch (HttpRequestException problem)
        {
            return Alone(
                email,
                problem.HttpRequestError switch
                {
                    // certificate
                    HttpRequestError.SecureConnectionError => new(SendResult.Configuration, problem.Message),
                    HttpRequestError.NameResolutionError
                    or HttpRequestError.ConnectionError
                    or HttpRequestError.ProxyTunnelError => new(SendResult.Transient, problem.Message),
                    _ => new(isAsking ? SendResult.Transient : SendResult.Unknown, problem.Message, SettlesAfter),
                }
            );
        }
        catch (TaskCanceledException problem) when (problem.InnerException is TimeoutException)
        {
            return new(
                isAsking ? SendResult.Transient : SendResult.Unknown,
                "GOV.UK Notify did not answer in time",
                SettlesAfter
            );
        }
    }

    /// <summary>
    /// Turns a pause of the whole queue into a retry of this message alone. Text messages have their own limits
    /// (international, daily) and may use another sender, so they must not stop emails. A code that waits for longer
    /// than it works is not sent anyway.
    /// </summary>
    private static SendOutcome Alone(RenderedEmail email, SendOutcome outcome) =>
        email.Channel == Channel.Text && outcome.Result is (SendResult.Configuration or SendResult.Throttled)
            ? outcome with
            {
                Result = SendResult.Transient,
            }
            : outcome;

    private static JsonObject Body(
        Guid? template,
        string reference,
        (string Name, string To) recipient,
        JsonObject personalisation
    ) =>
        new()
        {
            [recipient.Name] = recipient.To,
            ["template_id"] = template.ToString(),
            ["personalisation"] = personalisation,
            ["reference"] = reference,
        };

    /// <summary>
    /// Whether Notify accepted an earlier attempt although its answer was lost; null if the message should be sent.
    /// </summary>
    private async Task<SendOutcome?> AskAsync(string reference, string to, CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Get, $"v2/notifications?reference={reference}");
        using var response = await http.SendAsync(request, cancellationToken);
        if (response.StatusCode != HttpStatusCode.OK)
        {
            var failure = await NotifyFailure.ReadAsync(response, to, clock.GetUtcNow(), cancellationToken);
            // Without an answer the message is not sent again either, but looked up once more later. This attempt has
            // sent nothing.
            return failure.Result is SendResult.Configuration or SendResult.Throttled
                ? failure
                : failure with
                {
                    Result = SendResult.Transient,
                    RetryAfter = SettlesAfter,
                };
        }

        using var found = await JsonDocument.ParseAsync(
            await response.Content.ReadAsStreamAsync(cancellationToken),
            default,
            cancellationToken
        );
        var taken = found
            .RootElement.GetProperty("notifications")
            .EnumerateArray()
            .Any(n => n.GetProperty("status").GetString() is not ("temporary-failure" or "technical-failure"));
        return taken ? SendOutcome.Sent : null;
    }

    private HttpRequestMessage Request(HttpMethod method, string path) =>
        new(method, path)
        {
            Headers =
            {
                Authorization = new AuthenticationHeaderValue("Bearer", Token()),
                Accept = { new("application/json") },
            },
        };

    /// <summary>The API token. Notify accepts it for 30 seconds (RFC 7519, HS256).</summary>
    private string Token()
    {
        var service = notify.ApiKey[^((2 * IdLength) + 1)..^(IdLength + 1)];
        var key = notify.ApiKey[^IdLength..];
        var what =
            Part(new() { ["typ"] = "JWT", ["alg"] = "HS256" })
            + "."
            + Part(new() { ["iss"] = service, ["iat"] = clock.GetUtcNow().ToUnixTimeSeconds() });
        return what
            + "."
            + WebEncoders.Base64UrlEncode(
                HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(what))
            );

        static string Part(JsonObject part) => WebEncoders.Base64UrlEncode(JsonSerializer.SerializeToUtf8Bytes(part));
    }
}
