using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;

namespace Rollcall.Tests.Support;

/// <summary>
/// GOV.UK Notify as its REST documentation and its OpenAPI description say: it checks the token for real, takes the
/// documented members and no others, keeps what it took, and answers with the documented errors. What goes wrong is
/// said per request.
/// </summary>
internal sealed class NotifyStandIn : IAsyncDisposable
{
    public const string ServiceId = "26785a09-ab16-4eb0-8407-a37497a57506",
        Secret = "3d844edf-8d35-48ac-975b-e847b4f122b0";
    public const string ApiKey = "my-test_key-" + ServiceId + "-" + Secret;
    public static readonly Guid EmailTemplate = Guid.Parse("9d751e0e-f929-4891-82a1-a3e1c3c18ee3"),
        TextTemplate = Guid.Parse("c0ffee00-0000-4000-8000-000000000001");

    private readonly WebApplication server;

    private NotifyStandIn(WebApplication server) => this.server = server;

    public Uri Address => new(server.Urls.First());

    /// <summary>Its own clock: a token is good for 30 seconds of it.</summary>
    public DateTimeOffset Now { get; set; } = DateTimeOffset.UtcNow;

    /// <summary>What was taken, in order: the path and the body.</summary>
    public ConcurrentQueue<(string Path, JsonObject Body)> Taken { get; } = new();

    public ConcurrentQueue<string> Asked { get; } = new();

    /// <summary>What happens to the next requests that send something, one each; then all goes well.</summary>
    public ConcurrentQueue<Func<HttpContext, Task>> Faults { get; } = new();

    /// <summary>Takes the message, and the answer is lost on the way.</summary>
    public static Task TakenAndLost(HttpContext http)
    {
        http.Items["lost"] = true;
        return Task.CompletedTask;
    }

    public static Func<HttpContext, Task> Error(int status, string error, string message, string? retryAfter = null) =>
        http =>
        {
            if (retryAfter is not null)
            {
                http.Response.Headers.RetryAfter = retryAfter;
            }

            return AnswerAsync(http, status, error, message);
        };

    public static async Task<NotifyStandIn> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var notify = new NotifyStandIn(app);
        app.MapPost(
            "/v2/notifications/email",
            http => notify.TakeAsync(http, "email_address", ["subject", "body"], EmailTemplate)
        );
        app.MapPost("/v2/notifications/sms", http => notify.TakeAsync(http, "phone_number", ["body"], TextTemplate));
        app.MapGet("/v2/notifications", notify.FindAsync);
        await app.StartAsync();
        return notify;
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private async Task TakeAsync(HttpContext http, string recipient, string[] personalisation, Guid template)
    {
        if (!await IsAllowedAsync(http))
        {
            return;
        }

        if (Faults.TryDequeue(out var fault))
        {
            await fault(http);
            if (!http.Items.ContainsKey("lost"))
            {
                return;
            }
        }
        var body = (JsonObject)(await JsonNode.ParseAsync(http.Request.Body))!;
        string[] known = [recipient, "template_id", "personalisation", "reference"];
        if (body.Select(m => m.Key).Except(known, StringComparer.Ordinal).FirstOrDefault() is { } extra)
        {
            await AnswerAsync(
                http,
                400,
                "ValidationError",
                $"Additional properties are not allowed ({extra} was unexpected)"
            );
        }
        else if (
            body[recipient]?.GetValue<string>() is not { Length: > 0 } to
            || (recipient == "email_address" ? !to.Contains('@', StringComparison.Ordinal) : !to.StartsWith('+'))
        )
        {
            await AnswerAsync(http, 400, "ValidationError", $"{recipient} is not valid");
        }
        else if (body["template_id"]?.GetValue<string>() != template.ToString())
        {
            await AnswerAsync(http, 400, "BadRequestError", "Template not found");
        }
        else if (
            personalisation
                .Except(((JsonObject)body["personalisation"]!).Select(m => m.Key), StringComparer.Ordinal)
                .FirstOrDefault() is
            { } missing
        )
        {
            await AnswerAsync(http, 400, "BadRequestError", $"Missing personalisation: {missing}");
        }
        else
        {
            await AcceptAsync(http, body);
        }
    }

    private async Task AcceptAsync(HttpContext http, JsonObject body)
    {
        Taken.Enqueue((http.Request.Path, body));
        if (http.Items.ContainsKey("lost"))
        {
            http.Abort();
            return;
        }
        http.Response.StatusCode = 201;
        await http.Response.WriteAsJsonAsync(
            new
            {
                id = Guid.NewGuid(),
                reference = body["reference"],
                content = new { },
                uri = "",
                template = new { },
            }
        );
    }

    private async Task FindAsync(HttpContext http)
    {
        if (!await IsAllowedAsync(http))
        {
            return;
        }

        string reference = http.Request.Query["reference"]!;
        Asked.Enqueue(reference);
        await http.Response.WriteAsJsonAsync(
            new
            {
                notifications = Taken
                    .Where(t => t.Body["reference"]!.GetValue<string>() == reference)
                    .Select(_ => new
                    {
                        id = Guid.NewGuid(),
                        reference,
                        status = "sending",
                    }),
                links = new { current = "" },
            }
        );
    }

    private async Task<bool> IsAllowedAsync(HttpContext http)
    {
        var parts = http
            .Request.Headers.Authorization.ToString()
            .Replace("Bearer ", "", StringComparison.Ordinal)
            .Split('.');
        var signature = WebEncoders.Base64UrlEncode(
            HMACSHA256.HashData(
                Encoding.UTF8.GetBytes(Secret),
                Encoding.UTF8.GetBytes($"{parts[0]}.{parts.ElementAtOrDefault(1)}")
            )
        );
        if (
            parts.Length != 3
            || parts[2] != signature
            || Json(parts[0]).GetProperty("alg").GetString() != "HS256"
            || Json(parts[1]).GetProperty("iss").GetString() != ServiceId
        )
        {
            await AnswerAsync(http, 403, "AuthError", "Invalid token: API key not found");
            return false;
        }
        if (Math.Abs(Now.ToUnixTimeSeconds() - Json(parts[1]).GetProperty("iat").GetInt64()) > 30)
        {
            await AnswerAsync(http, 403, "AuthError", "Error: Your system clock must be accurate to within 30 seconds");
            return false;
        }
        return true;

        static JsonElement Json(string part) =>
            JsonSerializer.Deserialize<JsonElement>(WebEncoders.Base64UrlDecode(part));
    }

    private static Task AnswerAsync(HttpContext http, int status, string error, string message)
    {
        http.Response.StatusCode = status;
        return http.Response.WriteAsJsonAsync(new { status_code = status, errors = new[] { new { error, message } } });
    }
}
