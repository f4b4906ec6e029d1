using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Rollcall.Emails.Senders;

/// <summary>
/// Sends one message on its own connection (RFC 5321, 3207, 4954). Unlike the framework's client, it knows whether the
/// final dot had been sent when something failed, and so whether a retry could deliver the message twice.
/// </summary>
internal sealed class SmtpConversation(SmtpOptions server, TimeProvider clock) : IDisposable
{
    public const string Message = "the message",
        Authentication = "AUTH",
        Greeting = "the connection";

    /// <summary>The limit for each step before the final dot. Until then, trying again costs nothing.</summary>
    public static readonly TimeSpan StepLimit = TimeSpan.FromMinutes(1);

    /// <summary>
    /// RFC 5321, 4.5.3.2.6: a server may deliver before it answers, so a client that hangs up too early sends twice.
    /// </summary>
    public static readonly TimeSpan FinalLimit = TimeSpan.FromMinutes(10);

    private const int LongestLine = 2000,
        MostLines = 100;

    private readonly TcpClient tcp = new();
    private readonly byte[] buffer = new byte[4096];
    private Stream stream = Stream.Null;
    private int start,
        end;

    /// <summary>For a test's own certificate; null for the machine's trust store.</summary>
    public RemoteCertificateValidationCallback? Trusts { get; init; }

    /// <summary>The last command sent.</summary>
    public string Step { get; private set; } = Greeting;

    /// <summary>The whole message may have been sent; only the server's answer says whether it was accepted.</summary>
    public bool MayHaveArrived { get; private set; }

    public void Dispose()
    {
        stream.Dispose();
        tcp.Dispose();
    }

    /// <exception cref="SmtpRefusal">The server refused a command.</exception>
    /// <exception cref="TimeoutException">The server did not answer in time.</exception>
    public async Task SendAsync(string from, string to, byte[] message, CancellationToken cancellationToken)
    {
        await WithinAsync(
            StepLimit,
            stop => tcp.ConnectAsync(server.Host, server.Port, stop).AsTask(),
            cancellationToken
        );
        stream = tcp.GetStream();
        await AnswerAsync(2, StepLimit, cancellationToken);
        var offers = await HelloAsync(cancellationToken);
        if (server.StartTls)
        {
            await CommandAsync("STARTTLS", 2, cancellationToken);
            start = end; // discard anything received before the handshake
            var secure = new SslStream(stream);
            stream = secure;
            await WithinAsync(
                StepLimit,
                stop =>
                    secure.AuthenticateAsClientAsync(
                        new() { TargetHost = server.Host, RemoteCertificateValidationCallback = Trusts },
                        stop
                    ),
                cancellationToken
            );
            offers = await HelloAsync(cancellationToken);
        }

        if (server.UserName.Length > 0)
        {
            await AuthenticateAsync(offers, cancellationToken);
        }

        await CommandAsync($"MAIL FROM:<{from}>", 2, cancellationToken);
        await CommandAsync($"RCPT TO:<{to}>", 2, cancellationToken);
        await CommandAsync("DATA", 3, cancellationToken);
        Step = Message;
        var stuffed = Encoding.ASCII.GetString(message).Replace("\r\n.", "\r\n..", StringComparison.Ordinal);
        await WriteAsync(
            stuffed.EndsWith("\r\n", StringComparison.Ordinal) ? stuffed : stuffed + "\r\n",
            cancellationToken
        );
        MayHaveArrived = true;
        await WriteAsync(".\r\n", cancellationToken);
        await AnswerAsync(2, FinalLimit, cancellationToken);
    }

    private async Task<List<string>> HelloAsync(CancellationToken cancellationToken)
    {
        var address = ((IPEndPoint)tcp.Client.LocalEndPoint!).Address;
        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        var kind = address.AddressFamily == AddressFamily.InterNetworkV6 ? "IPv6:" : "";
        return await CommandAsync($"EHLO [{kind}{address}]", 2, cancellationToken);
    }

    private async Task AuthenticateAsync(List<string> offers, CancellationToken cancellationToken)
    {
        Step = Authentication;
        var offer = offers.Find(o => o.StartsWith("AUTH ", StringComparison.OrdinalIgnoreCase));
        var ways = offer?.ToUpperInvariant().Split(' ') ?? [];
        if (ways.Contains("PLAIN", StringComparer.Ordinal))
        {
            await CommandAsync(
                $"AUTH PLAIN {Encoded($"\0{server.UserName}\0{server.Password}")}",
                2,
                cancellationToken
            );
        }
        else if (ways.Contains("LOGIN", StringComparer.Ordinal))
        {
            await CommandAsync("AUTH LOGIN", 3, cancellationToken);
            await CommandAsync(Encoded(server.UserName), 3, cancellationToken);
            await CommandAsync(Encoded(server.Password), 2, cancellationToken);
        }
        else
        {
            throw new SmtpRefusal(Authentication, 504, "The server offers neither AUTH PLAIN nor AUTH LOGIN");
        }

        static string Encoded(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
    }

    private async Task<List<string>> CommandAsync(string command, int expected, CancellationToken cancellationToken)
    {
        // Never keep a secret as the step's name.
        if (Step != Authentication || command.StartsWith("MAIL", StringComparison.Ordinal))
        {
            Step = command.Split(' ')[0];
        }

        await WriteAsync(command + "\r\n", cancellationToken);
        return await AnswerAsync(expected, StepLimit, cancellationToken);
    }

    private Task<int> WriteAsync(string text, CancellationToken cancellationToken) =>
        WithinAsync(
            StepLimit,
            stop => stream.WriteAsync(Encoding.ASCII.GetBytes(text), stop).AsTask(),
            cancellationToken
        );

    /// <summary>Returns the lines of an answer whose code begins with the expected digit.</summary>
    private async Task<List<string>> AnswerAsync(int expected, TimeSpan limit, CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        await WithinAsync(
            limit,
            async stop =>
            {
                string line;
                do
                {
                    line = await LineAsync(stop);
                    lines.Add(line.Length > 4 ? line[4..] : "");
                    var digits = line.AsSpan(0, Math.Min(3, line.Length));
                    if (
                        lines.Count > MostLines
                        || !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var code)
                    )
                    {
                        throw new IOException("This is not an SMTP server's answer");
                    }

                    if (line.Length < 4 || line[3] != '-')
                    {
                        return code / 100 == expected ? 0 : throw new SmtpRefusal(Step, code, string.Join(' ', lines));
                    }
                } while (true);
            },
            cancellationToken
        );
        return lines;
    }

    private async Task<string> LineAsync(CancellationToken cancellationToken)
    {
        var line = new StringBuilder();
        while (line.Length < LongestLine)
        {
            if (start == end)
            {
                start = 0;
                end = await stream.ReadAsync(buffer, cancellationToken);
                if (end == 0)
                {
                    throw new IOException("The server hung up");
                }
            }

            var c = (char)buffer[start++];
            if (c == '\n')
            {
                return line.ToString().TrimEnd('\r');
            }

            line.Append(c);
        }

        throw new IOException("This is not an SMTP server's answer");
    }

    private Task<int> WithinAsync(
        TimeSpan limit,
        Func<CancellationToken, Task> work,
        CancellationToken cancellationToken
    ) =>
        WithinAsync(
            limit,
            async stop =>
            {
                await work(stop);
                return 0;
            },
            cancellationToken
        );

    private async Task<int> WithinAsync(
        TimeSpan limit,
        Func<CancellationToken, Task<int>> work,
        CancellationToken cancellationToken
    )
    {
        using var time = new CancellationTokenSource(limit, clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(time.Token, cancellationToken);
        try
        {
            return await work(stop.Token);
        }
        catch (OperationCanceledException canceled) when (time.IsCancellationRequested)
        {
            throw new TimeoutException($"The mail server did not answer in time after {Step}", canceled);
        }
    }
}
