using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using Rollcall.Data;
using Rollcall.Dev;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Data;

/// <summary>What ends, ends by the database's clock, whatever a machine's clock says.</summary>
public sealed class DatabaseClockTests(TheApp app)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(8 * 24 * 60, "8 days ahead of")]
    [InlineData(-8 * 24 * 60, "8 days behind")]
    [InlineData(-10, "10 minutes behind")]
    public async Task Trust6_A_machine_whose_clock_is_off_is_refused_at_the_start_in_a_sentence(
        int minutes,
        string words
    )
    {
        await using var host = await app.StartAsync([]);
        var services = host.Services;
        using var clock = new DatabaseClock(
            services.GetRequiredService<NpgsqlDataSource>(),
            NullLogger<DatabaseClock>.Instance,
            new DevClock(new Shifted(TimeSpan.FromMinutes(minutes)))
        );
        var setUp = new DatabaseSetUp(
            services.GetRequiredService<NpgsqlDataSource>(),
            services.GetRequiredService<Rollcall.Security.Secret>(),
            clock,
            services.GetRequiredService<IOptions<RollcallOptions>>(),
            NullLogger<Migrator>.Instance
        );
        var refused = await Assert.ThrowsAsync<StartException>(() => setUp.RunAsync(null, Stop));
        Assert.Equal($"This machine’s clock is {words} the database’s. Correct it, then start again.", refused.Message);
    }

    [Fact]
    public async Task Trust6_A_clock_that_is_set_while_the_service_runs_ends_nothing_and_the_instance_is_not_ready()
    {
        var machine = new DevClock();
        await using var host = await app.StartAsync([], services: services => Use(services, machine));
        var client = await host.SupportAsync();
        var invited = await host.InviteAsync();
        Assert.Equal(HttpStatusCode.OK, (await ReadyAsync(host)).Code);

        machine.Forward(TimeSpan.FromDays(8));
        Assert.Equal("Organisations", (await client.GetAsync("/organisations")).Heading);
        await host.CleanUpAsync();
        Assert.Equal("Organisations", (await client.GetAsync("/organisations")).Heading);
        Assert.StartsWith(
            "Create an account",
            (await host.Client().GetAsync(invited.Link)).Heading,
            StringComparison.Ordinal
        );
        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable, "not ready: this machine’s clock is 8 days ahead of the database’s"),
            await ReadyAsync(host)
        );
        var now = await host.InDbAsync(db =>
            db.Database.SqlQuery<DateTimeOffset>($"""select clock_timestamp() as "Value" """).SingleAsync(Stop)
        );
        Assert.InRange(
            host.Services.GetRequiredService<TimeProvider>().GetUtcNow() - now,
            TimeSpan.FromSeconds(-30),
            TimeSpan.FromSeconds(30)
        );
    }

    [Fact]
    public async Task Trust6_The_service_reads_the_time_from_the_database_and_the_developers_clock_adds_to_it()
    {
        await using var host = await app.StartAsync([]);
        var clock = Assert.IsType<DevClock>(host.Services.GetRequiredService<TimeProvider>());
        var database = host.Services.GetRequiredService<DatabaseClock>();
        Assert.NotNull(database.Difference);
        clock.Forward(TimeSpan.FromDays(8));
        Assert.InRange(clock.GetUtcNow() - database.GetUtcNow(), TimeSpan.FromDays(7.9), TimeSpan.FromDays(8.1));
        Assert.Equal(HttpStatusCode.OK, (await ReadyAsync(host)).Code);
    }

    [Fact]
    public async Task A_slow_answer_does_not_make_the_clock_step_unless_the_last_one_is_old()
    {
        await using var host = await app.StartAsync([]);
        var machine = new Slow();
        using var clock = new DatabaseClock(
            host.Services.GetRequiredService<NpgsqlDataSource>(),
            NullLogger<DatabaseClock>.Instance,
            machine
        );
        await clock.ReadAsync(Stop);
        var known = clock.GetUtcNow();

        // To this machine the answer takes eight seconds: by it alone the clock would be four seconds off.
        machine.RoundTrip = TimeSpan.FromSeconds(8);
        await clock.ReadAsync(Stop);
        Assert.Equal(known + TimeSpan.FromSeconds(8), clock.GetUtcNow());

        machine.RoundTrip = TimeSpan.FromMinutes(6);
        await clock.ReadAsync(Stop);
        Assert.NotEqual(known + TimeSpan.FromSeconds(8) + TimeSpan.FromMinutes(6), clock.GetUtcNow());
    }

    private static void Use(IServiceCollection services, TimeProvider machine) =>
        services
            .AddSingleton(provider => new DatabaseClock(
                provider.GetRequiredService<NpgsqlDataSource>(),
                NullLogger<DatabaseClock>.Instance,
                machine
            ))
            .AddSingleton<TimeProvider>(provider => provider.GetRequiredService<DatabaseClock>());

    private static async Task<(HttpStatusCode Code, string Text)> ReadyAsync(Instance host)
    {
        using var answer = await host.Client().RawAsync(new(HttpMethod.Get, "/health/ready"));
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Stop));
    }

    /// <summary>A counter that only moves while the database is asked.</summary>
    private sealed class Slow : TimeProvider
    {
        private long counter;
        private bool asks;

        public TimeSpan RoundTrip { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        /// <summary>The first look of a reading is before the question, the second after the answer.</summary>
        public override long GetTimestamp()
        {
            if (RoundTrip == TimeSpan.Zero)
            {
                return counter;
            }

            asks = !asks;
            if (asks)
            {
                return counter;
            }

            counter += RoundTrip.Ticks;
            RoundTrip = TimeSpan.Zero;
            return counter;
        }
    }

    private sealed class Shifted(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }
}
