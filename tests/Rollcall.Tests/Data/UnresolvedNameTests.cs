using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Rollcall.Data;
using Rollcall.Operations;
using Rollcall.Tests.Support;
using Rollcall.Web;

namespace Rollcall.Tests.Data;

/// <summary>
/// The database's host name does not resolve, as while a name server is away. Npgsql says so in its own way.
/// </summary>
public sealed class UnresolvedNameTests
{
    private const string Nowhere = "Host=does-not-exist.invalid;Username=x";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task R21_A_page_is_unavailable_and_the_instance_is_not_ready()
    {
        await using var database = NpgsqlDataSource.Create(Nowhere);
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => database.OpenConnectionAsync(Stop).AsTask());
        Assert.Equal(StatusCodes.Status503ServiceUnavailable, Failures.StatusCode(failure));
        Assert.Equal(
            StatusCodes.Status503ServiceUnavailable,
            Failures.StatusCode(new DbUpdateException("not saved", failure))
        );

        var options = Options.Create(new RollcallOptions { Secret = TheApp.Secret });
        using var lines = new Lines();
        using var logs = new LoggerFactory([lines]);
        using var clock = new DatabaseClock(database, logs.CreateLogger<DatabaseClock>(), TimeProvider.System);
        await using var readiness = new Readiness(Nowhere, new Rollcall.Security.Secret(options), clock);
        Assert.Equal("the database does not answer", await readiness.ProblemAsync(Stop));
    }

    [Theory]
    [InlineData(nameof(Reminders))]
    [InlineData(nameof(Housekeeping))]
    public async Task R21_Work_in_the_background_goes_on_and_does_not_stop_the_host(string which)
    {
        await using var database = NpgsqlDataSource.Create(Nowhere);
        using var lines = new Lines();
        using var logs = new LoggerFactory([lines]);
        var options = Options.Create(new RollcallOptions { RemindHoursBefore = 1 });
        await using var services = new ServiceCollection()
            .AddSingleton(options)
            .AddDbContext<Db>(db => db.UseNpgsql(database))
            .AddHttpContextAccessor()
            .AddScoped<AuditLog>()
            .AddScoped<InvitationReminders>()
            .BuildServiceProvider();
        using BackgroundService service = which switch
        {
            nameof(Reminders) => new Reminders(
                services.GetRequiredService<IServiceScopeFactory>(),
                TimeProvider.System,
                logs.CreateLogger<Reminders>()
            ),
            _ => new Housekeeping(database, TimeProvider.System, options, logs.CreateLogger<Housekeeping>()),
        };
        await service.StartAsync(Stop);
        await Wait.UntilAsync(
            () =>
                Task.FromResult(
                    lines.All.Any(line =>
                        line.StartsWith("Warning", StringComparison.Ordinal)
                        && line.Contains(nameof(SocketException), StringComparison.Ordinal)
                    ) || service.ExecuteTask!.IsCompleted
                ),
            "It neither failed nor went on"
        );
        Assert.False(service.ExecuteTask!.IsCompleted);
        await service.StopAsync(Stop);
        Assert.True(service.ExecuteTask.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Work_that_fails_is_done_again_at_the_next_tick()
    {
        using var lines = new Lines();
        using var logs = new LoggerFactory([lines]);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        var times = 0;
        await Periodic.RunAsync(
            timer,
            atOnce: true,
            "work",
            async _ =>
            {
                if (++times == 3)
                {
                    await stop.CancelAsync();
                }

                throw new SocketException();
            },
            logs.CreateLogger("test"),
            stop.Token
        );
        Assert.Equal((3, 3), (times, lines.All.Count));
    }
}
