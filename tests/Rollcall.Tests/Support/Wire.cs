using System.Net;
using System.Net.Sockets;
using System.Text;
using Npgsql;

namespace Rollcall.Tests.Support;

/// <summary>
/// A connection between the application and its database that can be cut, or go silent without being cut.
/// </summary>
internal sealed class Wire : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource end = new();
    private readonly (string Host, int Port) server;
    private readonly Task accepting;
    private volatile TaskCompletionSource silence = new();

    private Wire(NpgsqlConnectionStringBuilder to)
    {
        server = (to.Host!, to.Port);
        silence.SetResult();
        listener.Start();
        accepting = AcceptAsync();
    }

    /// <summary>Statements that contain this text never reach the database; after one, nothing does.</summary>
    public string? CutBefore { get; set; }

    /// <summary>
    /// After the first text on a connection, statements with the second reach the database, but its answer never comes
    /// back.
    /// </summary>
    public (string First, string Then)? CutAfter { get; set; }

    public bool IsCut { get; set; }

    /// <summary>The same database, through the wire.</summary>
    public static (Wire Wire, NpgsqlConnectionStringBuilder ConnectionString) To(string connectionString)
    {
        var to = new NpgsqlConnectionStringBuilder(connectionString);
        var wire = new Wire(to);
        to.Host = "127.0.0.1";
        to.Port = ((IPEndPoint)wire.listener.LocalEndpoint).Port;
        to.SslMode = SslMode.Disable;
        return (wire, to);
    }

    /// <summary>Nothing passes in either direction, and neither side is notified.</summary>
    public void Silence() => silence = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Speak() => silence.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        Speak();
        await end.CancelAsync();
        listener.Stop();
        await accepting;
        end.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(ConnectAsync(await listener.AcceptSocketAsync(end.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ConnectAsync(Socket application)
    {
        using var database = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(end.Token);
        using (application)
        {
            try
            {
                if (IsCut)
                {
                    return;
                }

                await database.ConnectAsync(server.Host, server.Port, over.Token);
                var begun = false;
                var lost = false;
                Task[] both =
                [
                    PumpAsync(
                        application,
                        database,
                        text =>
                        {
                            begun |=
                                CutAfter is { } cut && text.Contains(cut.First, StringComparison.OrdinalIgnoreCase);
                            lost |=
                                begun
                                && CutAfter is { } after
                                && text.Contains(after.Then, StringComparison.OrdinalIgnoreCase);
                            return IsCut |=
                                CutBefore is { } before && text.Contains(before, StringComparison.OrdinalIgnoreCase);
                        },
                        over.Token
                    ),
                    PumpAsync(database, application, _ => IsCut |= lost, over.Token),
                ];
                await Task.WhenAny(both);
                await over.CancelAsync();
                await Task.WhenAll(both);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                // one side has gone
            }
        }
    }

    /// <summary>Until there is nothing more, or <paramref name="cut"/> says so.</summary>
    private async Task PumpAsync(Socket from, Socket to, Func<string, bool> cut, CancellationToken cancellation)
    {
        var buffer = new byte[1 << 16];
        while (await from.ReceiveAsync(buffer, cancellation) is > 0 and var length)
        {
            await silence.Task.WaitAsync(cancellation);
            if (cut(Encoding.Latin1.GetString(buffer, 0, length)))
            {
                return;
            }

            await to.SendAsync(buffer.AsMemory(0, length), cancellation);
        }
    }
}
