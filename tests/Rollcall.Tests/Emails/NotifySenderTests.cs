using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.Emails.Senders;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Emails;

/// <summary>What GOV.UK Notify is sent, what its answers mean, and that no one gets anything twice.</summary>
public sealed class NotifySenderTests(TheApp app)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static IOptions<RollcallOptions> Settings(Uri address, int aMinute = 3000) =>
        Options.Create(
            new RollcallOptions
            {
                ServiceName = "Publish courses",
                Email = { From = "no-reply@rollcall.example", Sender = EmailSenderKind.Notify },
                Notify =
                {
                    ApiKey = NotifyStandIn.ApiKey,
                    EmailTemplate = NotifyStandIn.EmailTemplate,
                    TextTemplate = NotifyStandIn.TextTemplate,
                    BaseUrl = address,
                    MessagesAMinute = aMinute,
                },
            }
        );

    private static NotifySender Sender(NotifyStandIn notify, int aMinute = 3000) =>
        new(Settings(notify.Address, aMinute), TimeProvider.System);

    private static RenderedEmail Message(
        Guid? id = null,
        int attempt = 1,
        string to = "zoe@example.com",
        Channel channel = Channel.Email
    ) =>
        new(
            $"<{id ?? Guid.NewGuid()}@rollcall.example>",
            to,
            "no-reply@rollcall.example",
            "Publish courses",
            "help@rollcall.example",
            "You were added",
            "Dear Zoë\n",
            "<p>",
            DateTimeOffset.UtcNow
        )
        {
            Attempt = attempt,
            Channel = channel,
            Markdown = "Dear Zoë",
        };

    [Fact]
    public async Task R6_An_email_and_a_text_message_are_handed_over_with_the_outbox_row_as_their_reference()
    {
        await using var notify = await NotifyStandIn.StartAsync();
        using var sender = Sender(notify);
        var email = Guid.NewGuid();
        var text = Guid.NewGuid();
        Assert.Equal(SendOutcome.Sent, await sender.SendAsync(Message(email), Stop));
        Assert.Equal(
            SendOutcome.Sent,
            await sender.SendAsync(Message(text, to: "+447700900123", channel: Channel.Text), Stop)
        );
        var taken = notify.Taken.ToArray();
        Assert.True(
            JsonNode.DeepEquals(
                new JsonObject
                {
                    ["email_address"] = "zoe@example.com",
                    ["template_id"] = NotifyStandIn.EmailTemplate.ToString(),
                    ["personalisation"] = new JsonObject { ["subject"] = "You were added", ["body"] = "Dear Zoë" },
                    ["reference"] = email.ToString(),
                },
                taken[0].Body
            ),
            taken[0].Body.ToJsonString()
        );
        Assert.True(
            JsonNode.DeepEquals(
                new JsonObject
                {
                    ["phone_number"] = "+447700900123",
                    ["template_id"] = NotifyStandIn.TextTemplate.ToString(),
                    ["personalisation"] = new JsonObject { ["body"] = "Dear Zoë" },
                    ["reference"] = text.ToString(),
                },
                taken[1].Body
            ),
            taken[1].Body.ToJsonString()
        );
        Assert.Empty(notify.Asked); // the first time there is nothing to ask
    }

    [Theory]
    [InlineData(400, "ValidationError", nameof(SendResult.Permanent))]
    [InlineData(400, "BadRequestError", nameof(SendResult.Transient))]
    [InlineData(401, "AuthError", nameof(SendResult.Configuration))]
    [InlineData(403, "AuthError", nameof(SendResult.Configuration))]
    [InlineData(403, "BadRequestError", nameof(SendResult.Configuration))]
    [InlineData(429, "RateLimitError", nameof(SendResult.Throttled))]
    [InlineData(429, "TooManyRequestsError", nameof(SendResult.Throttled))]
    [InlineData(500, "Exception", nameof(SendResult.Transient))]
    [InlineData(503, "", nameof(SendResult.Transient))]
    [InlineData(200, "", nameof(SendResult.Configuration))]
    [InlineData(302, "", nameof(SendResult.Configuration))]
    [InlineData(404, "", nameof(SendResult.Configuration))]
    public async Task R5_Errors_are_told_apart_by_status_and_error_never_by_message(
        int status,
        string error,
        string result
    )
    {
        await using var notify = await NotifyStandIn.StartAsync();
        using var sender = Sender(notify);
        notify.Faults.Enqueue(NotifyStandIn.Error(status, error, "words that may change"));
        var outcome = await sender.SendAsync(Message(), Stop);
        Assert.Equal(result, outcome.Result.ToString());
        Assert.StartsWith($"{status} {error}", outcome.Detail, StringComparison.Ordinal);
        Assert.Equal(status == 429, outcome.RetryAfter is not null);
    }

    [Fact]
    public async Task R4_R5_Retry_After_is_obeyed_in_seconds_and_as_a_date_and_the_days_limit_ends_at_midnight()
    {
        await using var notify = await NotifyStandIn.StartAsync();
        var clock = new FixedTime(new(2026, 11, 14, 22, 0, 0, TimeSpan.Zero));
        notify.Now = clock.GetUtcNow();
        using var sender = new NotifySender(Settings(notify.Address), clock);
        notify.Faults.Enqueue(NotifyStandIn.Error(429, "RateLimitError", "", "7"));
        notify.Faults.Enqueue(
            NotifyStandIn.Error(
                503,
                "",
                "",
                clock.GetUtcNow().AddSeconds(90).ToString("R", CultureInfo.InvariantCulture)
            )
        );
        notify.Faults.Enqueue(NotifyStandIn.Error(429, "TooManyRequestsError", ""));
        Assert.Equal(TimeSpan.FromSeconds(7), (await sender.SendAsync(Message(), Stop)).RetryAfter);
        Assert.Equal(TimeSpan.FromSeconds(90), (await sender.SendAsync(Message(), Stop)).RetryAfter);
        Assert.Equal(TimeSpan.FromMinutes(121), (await sender.SendAsync(Message(), Stop)).RetryAfter);
    }

    [Fact]
    public async Task R5_A_key_that_is_not_known_or_a_clock_that_is_wrong_is_the_settings_fault()
    {
        await using var notify = await NotifyStandIn.StartAsync();
        var settings = Settings(notify.Address);
        settings.Value.Notify.ApiKey = NotifyStandIn.ApiKey[..^1] + "1";
        using var stranger = new NotifySender(settings, TimeProvider.System);
        Assert.Equal(SendResult.Configuration, (await stranger.SendAsync(Message(), Stop)).Result);
        using var sender = Sender(notify);
        notify.Now = DateTimeOffset.UtcNow.AddSeconds(40);
        Assert.Equal(SendResult.Configuration, (await sender.SendAsync(Message(), Stop)).Result);
        notify.Now = DateTimeOffset.UtcNow.AddSeconds(20);
        Assert.Equal(SendOutcome.Sent, await sender.SendAsync(Message(), Stop));
    }

    [Fact]
    public async Task R6_F10_What_was_taken_though_the_answer_was_lost_is_not_sent_again()
    {
        await using var notify = await NotifyStandIn.StartAsync();
        using var sender = Sender(notify);
        var id = Guid.NewGuid();
        notify.Faults.Enqueue(NotifyStandIn.TakenAndLost);
        Assert.Equal(SendResult.Unknown, (await sender.SendAsync(Message(id), Stop)).Result);
        Assert.Equal(SendOutcome.Sent, await sender.SendAsync(Message(id, attempt: 2), Stop));
        Assert.Single(notify.Taken);
        Assert.Equal([id.ToString()], notify.Asked);

        // And what was not taken is.
        var other = Guid.NewGuid();
        notify.Faults.Enqueue(NotifyStandIn.Error(500, "Exception", "Internal server error"));
        Assert.Equal(SendResult.Transient, (await sender.SendAsync(Message(other), Stop)).Result);
        Assert.Equal(SendOutcome.Sent, await sender.SendAsync(Message(other, attempt: 2), Stop));
        Assert.Equal(2, notify.Taken.Count);
    }

    [Fact]
    public async Task R6_Without_an_answer_to_the_question_nothing_is_sent_again()
    {
        await using var notify = await NotifyStandIn.StartAsync();
        using var sender = Sender(notify);
        await notify.DisposeAsync();
        // refused before anything was said
        Assert.Equal(SendResult.Transient, (await sender.SendAsync(Message(attempt: 2), Stop)).Result);
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        using var waiting = new NotifySender(
            Settings(new Uri($"http://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}")),
            TimeProvider.System
        );
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var sending = waiting.SendAsync(Message(), timeout.Token);
        using (await silent.AcceptTcpClientAsync(Stop))
        {
            await timeout.CancelAsync();
        }

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending); // which the Postman calls unknown
    }

    [Fact]
    public async Task R10_No_more_leave_in_a_minute_than_the_setting_says()
    {
        await using var notify = await NotifyStandIn.StartAsync();
        using var sender = Sender(notify, aMinute: 3);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(SendOutcome.Sent, await sender.SendAsync(Message(), Stop));
        }

        var fourth = await sender.SendAsync(Message(), Stop);
        Assert.Equal(SendResult.Throttled, fourth.Result);
        Assert.InRange(fourth.RetryAfter!.Value, TimeSpan.FromTicks(1), TimeSpan.FromMinutes(1));
        Assert.Equal(3, notify.Taken.Count);
    }

    [Fact]
    public async Task R6_R7_The_postman_tries_again_and_each_message_arrives_once()
    {
        await using var notify = await NotifyStandIn.StartAsync();
        await using var office = await PostOffice.OpenAsync(app);
        using var sender = Sender(notify);
        var lost = await office.EnqueueAsync();
        var refused = await office.EnqueueAsync("refused@example.com");
        notify.Faults.Enqueue(NotifyStandIn.TakenAndLost);
        notify.Faults.Enqueue(
            NotifyStandIn.Error(400, "ValidationError", "email_address refused@example.com is not valid")
        );
        for (var round = 0; round < 2; round++)
        {
            await office.ExecuteAsync("update outgoing_messages set available_at = now()");
            await office.DeliverAsync(office.Sender(sender));
        }
        var first = await office.MessageAsync(lost);
        var second = await office.MessageAsync(refused);
        Assert.Contains(OutgoingMessageState.Failed, new[] { first.State, second.State });
        Assert.Contains(OutgoingMessageState.Sent, new[] { first.State, second.State });
        Assert.Single(notify.Taken);
        Assert.DoesNotContain(NotifyStandIn.Secret, string.Join('\n', office.Log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task R5_A_code_whose_time_is_over_is_not_sent()
    {
        await using var notify = await NotifyStandIn.StartAsync();
        await using var office = await PostOffice.OpenAsync(app);
        using var sender = Sender(notify);
        var id = await office.EnqueueAsync("+447700900123", new CodeByText("sealed"));
        await office.ExecuteAsync($"update outgoing_messages set created_at = '{PostOffice.Now:O}'");
        await office.DeliverAsync(office.Sender(sender, new FixedTime(PostOffice.Now.AddMinutes(10).AddSeconds(1))));
        Assert.Equal(OutgoingMessageState.Superseded, (await office.MessageAsync(id)).State);
        Assert.Empty(notify.Taken);
    }

    [Fact]
    public async Task Texts_may_leave_by_Notify_while_emails_leave_by_another_way()
    {
        await using var notify = await NotifyStandIn.StartAsync();
        using var texts = Sender(notify);
        var emails = new Recorder();
        var both = new ByChannel(emails, texts);
        await both.SendAsync(Message(), Stop);
        await both.SendAsync(Message(to: "+447700900123", channel: Channel.Text), Stop);
        Assert.Equal(["zoe@example.com"], emails.To);
        Assert.Equal("/v2/notifications/sms", Assert.Single(notify.Taken).Path);
        Assert.True(new TextMessages(Settings(notify.Address)).ArePossible);
        var without = Settings(notify.Address);
        without.Value.Notify.TextTemplate = null;
        Assert.False(new TextMessages(without).ArePossible);
    }

    [Fact]
    public void Trust14_Nothing_that_a_user_typed_becomes_a_link_a_heading_or_a_list()
    {
        var markdown = Blocks.ToMarkdown([
            new Heading("Get [help](https://evil.example)"),
            new Paragraph("# not a heading"),
            new Paragraph("* not a list\nnor this"),
            new Paragraph("^ nor that"),
            new Paragraph("1. nor one"),
            new Paragraph("You have been added to https://evil.example"),
            new Link("https://publish.example/register/abc"),
            new Facts([new("Name", "[x] \\")]),
        ]);
        Assert.Equal(
            "# Get \\[help\\](https: //evil.example)\n\n\\# not a heading\n\n\\* not a list nor "
                + "this\n\n\u200B^ nor that\n\n\u200B1. nor one\n\nYou have been added to https: "
                + "//evil.example\n\nhttps://publish.example/register/abc\n\n* Name: \\[x\\] \\\\",
            markdown
        );
    }

    [Theory]
    [InlineData(403, "AuthError")]
    [InlineData(429, "TooManyRequestsError")]
    [InlineData(429, "RateLimitError")]
    public async Task R9_What_stops_a_text_message_stops_no_email(int status, string error)
    {
        await using var notify = await NotifyStandIn.StartAsync();
        using var sender = Sender(notify);
        notify.Faults.Enqueue(NotifyStandIn.Error(status, error, "Exceeded send limits for today"));
        Assert.Equal(
            SendResult.Transient,
            (await sender.SendAsync(Message(to: "+447700900123", channel: Channel.Text), Stop)).Result
        );
    }

    [Fact]
    public async Task Trust60_What_is_kept_of_an_error_holds_neither_the_address_nor_the_words()
    {
        await using var notify = await NotifyStandIn.StartAsync();
        using var sender = Sender(notify);
        notify.Faults.Enqueue(
            NotifyStandIn.Error(400, "ValidationError", "personalisation Dear Zoë 123456 is too long")
        );
        notify.Faults.Enqueue(
            NotifyStandIn.Error(400, "BadRequestError", "Cannot send to ZOE@example.com in trial mode")
        );
        Assert.Equal("400 ValidationError: personalisation", (await sender.SendAsync(Message(), Stop)).Detail);
        Assert.Equal(
            "400 BadRequestError: Cannot send to z•••@example.com in trial mode",
            (await sender.SendAsync(Message(), Stop)).Detail
        );
    }

    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }

    private sealed class Recorder : IEmailSender
    {
        public List<string> To { get; } = [];

        public Task<SendOutcome> SendAsync(RenderedEmail email, CancellationToken cancellationToken)
        {
            To.Add(email.To);
            return Task.FromResult(SendOutcome.Sent);
        }
    }
}
