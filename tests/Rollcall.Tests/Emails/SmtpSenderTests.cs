using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Rollcall.Emails;
using Rollcall.Emails.Senders;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Emails;

public class SmtpSenderTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task J8_A_message_arrives_with_its_text_its_html_and_its_headers()
    {
        await using var server = await SmtpStandIn.StartAsync();
        var email = Letter(
            new AddedToOrganisation(Guid.CreateVersion7(), "Ysgol Gŵyr", "Nguyễn Thị O’Brien 😀")
            {
                FirstName = "Zoë",
                LastName = "Žižek",
            }
        );
        Assert.Equal(SendOutcome.Sent, await SendAsync(server, email));

        var got = await server.NextAsync();
        Assert.Equal(email.Text, Text(got, "text"));
        Assert.Equal(email.Html, Text(got, "html").ReplaceLineEndings("\n"));
        Assert.Equal("multipart/alternative", Text(got, "contentType"));
        Assert.Equal(0, got.GetProperty("attachments").GetInt32());
        Assert.Equal(email.Subject, Text(got, "subject"));
        Assert.Equal(email.MessageId, Text(got, "messageId"));
        Assert.Equal("auto-generated", Text(got, "autoSubmitted"));
        Assert.Equal("jane@example.com", Address(got, "to"));
        Assert.Equal("no-reply@example.com", Address(got, "from"));
        Assert.Equal("Cyhoeddi – the service", got.GetProperty("from")[0].GetProperty("name").GetString());
        Assert.Equal("support@example.com", Address(got, "replyTo"));
        Assert.Equal("no-reply@example.com", Text(got, "envelopeFrom"));
        Assert.Equal("jane@example.com", Assert.Single(got.GetProperty("envelopeTo").EnumerateArray()).GetString());
        foreach (var once in new[] { "date", "message-id", "subject", "from", "to", "reply-to", "auto-submitted" })
        {
            Assert.Single(
                got.GetProperty("headers").EnumerateArray(),
                h => string.Equals(h.GetString(), once, StringComparison.Ordinal)
            );
        }
    }

    [Fact]
    public async Task J8_A_long_subject_in_another_script_arrives_whole()
    {
        await using var server = await SmtpStandIn.StartAsync();
        var email = Letter(
            new Removed(string.Concat(Enumerable.Repeat("学校 Ysgol Gŵyr 😀 ", 12)).Trim(), EverSignedIn: true)
        );
        Assert.Equal(SendOutcome.Sent, await SendAsync(server, email));
        Assert.Equal(email.Subject, Text(await server.NextAsync(), "subject"));
    }

    [Fact]
    public async Task A_Mail_to_an_international_domain_is_sent_to_its_ascii_form()
    {
        await using var server = await SmtpStandIn.StartAsync();
        Assert.Equal(SendOutcome.Sent, await SendAsync(server, Letter() with { To = "Jo@例え.テスト" }));
        Assert.Contains(
            "\r\nTo: Jo@xn--r8jz45g.xn--zckzah\r\n",
            Text(await server.NextAsync(), "raw"),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("x\r\nBcc: thief@example.com")]
    [InlineData("x\nBcc: thief@example.com")]
    [InlineData("x\rBcc: thief@example.com")]
    [InlineData("x\u2028Bcc: thief@example.com")]
    [InlineData("x\r\n\r\n.\r\nMAIL FROM:<thief@example.com>")]
    [InlineData("x\0\r\n\tBcc: thief@example.com")]
    public async Task A_Trust14_Line_breaks_in_names_never_reach_headers_or_start_a_line(string hostile)
    {
        await using var server = await SmtpStandIn.StartAsync();
        var email = Letter(
            new AddedToOrganisation(Guid.CreateVersion7(), hostile, hostile) { FirstName = hostile, LastName = hostile }
        );
        Assert.Equal(SendOutcome.Sent, await SendAsync(server, email));

        var got = await server.NextAsync();
        Assert.DoesNotContain(got.GetProperty("headers").EnumerateArray(), h => h.GetString() is "bcc");
        Assert.Equal("jane@example.com", Assert.Single(got.GetProperty("envelopeTo").EnumerateArray()).GetString());
        Assert.DoesNotContain(
            Text(got, "text").Split('\n'),
            line =>
                line.StartsWith("Bcc", StringComparison.Ordinal) || line.StartsWith("MAIL", StringComparison.Ordinal)
        );
    }

    [Theory]
    [InlineData("jane@example.com\r\nBcc: thief@example.com")]
    [InlineData("jane@example.com, thief@example.com")]
    [InlineData("")]
    public async Task A_Trust14_An_address_that_is_more_than_one_is_refused_for_good(string to)
    {
        await using var server = await SmtpStandIn.StartAsync();
        Assert.Equal(SendResult.Permanent, (await SendAsync(server, Letter() with { To = to })).Result);
    }

    [Theory]
    [InlineData("x\r\nBcc: thief@example.com")]
    [InlineData("x\nBcc: thief@example.com")]
    public async Task A_Trust14_A_header_with_a_line_break_is_refused_by_the_sender_too(string hostile)
    {
        await using var server = await SmtpStandIn.StartAsync();
        Assert.Equal(SendResult.Permanent, (await SendAsync(server, Letter() with { Subject = hostile })).Result);
        Assert.Equal(
            SendResult.Permanent,
            (await SendAsync(server, Letter() with { MessageId = $"<{hostile}>" })).Result
        );
    }

    [Theory]
    [InlineData("rcpt451", nameof(SendResult.Transient))]
    [InlineData("rcpt421", nameof(SendResult.Transient))]
    [InlineData("rcpt550", nameof(SendResult.Permanent))]
    [InlineData("rcpt553", nameof(SendResult.Permanent))]
    [InlineData("data451", nameof(SendResult.Transient))]
    [InlineData("data452", nameof(SendResult.Transient))]
    [InlineData("data554", nameof(SendResult.Permanent))]
    public async Task R5_An_answer_decides_by_its_first_digit(string to, string expected)
    {
        await using var server = await SmtpStandIn.StartAsync();
        var outcome = await SendAsync(server, Letter() with { To = to + "@example.com" });
        Assert.Equal(expected, outcome.Result.ToString());
        Assert.Contains(to[4..], outcome.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(530, nameof(SendResult.Configuration))]
    [InlineData(553, nameof(SendResult.Configuration))]
    [InlineData(451, nameof(SendResult.Transient))]
    public async Task R5_A_server_that_does_not_let_us_send_is_a_matter_of_settings(int code, string expected)
    {
        await using var server = await SmtpStandIn.StartAsync(mailFrom: code);
        Assert.Equal(expected, (await SendAsync(server, Letter())).Result.ToString());
    }

    [Fact]
    public async Task R6_A_connection_lost_after_the_final_dot_leaves_it_unknown()
    {
        await using var server = await SmtpStandIn.StartAsync();
        var outcome = await SendAsync(server, Letter() with { To = "drop@example.com" });
        Assert.Equal(SendResult.Unknown, outcome.Result);
        Assert.Equal(Letter().MessageId, Text(await server.NextAsync(), "messageId")); // It had arrived.
    }

    [Fact]
    public async Task R6_A_server_that_never_answers_is_left_when_time_is_up()
    {
        await using var server = await SmtpStandIn.StartAsync();
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var sending = Sender(server.Port).SendAsync(Letter() with { To = "hang@example.com" }, timeout.Token);
        await server.NextAsync();
        await timeout.CancelAsync();
        Assert.Equal(SendResult.Unknown, (await sending).Result);
    }

    [Fact]
    public async Task R6_After_the_final_dot_the_server_has_ten_minutes_and_before_it_one()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var clock = new HandClock();
        var sending = Sender(((IPEndPoint)listener.LocalEndpoint).Port, clock: clock).SendAsync(Letter(), Stop);
        using (var connection = await listener.AcceptTcpClientAsync(Stop))
        {
            await using var stream = connection.GetStream();
            using var reader = new StreamReader(stream);
            foreach (var answer in (string[])["220 ready", "250 hello", "250 sender", "250 recipient", "354 go on"])
            {
                await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(answer + "\r\n"), Stop);
                Assert.NotNull(await reader.ReadLineAsync(Stop));
            }

            while (await reader.ReadLineAsync(Stop) is not ".") { }

            await clock.WaitedForAsync(TimeSpan.FromMinutes(10));
            clock.Advance(TimeSpan.FromMinutes(9));
            Assert.False(sending.IsCompleted);
            clock.Advance(TimeSpan.FromMinutes(2));
            var outcome = await sending;
            Assert.Equal(
                (SendResult.Unknown, "The mail server did not answer in time after the message"),
                (outcome.Result, outcome.Detail)
            );
        }

        sending = Sender(((IPEndPoint)listener.LocalEndpoint).Port, clock: clock).SendAsync(Letter(), Stop);
        using (await listener.AcceptTcpClientAsync(Stop))
        {
            // It never says hello. The clock is moved more than once, because the client may still be connecting.
            await clock.WaitedForAsync(TimeSpan.FromMinutes(1));
            await Wait.UntilAsync(
                () =>
                {
                    clock.Advance(TimeSpan.FromMinutes(2));
                    return Task.FromResult(sending.IsCompleted);
                },
                "It goes on waiting for the greeting"
            );
            Assert.Equal(SendResult.Transient, (await sending).Result);
        }
    }

    [Fact]
    public async Task R6_A_connection_lost_before_the_final_dot_is_tried_again()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var sending = Sender(((IPEndPoint)listener.LocalEndpoint).Port).SendAsync(Letter(), Stop);
        (await listener.AcceptTcpClientAsync(Stop)).Dispose();
        Assert.Equal(SendResult.Transient, (await sending).Result);
    }

    [Fact]
    public async Task R5_The_servers_reason_is_kept_in_its_words()
    {
        await using var server = await SmtpStandIn.StartAsync();
        Assert.Equal(
            "550 refused by the test",
            (await SendAsync(server, Letter() with { To = "rcpt550@example.com" })).Detail
        );
    }

    [Fact]
    public async Task J8_A_line_that_begins_with_a_dot_arrives_with_it()
    {
        await using var server = await SmtpStandIn.StartAsync();
        var email = Letter() with { Text = $".hidden\n..\n.\n{new string('x', 75)}. = \t\nend \n" };
        Assert.Equal(SendOutcome.Sent, await SendAsync(server, email));
        Assert.Equal(email.Text.TrimEnd(), Text(await server.NextAsync(), "text").TrimEnd());
    }

    [Fact]
    public async Task R5_A_refused_connection_is_tried_again()
    {
        using var closed = new TcpListener(IPAddress.Loopback, 0);
        closed.Start();
        var port = ((IPEndPoint)closed.LocalEndpoint).Port;
        closed.Stop();
        Assert.Equal(SendResult.Transient, (await Sender(port).SendAsync(Letter(), Stop)).Result);
    }

    [Fact]
    public async Task R5_An_unknown_host_is_tried_again()
    {
        var options = Settings(25);
        options.Email.Smtp.Host = "mail.invalid";
        Assert.Equal(
            SendResult.Transient,
            (await new SmtpSender(Options.Create(options), TimeProvider.System).SendAsync(Letter(), Stop)).Result
        );
    }

    [Fact]
    public async Task C3_STARTTLS_and_authentication_with_a_trusted_certificate()
    {
        await using var server = await SmtpStandIn.StartAsync(startTls: true, password: "correct horse");
        Assert.Equal(
            SendOutcome.Sent,
            await Sender(server.Port, startTls: true, password: "correct horse").SendAsync(Letter(), Stop)
        );
        var got = await server.NextAsync();
        Assert.True(got.GetProperty("secure").GetBoolean());
        Assert.Equal("rollcall", Text(got, "user"));
    }

    [Fact]
    public async Task R5_A_wrong_password_is_a_matter_of_settings()
    {
        await using var server = await SmtpStandIn.StartAsync(startTls: true, password: "correct horse");
        Assert.Equal(
            SendResult.Configuration,
            (await Sender(server.Port, startTls: true, password: "battery").SendAsync(Letter(), Stop)).Result
        );
        Assert.Equal(
            SendResult.Configuration,
            (await Sender(server.Port, startTls: true).SendAsync(Letter(), Stop)).Result
        );
    }

    [Fact]
    public async Task R5_A_server_without_STARTTLS_is_not_used_when_it_is_required()
    {
        await using var server = await SmtpStandIn.StartAsync(startTls: false);
        Assert.Equal(
            SendResult.Configuration,
            (await Sender(server.Port, startTls: true).SendAsync(Letter(), Stop)).Result
        );
    }

    [Fact]
    public async Task R5_A_certificate_from_an_unknown_authority_is_refused()
    {
        await using var server = await SmtpStandIn.StartAsync(startTls: true, trusted: false);
        Assert.Equal(
            SendResult.Configuration,
            (await Sender(server.Port, startTls: true).SendAsync(Letter(), Stop)).Result
        );
    }

    private static Task<SendOutcome> SendAsync(SmtpStandIn server, RenderedEmail email) =>
        Sender(server.Port).SendAsync(email, Stop);

    private static SmtpSender Sender(
        int port,
        bool startTls = false,
        string password = "",
        TimeProvider? clock = null
    ) =>
        new(Options.Create(Settings(port, startTls, password)), clock ?? TimeProvider.System)
        {
            Trusts = SmtpStandIn.Trusts,
        };

    private static RollcallOptions Settings(int port, bool startTls = false, string password = "") =>
        new()
        {
            ServiceName = "Cyhoeddi – the service",
            Email =
            {
                Smtp =
                {
                    Host = "localhost",
                    Port = port,
                    StartTls = startTls,
                    UserName = password.Length > 0 ? "rollcall" : "",
                    Password = password,
                },
            },
        };

    private static RenderedEmail Letter(Email? email = null)
    {
        var options = Options.Create(Settings(25));
        var now = new DateTimeOffset(2026, 11, 14, 17, 30, 0, TimeSpan.Zero);
        return PostOffice
            .Letterhead(options)
            .Render(email ?? new AddressChanged(), "jane@example.com", "<0198@example.com>", now);
    }

    private static string Text(JsonElement message, string property) => message.GetProperty(property).GetString()!;

    private static string? Address(JsonElement message, string property) =>
        message.GetProperty(property)[0].GetProperty("address").GetString();
}

/// <summary>A clock that is moved by hand; what waits for a moment is woken when it is reached.</summary>
internal sealed class HandClock : TimeProvider
{
    private readonly List<HandTimer> timers = [];
    private DateTimeOffset now = PostOffice.Now;

    public override DateTimeOffset GetUtcNow() => now;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        lock (timers)
        {
            var timer = new HandTimer(this, () => callback(state));
            timers.Add(timer);
            timer.Change(dueTime, period);
            return timer;
        }
    }

    /// <summary>Until something waits for the moment that is so far away.</summary>
    public Task WaitedForAsync(TimeSpan away) =>
        Wait.UntilAsync(
            () => Task.FromResult(Due(now + away).Exists(t => t.At == now + away)),
            "Nothing waits for that moment"
        );

    public void Advance(TimeSpan length)
    {
        now += length;
        foreach (var timer in Due(now))
        {
            timer.Ring();
        }
    }

    private List<HandTimer> Due(DateTimeOffset at)
    {
        lock (timers)
        {
            return [.. timers.Where(t => t.At <= at)];
        }
    }

    private sealed class HandTimer(HandClock clock, Action ring) : ITimer
    {
        public DateTimeOffset? At { get; private set; }

        public void Ring()
        {
            At = null;
            ring();
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            At = dueTime == Timeout.InfiniteTimeSpan ? null : clock.now + dueTime;
            return true;
        }

        public void Dispose() => At = null;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
