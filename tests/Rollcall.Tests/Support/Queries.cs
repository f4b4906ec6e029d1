using System.Diagnostics;
using Npgsql;

namespace Rollcall.Tests.Support;

/// <summary>Counts what is sent to one database for requests, by whatever means.</summary>
internal sealed class Queries : IDisposable
{
    private readonly ActivityListener listener;
    private int count;

    public int Count => count;

    public Queries(Instance host)
    {
        var database = new NpgsqlConnectionStringBuilder(host.Database).Database!;
        listener = new()
        {
            ShouldListenTo = source => source.Name is "Npgsql" or "Microsoft.AspNetCore",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                bool Says(string words) =>
                    activity.TagObjects.Any(tag =>
                        (tag.Value as string)?.Contains(words, StringComparison.Ordinal) == true
                    );
                // A new connection looks at the secret first: how many there are depends on what else runs.
                if (Says(database) && !Says("secret_check") && ForARequest(activity.Parent))
                {
                    Interlocked.Increment(ref count);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
    }

    /// <summary>The loops in the background ask the database too, whenever they like.</summary>
    public static bool ForARequest(Activity? activity) =>
        activity is not null && (activity.Source.Name == "Microsoft.AspNetCore" || ForARequest(activity.Parent));

    public void Dispose() => listener.Dispose();
}
