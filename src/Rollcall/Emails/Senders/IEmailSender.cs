namespace Rollcall.Emails.Senders;

/// <summary>Sends one message and returns the outcome. Does not throw for a message that could not be sent.</summary>
internal interface IEmailSender
{
    Task<SendOutcome> SendAsync(RenderedEmail email, CancellationToken cancellationToken);
}

internal enum SendResult
{
    /// <summary>Accepted.</summary>
    Sent,

    /// <summary>This message will never be accepted.</summary>
    Permanent,

    /// <summary>Nothing will be accepted until the settings are corrected.</summary>
    Configuration,

    /// <summary>Nothing will be accepted for a while: the rate limit is reached.</summary>
    Throttled,

    /// <summary>Failed this time.</summary>
    Transient,

    /// <summary>Possibly accepted: the answer never came. Retried with the same Message-ID.</summary>
    Unknown,
}

/// <summary>
/// The outcome. Detail is the server's answer, for support; RetryAfter is how long the server asked us to wait.
/// </summary>
internal sealed record SendOutcome(SendResult Result, string? Detail = null, TimeSpan? RetryAfter = null)
{
    public static readonly SendOutcome Sent = new(SendResult.Sent);
}
