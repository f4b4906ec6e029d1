using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Rollcall.Data;
using Rollcall.Tests.Support;
using Rollcall.Web;

namespace Rollcall.Tests.Web;

/// <summary>What is done after the page has said "check your email".</summary>
public sealed class AfterAnswerTests(TheApp app)
{
    [Theory]
    [InlineData(PostgresErrorCodes.LockNotAvailable, 2, 3)]
    [InlineData(PostgresErrorCodes.DeadlockDetected, 1, 2)]
    [InlineData(PostgresErrorCodes.LockNotAvailable, 99, 5)] // given up, and logged
    [InlineData(PostgresErrorCodes.UniqueViolation, 99, 1)]
    public async Task Work_that_meets_a_lock_is_tried_again_with_services_of_its_own(
        string code,
        int failures,
        int tries
    )
    {
        var response = new Answer();
        var http = new DefaultHttpContext();
        http.Features.Set<IHttpResponseFeature>(response);
        var scopes = app.Main.Services.GetRequiredService<IServiceScopeFactory>();
        var seen = new List<Db>();
        new AfterAnswer(
            new HttpContextAccessor { HttpContext = http },
            scopes,
            NullLogger<AfterAnswer>.Instance
        ).Do<Db>(db =>
        {
            seen.Add(db);
            return seen.Count <= failures
                ? throw new PostgresException("no", "ERROR", "ERROR", code)
                : Task.CompletedTask;
        });
        Assert.Empty(seen); // the answer first
        await response.CompleteAsync();
        Assert.Equal(tries, seen.Distinct().Count());
        Assert.Equal(tries, seen.Count);
    }

    private sealed class Answer : HttpResponseFeature
    {
        private readonly List<Func<Task>> completed = [];

        public override void OnCompleted(Func<object, Task> callback, object state) =>
            completed.Add(() => callback(state));

        public Task CompleteAsync() => Task.WhenAll(completed.Select(c => c()));
    }
}
