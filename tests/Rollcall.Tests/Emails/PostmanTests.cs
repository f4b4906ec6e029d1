using Microsoft.EntityFrameworkCore;
using Npgsql;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.Emails.Senders;
using Rollcall.Security;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Emails;

/// <summary>Messages arrive once, whatever happens to the processes.</summary>
public class PostmanTests(TheApp app)
{
    /// <summary>In milliseconds: a test that waits for longer fails.</summary>
    private const int TimeLimit = 60_000;

    /// <summary>These only take slots of messages that no one waits for.</summary>
    private const string FromAList = "update outgoing_messages set priority = 30";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task R1_The_message_is_saved_with_the_change_or_not_at_all()
    {
        await using var office = await PostOffice.OpenAsync(app);
        await using (var db = office.Db())
        {
            await using var transaction = await db.Database.BeginTransactionAsync(Stop);
            Outbox.Enqueue(
                db,
                "a@example.com",
                new Removed("Hillview School", EverSignedIn: true),
                null,
                PostOffice.Now
            );
            await db.SaveChangesAsync(Stop);
            Assert.Empty(await office.Deliveries.ClaimAsync(20, Stop));
            await transaction.RollbackAsync(Stop);
        }

        Assert.Equal(0L, await office.ReadAsync<long>("select count(*) from outgoing_messages"));
    }

    [Fact]
    public async Task J8_A_message_is_delivered_once_and_marked_sent()
    {
        await using var office = await PostOffice.OpenAsync(app);
        var id = await office.EnqueueAsync();
        var sender = new FakeSender();
        Assert.Equal(1, await office.DeliverAsync(office.Sender(sender)));
        Assert.Equal(0, await office.DeliverAsync(office.Sender(sender)));

        var email = Assert.Single(sender.Given);
        Assert.Equal(("jane.doe@example.com", $"<{id}@rollcall.example>"), (email.To, email.MessageId));
        var message = await office.MessageAsync(id);
        Assert.Equal(
            (OutgoingMessageState.Sent, PostOffice.Now, 1),
            (message.State, message.SentAt!.Value, message.Attempts)
        );
    }

    [Fact]
    public async Task J8_The_mailbox_shows_a_message_once_however_often_it_is_delivered()
    {
        await using var office = await PostOffice.OpenAsync(app);
        var id = await office.EnqueueAsync();
        var outboxSender = office.Sender(new MailboxSender(office.Database));
        await office.DeliverAsync(outboxSender);
        await office.ExecuteAsync("update outgoing_messages set sent_at = null");
        Assert.Equal(1, await office.DeliverAsync(outboxSender));

        Assert.Equal(1L, await office.ReadAsync<long>("select count(*) from mailbox"));
        Assert.Equal(
            "jane.doe@example.com|no-reply@rollcall.example|support@example.com|You have been removed "
                + "from Hillview School on Rollcall",
            await office.ReadAsync<string>(
                "select concat_ws('|', to_address, from_address, reply_to, subject) from mailbox"
            )
        );
        Assert.Equal(2, (await office.MessageAsync(id)).Attempts);
    }

    [Fact]
    public async Task B21_Killed_between_commit_and_send_the_email_still_goes_once()
    {
        await using var office = await PostOffice.OpenAsync(app);
        await office.EnqueueAsync();

        // The first process claims and begins, and is never heard of again.
        var claimed = Assert.Single(await office.Deliveries.ClaimAsync(20, Stop));
        Assert.NotNull(await office.Deliveries.BeginAsync(claimed, "rollcall.example", Stop));

        var sender = new FakeSender();
        Assert.Equal(0, await office.DeliverAsync(office.Sender(sender))); // Its lease still runs.
        await office.ExecuteAsync("update outgoing_messages set leased_until = now() - interval '1 second'");
        Assert.Equal(1, await office.DeliverAsync(office.Sender(sender)));
        Assert.Equal(0, await office.DeliverAsync(office.Sender(sender)));
        Assert.Single(sender.Given);
    }

    [Fact]
    public async Task R2_A_process_that_slept_past_its_lease_and_sent_nothing_changes_nothing()
    {
        await using var office = await PostOffice.OpenAsync(app);
        var id = await office.EnqueueAsync();
        var late = Assert.Single(await office.Deliveries.ClaimAsync(20, Stop));
        await office.ExecuteAsync("update outgoing_messages set leased_until = now() - interval '1 second'");
        // Not even before another instance has it.
        Assert.Null(await office.Deliveries.BeginAsync(late, "x.example", Stop));

        var holder = Assert.Single(await office.Deliveries.ClaimAsync(20, Stop));
        Assert.Null(await office.Deliveries.BeginAsync(late, "x.example", Stop));
        Assert.False(await office.Deliveries.FailedAsync(late, Endings.Refused, "late", PostOffice.Now));
        Assert.Null(await office.Deliveries.RetryAsync(late, "late", TimeSpan.Zero, PostOffice.Now, isKnown: true));
        Assert.False(await office.Deliveries.ReleaseAsync(late));
        await office.Deliveries.PauseAsync(late, "late", TimeSpan.Zero);
        var message = await office.MessageAsync(id);
        Assert.Equal((OutgoingMessageState.Waiting, 0, null), (message.State, message.Attempts, message.LastError));

        Assert.NotNull(await office.Deliveries.BeginAsync(holder, "x.example", Stop));
        Assert.True(await office.Deliveries.SentAsync(holder, PostOffice.Now));
        Assert.False(await office.Deliveries.FailedAsync(holder, Endings.Refused, "twice", PostOffice.Now));
        Assert.False(await office.Deliveries.SentAsync(late, PostOffice.Now.AddDays(1)));
    }

    [Fact(Timeout = TimeLimit)]
    public async Task R2_An_instance_that_loses_its_listening_connection_keeps_its_leases()
    {
        await using var office = await PostOffice.OpenAsync(app);
        var id = await office.EnqueueAsync();
        using var life = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        using var lives = new SemaphoreSlim(0);
        var listening = office.Instances.ListenAsync(() => lives.Release(), life.Token);
        await lives.WaitAsync(Stop);
        var sending = Assert.Single(await office.Deliveries.ClaimAsync(20, Stop));
        Assert.NotNull(await office.Deliveries.BeginAsync(sending, "rollcall.example", Stop));
        await office.ExecuteAsync(
            "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and pid <> pg_backend_pid()"
        );
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => listening);
        Assert.Equal(0, await office.Instances.FreeAbandonedAsync(Stop));
        Assert.Empty(await office.Deliveries.ClaimAsync(20, Stop));

        // Another instance takes this one for dead. What was sent by then is not sent again.
        var others = new OutboxInstances(office.Database);
        var other = new Deliveries(office.Database, others);
        Assert.Equal(1, await others.FreeAbandonedAsync(Stop));
        var claimed = Assert.Single(await other.ClaimAsync(20, Stop));
        Assert.True(await office.Deliveries.SentAsync(sending, PostOffice.Now));
        Assert.Null(await other.BeginAsync(claimed, "rollcall.example", Stop));
        Assert.Equal(OutgoingMessageState.Sent, (await office.MessageAsync(id)).State);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task R3_Leases_and_due_times_do_not_ask_the_clock_of_the_process(int hours)
    {
        await using var office = await PostOffice.OpenAsync(app);
        await office.EnqueueAsync();
        await office.Deliveries.ClaimAsync(20, Stop);
        var sender = new FakeSender();
        var clock = new FixedClock(DateTimeOffset.UtcNow.AddHours(hours));
        Assert.Equal(0, await office.DeliverAsync(office.Sender(sender, clock)));

        await office.EnqueueAsync("b@example.com");
        Assert.Equal(1, await office.DeliverAsync(office.Sender(sender, clock)));
        Assert.Equal("b@example.com", Assert.Single(sender.Given).To);
    }

    [Fact(Timeout = TimeLimit)]
    public async Task R3_The_lease_is_renewed_for_as_long_as_the_server_takes()
    {
        await using var office = await PostOffice.OpenAsync(app);
        await office.EnqueueAsync();
        var begun = new TaskCompletionSource();
        var answer = new TaskCompletionSource<SendOutcome>();
        var sender = new FakeSender(_ =>
        {
            begun.SetResult();
            return answer.Task;
        });
        using var postman = office.Postman(sender, renewEvery: TimeSpan.FromMilliseconds(20));
        await postman.StartAsync(Stop);
        await begun.Task.WaitAsync(Stop);
        await office.ExecuteAsync("update outgoing_messages set leased_until = now() + interval '5 seconds'");
        await Wait.UntilAsync(
            () => office.ReadAsync<bool>("select leased_until > now() + interval '30 seconds' from outgoing_messages"),
            "It was not renewed"
        );
        Assert.Empty(await new Deliveries(office.Database, new(office.Database)).ClaimAsync(20, Stop));
        answer.SetResult(SendOutcome.Sent);
        await postman.StopAsync(Stop);
        Assert.Equal(
            1L,
            await office.ReadAsync<long>(
                "select count(*) from outgoing_messages where sent_at is not null and attempts = 1"
            )
        );
    }

    [Fact(Timeout = TimeLimit)]
    public async Task R2_The_leases_of_an_instance_that_is_killed_are_free_at_once()
    {
        await using var office = await PostOffice.OpenAsync(app);
        var id = await office.EnqueueAsync();
        var killedInstances = new OutboxInstances(office.Database);
        var killed = new Deliveries(office.Database, killedInstances);
        using (var life = CancellationTokenSource.CreateLinkedTokenSource(Stop))
        {
            using var lives = new SemaphoreSlim(0);
            var listening = killedInstances.ListenAsync(() => lives.Release(), life.Token);
            await lives.WaitAsync(Stop);
            var claimed = Assert.Single(await killed.ClaimAsync(20, Stop));
            Assert.NotNull(await killed.BeginAsync(claimed, "rollcall.example", Stop));
            Assert.Equal(0, await office.Instances.FreeAbandonedAsync(Stop)); // it lives
            Assert.Empty(await office.Deliveries.ClaimAsync(20, Stop));
            await life.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => listening);
        }

        var sender = new FakeSender();
        using var next = office.Postman(sender);
        await next.StartAsync(Stop);
        await Wait.UntilAsync(
            async () => (await office.MessageAsync(id)).State == OutgoingMessageState.Sent,
            "The lease of an instance that is gone was not freed"
        );
        await next.StopAsync(Stop);
        Assert.Single(sender.Given);
        Assert.Equal(2, (await office.MessageAsync(id)).Attempts);
    }

    [Fact(Timeout = TimeLimit)]
    public async Task R9_A_message_that_takes_long_holds_up_no_other()
    {
        await using var office = await PostOffice.OpenAsync(app);
        var answer = new TaskCompletionSource<SendOutcome>();
        var sender = new FakeSender(email =>
            email.To.StartsWith("slow", StringComparison.Ordinal) ? answer.Task : Task.FromResult(SendOutcome.Sent)
        );
        for (var i = 0; i < Postman.AtOnce - 1; i++)
        {
            await office.EnqueueAsync($"slow{i}@example.com");
        }

        for (var i = 0; i < 50; i++)
        {
            await office.EnqueueAsync($"quick{i}@example.com");
        }

        using var postman = office.Postman(sender);
        await postman.StartAsync(Stop);
        await Wait.UntilAsync(
            async () =>
                await office.ReadAsync<long>("select count(*) from outgoing_messages where sent_at is not null") == 50,
            "Some waited for the slow ones"
        );
        answer.SetResult(SendOutcome.Sent);
        await postman.StopAsync(Stop);
    }

    [Fact(Timeout = TimeLimit)]
    public async Task R9_B15_With_ten_thousand_waiting_at_a_slow_server_a_code_leaves_at_once()
    {
        await using var office = await PostOffice.OpenAsync(app);
        await office.EnqueueAsync("one@example.com");
        await office.ExecuteAsync(
            $"""
            {FromAList};
            insert into outgoing_messages (id, kind, data, to_address, priority, created_at)
            select gen_random_uuid(), kind, data, 'person' || n || '@example.com', priority, created_at
            from outgoing_messages, generate_series(1, 10000) n
            """
        );
        var answer = new TaskCompletionSource<SendOutcome>();
        var sender = new FakeSender(_ => answer.Task); // no server answers at all
        using var postman = office.Postman(sender);
        await postman.StartAsync(Stop);
        await Wait.UntilAsync(() => Task.FromResult(sender.Given.Count == Postman.AtOnce), "The places are not taken");
        await office.EnqueueAsync("invited@example.com");
        await Wait.UntilAsync(
            () => Task.FromResult(sender.Given.Any(e => e.To == "invited@example.com")),
            "A person waits behind the list"
        );
        await office.EnqueueAsync("reset@example.com", new ResetPassword(Guid.NewGuid(), PostOffice.Now.AddHours(1)));
        await Wait.UntilAsync(
            () => Task.FromResult(sender.Given.Any(e => e.To == "reset@example.com")),
            "The link waits behind the list"
        );
        for (var i = 0; i < 3; i++)
        {
            await office.EnqueueAsync(
                $"reset{i}@example.com",
                new ResetPassword(Guid.NewGuid(), PostOffice.Now.AddHours(1))
            );
        }

        var code = new CodeByEmail(
            Letterhead.Seal(new Secret(Microsoft.Extensions.Options.Options.Create(office.Settings)), "123456")
        );
        await office.EnqueueAsync("code@example.com", code);
        await Wait.UntilAsync(
            () => Task.FromResult(sender.Given.Any(e => e.To == "code@example.com")),
            "The code waits behind the links"
        );
        answer.SetResult(SendOutcome.Sent);
        await postman.StopAsync(Stop);
    }

    [Fact(Timeout = TimeLimit)]
    public async Task R2_Two_Postmen_send_200_messages_exactly_once_each()
    {
        await using var office = await PostOffice.OpenAsync(app);
        await using (var db = office.Db())
        {
            foreach (var i in Enumerable.Range(0, 200))
            {
                Outbox.Enqueue(
                    db,
                    $"person{i}@example.com",
                    new Removed("Hillview School", EverSignedIn: true),
                    null,
                    PostOffice.Now
                );
            }

            await db.SaveChangesAsync(Stop);
        }

        var sender = new FakeSender();
        using var one = office.Postman(sender);
        using var other = office.Postman(sender);
        await one.StartAsync(Stop);
        await other.StartAsync(Stop);
        await Wait.UntilAsync(
            async () =>
                await office.ReadAsync<long>("select count(*) from outgoing_messages where sent_at is null") == 0,
            "Not everything was sent"
        );
        await Task.WhenAll(one.StopAsync(Stop), other.StopAsync(Stop));

        Assert.Equal(200, sender.Given.Count);
        Assert.Equal(200, sender.Given.Select(e => e.To).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(
            0L,
            await office.ReadAsync<long>(
                "select count(*) from outgoing_messages where attempts <> 1 or lease_token is not null"
            )
        );
    }

    [Fact(Timeout = TimeLimit)]
    public async Task R2_A_commit_notifies_every_listener()
    {
        await using var office = await PostOffice.OpenAsync(app);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        using var woken = new SemaphoreSlim(0);
        var listening = office.Instances.ListenAsync(() => woken.Release(), stop.Token);
        await woken.WaitAsync(Stop); // It listens.
        await office.EnqueueAsync();
        await woken.WaitAsync(Stop); // Nothing polls here: only the notification can wake.

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => listening);
    }

    [Fact(Timeout = TimeLimit)]
    public async Task B21_A_running_Postman_sends_what_is_committed()
    {
        await using var office = await PostOffice.OpenAsync(app);
        var sent = new TaskCompletionSource();
        using var postman = office.Postman(
            new FakeSender(_ =>
            {
                sent.SetResult();
                return Task.FromResult(SendOutcome.Sent);
            })
        );
        await postman.StartAsync(Stop);
        await office.EnqueueAsync();
        await sent.Task.WaitAsync(Stop);
        await postman.StopAsync(Stop);
    }

    [Fact(Timeout = TimeLimit)]
    public async Task R21_A_Postman_whose_connections_are_cut_recovers_by_itself()
    {
        await using var office = await PostOffice.OpenAsync(app);
        var sender = new FakeSender();
        using var postman = office.Postman(sender);
        await postman.StartAsync(Stop);
        await office.EnqueueAsync("before@example.com");
        await Wait.UntilAsync(() => Task.FromResult(sender.Given.Count == 1), "The first message was not sent");
        await office.ExecuteAsync(
            """
            select pg_terminate_backend(pid)
            from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid()
            """
        );
        NpgsqlConnection.ClearAllPools();
        await Wait.UntilAsync(
            async () =>
            {
                try
                {
                    await office.EnqueueAsync("after@example.com");
                    return true;
                }
                catch (Exception problem)
                    when (problem is NpgsqlException or DbUpdateException or InvalidOperationException)
                {
                    return false;
                }
            },
            "Nothing can be queued after the cut"
        );
        await Wait.UntilAsync(
            () =>
                Task.FromResult(
                    sender.Given.Any(e => string.Equals(e.To, "after@example.com", StringComparison.Ordinal))
                ),
            "The message after the cut was not sent"
        );
        await postman.StopAsync(Stop);
    }

    [Fact(Timeout = TimeLimit)]
    public async Task R19_Asked_to_stop_it_finishes_what_is_being_sent_and_begins_nothing_more()
    {
        await using var office = await PostOffice.OpenAsync(app);
        for (var i = 0; i < Postman.AtOnce + 3; i++)
        {
            await office.EnqueueAsync($"person{i}@example.com");
        }

        await office.ExecuteAsync(FromAList);
        using var begun = new SemaphoreSlim(0);
        var answer = new TaskCompletionSource<SendOutcome>();
        using var postman = office.Postman(
            new FakeSender(_ =>
            {
                begun.Release();
                return answer.Task;
            })
        );
        await postman.StartAsync(Stop);
        for (var i = 0; i < Postman.AtOnce; i++)
        {
            await begun.WaitAsync(Stop);
        }

        var stopping = postman.StopAsync(Stop);
        answer.SetResult(SendOutcome.Sent);
        await stopping;

        Assert.Equal(
            (long)Postman.AtOnce,
            await office.ReadAsync<long>("select count(*) from outgoing_messages where sent_at is not null")
        );
        Assert.Equal(
            3L,
            await office.ReadAsync<long>(
                "select count(*) from outgoing_messages where sent_at is null and lease_token is null and attempts = 0"
            )
        );
    }
}
