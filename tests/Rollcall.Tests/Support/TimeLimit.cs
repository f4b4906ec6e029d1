using System.Collections.Concurrent;
using System.Reflection;
using Rollcall.Tests.Support;
using Xunit.v3;

[assembly: TimeLimit]

namespace Rollcall.Tests.Support;

/// <summary>
/// A test that hangs fails by name, instead of holding up the whole run. No test asserts a time by it.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class TimeLimitAttribute : BeforeAfterTestAttribute
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10),
        Grace = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Timer> timers = new(StringComparer.Ordinal);

    public override void Before(MethodInfo methodUnderTest, IXunitTest test)
    {
        var context = TestContext.Current;
        var late = false;
        timers[test.UniqueID] = new(
            _ =>
            {
                if (late)
                {
                    Environment.Exit(1); // it waits for something that cannot be cancelled
                }

                late = true;
                Console.Error.WriteLine($"Hangs: {test.TestDisplayName}");
                context.CancelCurrentTest();
            },
            null,
            Limit,
            Grace
        );
    }

    public override void After(MethodInfo methodUnderTest, IXunitTest test)
    {
        if (timers.TryRemove(test.UniqueID, out var timer))
        {
            timer.Dispose();
        }
    }
}
