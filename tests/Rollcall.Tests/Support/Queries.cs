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
                var isHere = activity.TagObjects.Any(tag =>
                    (tag.Value as string)?.Contains(database, StringComparison.Ordinal) == true
                );
                if (isHere && IsStatement(activity) && ForARequest(activity.Parent))
                {
                    Interlocked.Increment(ref count);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
    }

    /// <summary>
    /// Whether this is a statement of the product. Opening a connection is none, nor is looking at the secret, which
    /// each connection does first: how many connections there are depends on what else runs.
    /// </summary>
    public static bool IsStatement(Activity stopped) =>
        stopped.GetTagItem("db.query.text") is string sql && !sql.Contains("secret_check", StringComparison.Ordinal);

    /// <summary>The loops in the background ask the database too, whenever they like.</summary>
    public static bool ForARequest(Activity? activity) =>
        activity is not null && (activity.Source.Name == "Microsoft.AspNetCore" || ForARequest(activity.Parent));

    public void Dispose() => listener.Dispose();
}
