using Microsoft.EntityFrameworkCore;

namespace Rollcall.Tests.Support;

/// <summary>
/// Waits for what another part of the service does a moment later: for the thing itself, never for a time.
/// </summary>
internal static class Wait
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Waits until there is a result. <paramref name="what"/> names it in the error if there never is.
    /// </summary>
    public static async Task<T> ForAsync<T>(Func<Task<T?>> find, string what)
        where T : class
    {
        var since = Environment.TickCount64;
        while (true)
        {
            if (await find() is { } found)
            {
                return found;
            }

            Assert.True(Environment.TickCount64 - since < Longest.TotalMilliseconds, what);
            // The condition decides when to go on; this only leaves the processor to what is waited for.
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    public static Task UntilAsync(Func<Task<bool>> condition, string what) =>
        ForAsync(async () => await condition() ? "" : null, what);

    /// <summary>The newest message to this address, or number, with these words in it.</summary>
    public static Task<string> MailAsync(this Instance host, string to, string words, DateTimeOffset since = default) =>
        ForAsync(
            async () =>
                (
                    await host.InDbAsync(db =>
                        db.Database.SqlQuery<string>(
                                $"""
                                select text_body as "Value"
                                from mailbox where to_address = {to} and sent_at > {since}
                                order by sent_at desc, id desc
                                """
                            )
                            .ToListAsync()
                    )
                ).Find(text => text.Contains(words, StringComparison.Ordinal)),
            $"No message with “{words}” arrived at {to}"
        );

    /// <summary>The path of the link in the newest message to this address that has one.</summary>
    public static async Task<string> LinkInMailAsync(this Instance host, string to, string path) =>
        new Uri(
            (await host.MailAsync(to, path)).Split('\n').First(line => line.Contains(path, StringComparison.Ordinal))
        ).PathAndQuery;
}
