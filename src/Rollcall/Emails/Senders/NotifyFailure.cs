using System.Net.Http.Json;
using System.Text.Json;
using Rollcall.Addresses;

namespace Rollcall.Emails.Senders;

/// <summary>
/// What an error answer of GOV.UK Notify means, by its status and "error"; the text in "message" may change. A
/// BadRequestError can be about this message (too long, a country that is turned off) or about the account (missing
/// template, trial mode). Only this message is retried, so nothing is lost while the account is corrected, and other
/// messages do not wait.
/// </summary>
internal static class NotifyFailure
{
    public static async Task<SendOutcome> ReadAsync(
        HttpResponseMessage response,
        string to,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        var (error, message) = await ErrorAsync(response, cancellationToken);
        var result = ((int)response.StatusCode, error) switch
        {
            // The last: a proxy or another site answered in Notify's place.
            (401 or 403 or 404 or (>= 200 and < 400), _) => SendResult.Configuration,
            (400, "ValidationError") => SendResult.Permanent,
            (429, _) => SendResult.Throttled,
            _ => SendResult.Transient,
        };
        var wait =
            response.Headers.RetryAfter is { } after ? after.Delta ?? after.Date - now
            : result != SendResult.Throttled ? null
            : error == "TooManyRequestsError"
                // The daily limit ends at midnight UTC; one minute allows for clock differences.
                ? new DateTimeOffset(now.UtcDateTime.AddMinutes(-1).Date.AddDays(1).AddMinutes(1), TimeSpan.Zero) - now
            : TimeSpan.FromSeconds(10);
        // A ValidationError may repeat the message's contents, so only its first word, the field, is kept.
        var detail =
            error == "ValidationError"
                ? message.Split(' ')[0]
                : message.Replace(to, EmailAddress.Mask(to), StringComparison.OrdinalIgnoreCase);
        return new(
            result,
            $"{(int)response.StatusCode} {error}: {detail}",
            wait < TimeSpan.Zero ? TimeSpan.Zero : wait
        );
    }

    private static async Task<(string Error, string Message)> ErrorAsync(
        HttpResponseMessage response,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var answer = await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
            var first = answer.GetProperty("errors")[0];
            return (first.GetProperty("error").GetString() ?? "", first.GetProperty("message").ToString());
        }
        catch (Exception problem)
            when (problem
                    is JsonException
                        or InvalidOperationException
                        or KeyNotFoundException
                        or IndexOutOfRangeException
                        or NotSupportedException
            )
        {
            return ("", "an answer that is not Notify's"); // a proxy's page
        }
    }
}
