namespace Rollcall.Emails.Senders;

/// <summary>Hands a message over. Says how that went and never throws for a message that could not be sent.</summary>
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

    /// <summary>Nothing will be accepted until someone corrects the settings.</summary>
    Configuration,

    /// <summary>Nothing will be accepted for a while: too many.</summary>
    Throttled,

    /// <summary>Not this time.</summary>
    Transient,

    /// <summary>Perhaps accepted: the answer never came. Sent again with the same Message-ID.</summary>
    Unknown,
}

/// <summary>
/// How it went: Detail is what the server said, for support; RetryAfter is how long it asked to be left alone.
/// </summary>
internal sealed record SendOutcome(SendResult Result, string? Detail = null, TimeSpan? RetryAfter = null)
{
    public static readonly SendOutcome Sent = new(SendResult.Sent);
}
