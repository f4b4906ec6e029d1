namespace Rollcall.Emails;

/// <summary>
/// When to retry a failed message: exponential backoff with full jitter, so that a thousand messages that failed
/// together do not retry together.
/// </summary>
internal static class RetrySchedule
{
    public static readonly TimeSpan First = TimeSpan.FromSeconds(10);
    public static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    /// <summary>As long as GOV.UK Notify keeps trying. After that, someone should know.</summary>
    public static readonly TimeSpan GiveUpAfter = TimeSpan.FromHours(4);

    /// <summary>How long to wait after the given attempt; the first is 1.</summary>
    public static TimeSpan Delay(int attempt, TimeSpan? retryAfter, double random)
    {
        var upTo = Math.Min(Longest.TotalSeconds, First.TotalSeconds * Math.Pow(2, Math.Clamp(attempt - 1, 0, 20)));
        var delay = TimeSpan.FromSeconds(upTo * random);
        return retryAfter > delay ? retryAfter.Value : delay;
    }
}
