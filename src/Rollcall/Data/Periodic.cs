using Microsoft.Extensions.Logging;

namespace Rollcall.Data;

/// <summary>Repeated background work.</summary>
internal static class Periodic
{
    /// <summary>
    /// Runs <paramref name="work"/> at every tick until the program stops. A failure is logged and the next tick tries
    /// again, because an exception that leaves a background service stops the whole host.
    /// </summary>
    /// <param name="doing">What the work does, to follow "Could not".</param>
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
            // The program is stopping.
        }
    }

    /// <summary>The program is stopping, which is not a failure.</summary>
    public static bool IsEnd(Exception exception, CancellationToken stopping) =>
        exception is OperationCanceledException && stopping.IsCancellationRequested;
}
