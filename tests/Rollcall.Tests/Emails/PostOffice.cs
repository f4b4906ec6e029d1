using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.Emails.Senders;
using Rollcall.Security;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Emails;

/// <summary>An outbox in a real database, and Postmen that deliver it.</summary>
internal sealed class PostOffice : IAsyncDisposable
{
    public static readonly DateTimeOffset Now = new(2026, 11, 14, 17, 30, 0, TimeSpan.Zero);

    private PostOffice(string connectionString)
    {
        Database = NpgsqlDataSource.Create(connectionString);
        Instances = new OutboxInstances(Database);
        Deliveries = new Deliveries(Database, Instances);
    }

    public NpgsqlDataSource Database { get; }
    public OutboxInstances Instances { get; }
    public Deliveries Deliveries { get; }
    public Collector Log { get; } = new();

    public static async Task<PostOffice> OpenAsync(TheApp app) => new(app.OwnerOf(await app.NewDatabaseAsync()));

    /// <summary>With a fixed secret, so that the links in the golden files stay the same.</summary>
    public static Letterhead Letterhead(IOptions<RollcallOptions> options)
    {
        options.Value.Secret = Convert.ToBase64String(new byte[32]);
        return new(options, new Links(options), new Secret(options));
    }

    /// <summary>The settings of its Postmen.</summary>
    public RollcallOptions Settings { get; } =
        new() { Email = { From = "no-reply@rollcall.example" }, Secret = Convert.ToBase64String(new byte[32]) };

    public Postman Postman(IEmailSender sender, TimeProvider? clock = null, TimeSpan? renewEvery = null) =>
        new(Deliveries, Instances, Sender(sender, clock, renewEvery), Log);

    public OutboxSender Sender(IEmailSender sender, TimeProvider? clock = null, TimeSpan? renewEvery = null) =>
        new(Deliveries, Letterhead(Options.Create(Settings)), sender, clock ?? new FixedClock(Now), Log)
        {
            RenewEvery = renewEvery ?? TimeSpan.FromSeconds(15),
        };

    public async Task<Guid> EnqueueAsync(
        string to = "jane.doe@example.com",
        Email? email = null,
        Guid? membership = null
    )
    {
        await using var db = Db();
        var message = Outbox.Enqueue(
            db,
            to,
            email ?? new Removed("Hillview School", EverSignedIn: true),
            membership,
            Now
        );
        await db.SaveChangesAsync();
        // The sender's clock is not the database's, and these messages are as old as the test.
        await ExecuteAsync($"update outgoing_messages set created_at = now() where id = '{message.Id}'");
        return message.Id;
    }

    /// <summary>One round: claims and sends what is due, and returns how many messages that were.</summary>
    public async Task<int> DeliverAsync(OutboxSender sender)
    {
        var claimed = await Deliveries.ClaimAsync(20, TestContext.Current.CancellationToken);
        await Parallel.ForEachAsync(
            claimed,
            new ParallelOptions { MaxDegreeOfParallelism = Rollcall.Emails.Postman.AtOnce },
            async (delivery, stop) => await sender.DeliverAsync(delivery, stop)
        );
        return claimed.Count;
    }

    public Db Db() => new(new DbContextOptionsBuilder<Db>().UseNpgsql(Database).Options);

    public async Task<OutgoingMessage> MessageAsync(Guid id)
    {
        await using var db = Db();
        return await db.Set<OutgoingMessage>().SingleAsync(m => m.Id == id);
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public async Task<T> ReadAsync<T>(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public ValueTask DisposeAsync() => Database.DisposeAsync();
}

internal sealed class FixedClock(DateTimeOffset now) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => now;
}

/// <summary>A sender that gives fixed answers and keeps what it was given.</summary>
internal sealed class FakeSender(Func<RenderedEmail, Task<SendOutcome>> answer) : IEmailSender
{
    public FakeSender(params SendOutcome[] answers)
        : this(InTurn(answers)) { }

    public ConcurrentQueue<RenderedEmail> Given { get; } = new();

    public Task<SendOutcome> SendAsync(RenderedEmail email, CancellationToken cancellationToken)
    {
        Given.Enqueue(email);
        return answer(email);
    }

    /// <summary>The last answer repeats; without any, everything is accepted.</summary>
    private static Func<RenderedEmail, Task<SendOutcome>> InTurn(SendOutcome[] answers)
    {
        var next = -1;
        return _ =>
            Task.FromResult(
                answers.Length == 0
                    ? SendOutcome.Sent
                    : answers[Math.Min(Interlocked.Increment(ref next), answers.Length - 1)]
            );
    }
}

internal sealed class Collector : ILogger<Postman>, ILogger<OutboxSender>
{
    public ConcurrentQueue<(LogLevel Level, string Text)> Lines { get; } = new();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    ) => Lines.Enqueue((logLevel, formatter(state, exception) + exception));
}
