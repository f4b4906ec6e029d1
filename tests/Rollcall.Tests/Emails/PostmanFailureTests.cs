using Microsoft.Extensions.Logging;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.Emails.Senders;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Emails;

/// <summary>What happens to a message that cannot be sent, and to those beside it.</summary>
public class PostmanFailureTests(TheApp app)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(nameof(SendResult.Transient))]
    [InlineData(nameof(SendResult.Unknown))]
    [InlineData(nameof(SendResult.Throttled))]
    public async Task R4_R6_B20_A_failure_is_tried_again_with_the_same_Message_ID(string failure)
    {
        await using var office = await PostOffice.OpenAsync(app);
        var id = await office.EnqueueAsync();
        var sender = new FakeSender(
            new SendOutcome(Enum.Parse<SendResult>(failure), "451 try later"),
            SendOutcome.Sent
        );
        var outboxSender = office.Sender(sender);
        await office.DeliverAsync(outboxSender);
        var waiting = await office.MessageAsync(id);
        Assert.Equal(
            (OutgoingMessageState.Waiting, "451 try later", 1),
            (waiting.State, waiting.LastError, waiting.Attempts)
        );

        await BecomesDueAsync(office);
        await office.DeliverAsync(outboxSender);
        var sent = await office.MessageAsync(id);
        Assert.Equal((OutgoingMessageState.Sent, null, 2), (sent.State, sent.LastError, sent.Attempts));
        Assert.Equal(2, sender.Given.Count);
        Assert.Single(sender.Given.Select(e => e.MessageId).Distinct(StringComparer.Ordinal));
    }

    [Fact]
    public async Task R4_Retry_After_is_obeyed()
    {
        await using var office = await PostOffice.OpenAsync(app);
        await office.EnqueueAsync();
        var outboxSender = office.Sender(
            new FakeSender(new SendOutcome(SendResult.Transient, "later", TimeSpan.FromMinutes(7)))
        );
        await office.DeliverAsync(outboxSender);
        Assert.True(
            await office.ReadAsync<bool>("select available_at > now() + interval '6 minutes' from outgoing_messages")
        );
        Assert.Equal(0, await office.DeliverAsync(outboxSender));
    }

    [Theory]
    [InlineData(1, 10)]
    [InlineData(2, 20)]
    [InlineData(5, 160)]
    [InlineData(9, 2560)]
    [InlineData(10, 3600)]
    [InlineData(1_000_000, 3600)]
    public void R4_Retries_come_exponentially_later_at_a_random_moment_up_to_an_hour(int attempt, int upToSeconds)
    {
        Assert.Equal(TimeSpan.Zero, RetrySchedule.Delay(attempt, null, 0));
        Assert.Equal(TimeSpan.FromSeconds(upToSeconds / 2.0), RetrySchedule.Delay(attempt, null, 0.5));
        Assert.Equal(TimeSpan.FromSeconds(upToSeconds), RetrySchedule.Delay(attempt, null, 1));
        Assert.Equal(TimeSpan.FromHours(2), RetrySchedule.Delay(attempt, TimeSpan.FromHours(2), 1));
    }

    [Fact]
    public async Task R4_After_four_hours_it_is_a_dead_letter_and_never_tried_again()
    {
        await using var office = await PostOffice.OpenAsync(app);
        var young = await office.EnqueueAsync();
        var old = await office.EnqueueAsync();
        await office.ExecuteAsync(
            $"update outgoing_messages set created_at = now() - interval '3 hours 59 minutes' where id = '{young}'"
        );
        await office.ExecuteAsync(
            $"update outgoing_messages set created_at = now() - interval '4 hours' where id = '{old}'"
        );
        var sender = new FakeSender(new SendOutcome(SendResult.Transient, "still down"));
        await office.DeliverAsync(office.Sender(sender));

        Assert.Equal(OutgoingMessageState.Waiting, (await office.MessageAsync(young)).State);
        var dead = await office.MessageAsync(old);
        Assert.Equal(
            (OutgoingMessageState.Failed, PostOffice.Now, "still down"),
            (dead.State, dead.FailedAt!.Value, dead.LastError)
        );
        await office.ExecuteAsync($"delete from outgoing_messages where id = '{young}'");
        await BecomesDueAsync(office);
        Assert.Equal(0, await office.DeliverAsync(office.Sender(sender)));
        Assert.Contains(office.Log.Lines, l => l.Level == LogLevel.Error);
    }

    [Fact]
    public async Task R6_What_may_have_arrived_is_tried_twice_more_and_then_said_to_be_unknown()
    {
        await using var office = await PostOffice.OpenAsync(app);
        var id = await office.EnqueueAsync();
        var sender = new FakeSender(
            new SendOutcome(SendResult.Unknown, "No answer"),
            new SendOutcome(SendResult.Transient, "451 later"),
            new SendOutcome(SendResult.Unknown, "No answer")
        );
        for (var i = 0; i < 20; i++)
        {
            await office.DeliverAsync(office.Sender(sender));
            await BecomesDueAsync(office);
        }

        Assert.Equal(4, sender.Given.Count); // of which one was certainly not taken
        var message = await office.MessageAsync(id);
        Assert.Equal(
            (OutgoingMessageState.Failed, Endings.Unknown, "No answer"),
            (message.State, message.EndedBecause, message.LastError)
        );
    }

    [Fact]
    public async Task R6_A_program_that_is_killed_while_it_sends_counts_as_an_answer_that_never_came()
    {
        await using var office = await PostOffice.OpenAsync(app);
        var id = await office.EnqueueAsync();
        for (var i = 0; i < 3; i++)
        {
            var claimed = Assert.Single(await office.Deliveries.ClaimAsync(20, Stop));
            Assert.NotNull(await office.Deliveries.BeginAsync(claimed, "x.example", Stop));
            await office.ExecuteAsync("update outgoing_messages set leased_until = now() - interval '1 second'");
        }

        var sender = new FakeSender();
        await office.DeliverAsync(office.Sender(sender));
        Assert.Empty(sender.Given);
        Assert.Equal(
            (OutgoingMessageState.Failed, Endings.Unknown),
            ((await office.MessageAsync(id)).State, (await office.MessageAsync(id)).EndedBecause)
        );
    }

    [Fact]
    public async Task R5_A_permanent_failure_is_a_dead_letter_at_once()
    {
        await using var office = await PostOffice.OpenAsync(app);
        var id = await office.EnqueueAsync();
        await office.DeliverAsync(
            office.Sender(new FakeSender(new SendOutcome(SendResult.Permanent, "550 no such mailbox")))
        );
        var message = await office.MessageAsync(id);
        Assert.Equal((OutgoingMessageState.Failed, "550 no such mailbox"), (message.State, message.LastError));
    }

    [Fact]
    public async Task R5_A_wrong_setting_pauses_the_queue_everywhere_and_loses_nothing()
    {
        await using var office = await PostOffice.OpenAsync(app);
        for (var i = 0; i < 8; i++)
        {
            await office.EnqueueAsync($"person{i}@example.com");
        }

        // However long the mistake lasts: time in which nothing could be sent does not count towards giving up.
        await office.ExecuteAsync("update outgoing_messages set created_at = now() - interval '3 days'");
        var refused = new FakeSender(
            new SendOutcome(SendResult.Configuration, "535 jane.doe@example.com: wrong password")
        );
        await office.DeliverAsync(office.Sender(refused));
        // Those being sent at that moment, no more of the batch.
        Assert.InRange(refused.Given.Count, 1, Postman.AtOnce);
        Assert.Contains(
            office.Log.Lines,
            l => l.Level == LogLevel.Error && l.Text.Contains("535", StringComparison.Ordinal)
        );

        var works = new FakeSender(new SendOutcome(SendResult.Transient), SendOutcome.Sent);
        var other = office.Sender(works);
        Assert.Equal(0, await office.DeliverAsync(other));
        Assert.Equal(
            8L,
            await office.ReadAsync<long>(
                """
                select count(*) from outgoing_messages
                where attempts = 0 and lease_token is null and failed_at is null
                """
            )
        );

        await office.ExecuteAsync("update outbox_pause set until = now() - interval '1 second'");
        Assert.Equal(8, await office.DeliverAsync(other));
        await BecomesDueAsync(office);
        await office.DeliverAsync(other);
        Assert.Equal(
            8L,
            await office.ReadAsync<long>("select count(*) from outgoing_messages where sent_at is not null")
        );
    }

    [Fact]
    public async Task R5_Throttled_with_a_time_pauses_the_queue_for_that_time()
    {
        await using var office = await PostOffice.OpenAsync(app);
        await office.EnqueueAsync();
        await office.DeliverAsync(
            office.Sender(new FakeSender(new SendOutcome(SendResult.Throttled, "429", TimeSpan.FromHours(5))))
        );
        Assert.True(await office.ReadAsync<bool>("select until > now() + interval '4 hours' from outbox_pause"));
        await office.EnqueueAsync();
        Assert.Equal(0, await office.DeliverAsync(office.Sender(new FakeSender())));
    }

    [Fact]
    public async Task R8_J9_A_superseded_message_is_not_sent()
    {
        await using var office = await PostOffice.OpenAsync(app);
        var mine = Guid.CreateVersion7();
        var others = Guid.CreateVersion7();
        var stopped = await office.EnqueueAsync(
            "a@example.com",
            new AddedToOrganisation(Guid.CreateVersion7(), "Hillview School", null),
            mine
        );
        await office.EnqueueAsync("c@example.com", new AddressChanged(), mine); // stays true, whatever came after it
        await office.EnqueueAsync("b@example.com", membership: others);
        await using (var db = office.Db())
        {
            Assert.Equal(1, await Outbox.SupersedeAdditionsAsync(db, [mine], Endings.Newer, PostOffice.Now));
        }

        var sender = new FakeSender();
        await office.DeliverAsync(office.Sender(sender));
        Assert.Equal(["b@example.com", "c@example.com"], sender.Given.Select(email => email.To).Order());
        Assert.Equal(OutgoingMessageState.Superseded, (await office.MessageAsync(stopped)).State);
    }

    [Fact]
    public async Task R8_A_message_superseded_after_the_claim_is_not_sent_either()
    {
        await using var office = await PostOffice.OpenAsync(app);
        var membership = Guid.CreateVersion7();
        await office.EnqueueAsync(
            email: new AddedToOrganisation(Guid.CreateVersion7(), "Hillview School", null),
            membership: membership
        );
        var claimed = Assert.Single(await office.Deliveries.ClaimAsync(20, Stop));
        await using var db = office.Db();
        await Outbox.SupersedeAdditionsAsync(db, [membership], Endings.Newer, PostOffice.Now);
        Assert.Null(await office.Deliveries.BeginAsync(claimed, "x.example", Stop));
    }

    [Fact]
    public async Task R9_Poison_does_not_stop_the_others()
    {
        await using var office = await PostOffice.OpenAsync(app);
        var poison = new List<Guid>();
        string[] damage =
        [
            "data = '{}'",
            "data = '[1]'",
            "data = '{\"organisationName\": null, \"everSignedIn\": true}'",
            "data = 'null'",
        ];
        foreach (var how in damage)
        {
            poison.Add(await office.EnqueueAsync("poison@example.com"));
            await office.ExecuteAsync($"update outgoing_messages set {how} where id = '{poison[^1]}'");
        }

        var thrown = await office.EnqueueAsync("thrower@example.com");
        var good = await office.EnqueueAsync("good@example.com");
        var sender = new FakeSender(email =>
            email.To.StartsWith("thrower", StringComparison.Ordinal)
                ? throw new InvalidOperationException("whatever")
                : Task.FromResult(SendOutcome.Sent)
        );
        Assert.Equal(damage.Length + 2, await office.DeliverAsync(office.Sender(sender)));

        Assert.Equal(OutgoingMessageState.Sent, (await office.MessageAsync(good)).State);
        Assert.Equal(OutgoingMessageState.Waiting, (await office.MessageAsync(thrown)).State);
        foreach (var id in poison)
        {
            Assert.Equal(OutgoingMessageState.Failed, (await office.MessageAsync(id)).State);
        }
    }

    [Fact]
    public async Task R9_An_email_that_a_person_waits_for_leaves_before_emails_queued_earlier()
    {
        await using var office = await PostOffice.OpenAsync(app);
        for (var i = 0; i < 30; i++)
        {
            await office.EnqueueAsync($"bulk{i}@example.com");
        }

        await office.EnqueueAsync("code@example.com");
        await office.ExecuteAsync("update outgoing_messages set priority = 0 where to_address = 'code@example.com'");
        Assert.Equal("code@example.com", (await office.Deliveries.ClaimAsync(20, Stop))[0].To);
    }

    [Fact]
    public async Task Trust60_The_log_holds_no_address_and_no_word_of_the_email()
    {
        await using var office = await PostOffice.OpenAsync(app);
        SendOutcome[] outcomes =
        [
            SendOutcome.Sent,
            .. new[]
            {
                SendResult.Permanent,
                SendResult.Transient,
                SendResult.Unknown,
                SendResult.Throttled,
                SendResult.Configuration,
            }.Select(r => new SendOutcome(r, "550 <jane.doe@example.com>: unknown")),
        ];
        foreach (var outcome in outcomes)
        {
            await office.EnqueueAsync();
            await office.DeliverAsync(office.Sender(new FakeSender(outcome)));
        }

        Assert.True(office.Log.Lines.Count >= outcomes.Length);
        Assert.Contains(office.Log.Lines, l => l.Text.Contains("j•••@example.com", StringComparison.Ordinal));
        Assert.DoesNotContain(
            office.Log.Lines,
            l =>
                l.Text.Contains("jane.doe", StringComparison.Ordinal)
                || l.Text.Contains("Hillview", StringComparison.Ordinal)
        );
    }

    private static Task BecomesDueAsync(PostOffice office) =>
        office.ExecuteAsync("update outgoing_messages set available_at = now()");

    [Fact]
    public async Task R13_A_kind_of_a_newer_version_is_left_for_an_instance_that_knows_it()
    {
        await using var office = await PostOffice.OpenAsync(app);
        var id = await office.EnqueueAsync();
        await office.ExecuteAsync($"update outgoing_messages set kind = 'of-tomorrow' where id = '{id}'");
        Assert.Equal(0, await office.DeliverAsync(office.Sender(new FakeSender())));
        Assert.Equal(OutgoingMessageState.Waiting, (await office.MessageAsync(id)).State);
    }
}
