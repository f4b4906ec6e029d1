using Microsoft.Extensions.Logging;

namespace Rollcall.Data;

/// <summary>Work in the background that is done again and again.</summary>
internal static class Periodic
{
    /// <summary>
    /// Works at every tick until the program stops. Whatever goes wrong is logged and the next tick tries again: an
    /// exception that leaves a background service would stop the whole host.
    /// </summary>
    /// <param name="doing">What it does, after "Could not".</param>
    public static async Task RunAsync(
        PeriodicTimer timer,
        bool atOnce,
        string doing,
        Func<CancellationToken, Task> work,
        ILogger log,
        CancellationToken stopping
    )
    {
        try
        {
            while (atOnce || await timer.WaitForNextTickAsync(stopping))
            {
                atOnce = false;
                try
                {
                    await work(stopping);
                }
                catch (Exception e) when (!IsEnd(e, stopping))
                {
                    log.LogWarning(e, "Could not {Do}; trying again", doing);
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The program ends.
        }
    }

    /// <summary>The program stops, which is no failure.</summary>
    public static bool IsEnd(Exception exception, CancellationToken stopping) =>
        exception is OperationCanceledException && stopping.IsCancellationRequested;
}
