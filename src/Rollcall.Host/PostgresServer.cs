using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Rollcall.Host;

/// <summary>Starts and stops the server process of a cluster.</summary>
internal sealed class PostgresServer(
    PostgresCluster cluster,
    PostgresPrograms programs,
    EmbeddedPostgresOptions options
)
{
    /// <summary>Starting again may help after a failure with these words in the log.</summary>
    private static readonly string[] RetryAfter =
    [
        "shared memory block",
        "could not bind",
        "postmaster.pid\" is empty",
    ];

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <returns>Why the server did not start, if trying again may help. Other failures are thrown.</returns>
    public async Task<string> StartAsync(int port, CancellationToken ct)
    {
        if (new FileInfo(cluster.Log) is { Exists: true, Length: > 10_000_000 } longLog)
        {
            longLog.MoveTo(cluster.Log + ".old", overwrite: true);
        }

        var before = File.Exists(cluster.Log) ? new FileInfo(cluster.Log).Length : 0;
        string[] settings =
        [
            $"port={port}",
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "max_connections=100",
            "shared_buffers=128MB",
            "random_page_cost=1.1",
            "jit=off",
            "timezone=UTC",
            "log_timezone=UTC",
            .. options.Fsync ? Array.Empty<string>() : ["fsync=off", "full_page_writes=off"],
        ];
        var (exitCode, output) = await programs.RunAsync(
            "pg_ctl",
            [
                "start",
                "-s",
                "-w",
                "-t",
                Seconds(options.TimeLimit),
                "-D",
                cluster.Folder,
                "-l",
                cluster.Log,
                "-o",
                "-c " + string.Join(" -c ", settings),
            ],
            ct
        );
        if (exitCode == 0)
        {
            return "";
        }

        var why = cluster.LogFrom(before);
        // Processes of a killed server may still be ending, a server may be starting or may have been cut off while it
        // started, or another program may have taken the port.
        return RetryAfter.Any(words => why.Contains(words, StringComparison.Ordinal))
            ? why
            : throw new StartException($"The database in {cluster.Folder} did not start. {output}\n{why}");
    }

    /// <returns>Why the server did not stop; null if it did.</returns>
    public async Task<string?> StopAsync()
    {
        var (exitCode, output) = await programs.RunAsync(
            "pg_ctl",
            ["stop", "-s", "-w", "-m", "fast", "-t", Seconds(options.TimeLimit), "-D", cluster.Folder],
            CancellationToken.None
        );
        return exitCode == 0 ? null : output.Trim();
    }

    private static string Seconds(TimeSpan time) =>
        ((int)Math.Ceiling(time.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
}
