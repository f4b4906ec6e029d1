using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Rollcall.Host;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Host;

public sealed class EmbeddedPostgresTests : IDisposable
{
    private const string ChildFolder = "ROLLCALL_TEST_CHILD_FOLDER";
    private const UnixFileMode OpenToAll = (UnixFileMode)0b111_101_101;
    private static readonly bool Root = Environment.IsPrivilegedProcess && !OperatingSystem.IsWindows();
    private readonly string folder = Path.Combine(Path.GetTempPath(), $"rollcall-{Path.GetRandomFileName()}");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Data => Path.Combine(folder, "data");
    private string Cluster => Path.Combine(Data, "pg");

    public EmbeddedPostgresTests()
    {
        if (Environment.GetEnvironmentVariable(ChildFolder) is not null)
        {
            return;
        }

        Directory.CreateDirectory(folder);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(folder, OpenToAll);
        }
    }

    public void Dispose()
    {
        if (Directory.Exists(Path.Combine(Data, "elsewhere")))
        {
            Directory.Delete(new DirectoryInfo(Path.Combine(Data, "elsewhere")).LinkTarget!, recursive: true);
        }

        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Starts_keeps_its_data_and_stops()
    {
        await using (var server = await StartAsync())
        {
            Assert.True(server.OwnsServer);
            await RunAsync(
                server,
                "create table kept (name text); insert into kept values ('Zoë'), ('Ångström'), ('Zadie'), ('apple')"
            );
        }
        Assert.False(File.Exists(Path.Combine(Cluster, "postmaster.pid")));

        await using var again = await StartAsync();
        Assert.Equal(
            "Ångström,apple,Zadie,Zoë",
            await RunAsync(again, "select string_agg(name, ',' order by name) from kept")
        );
        Assert.Equal("UTF8", await RunAsync(again, "show server_encoding"));
        await RunAsync(again, "create extension citext; create extension pg_trgm");
        Assert.Equal(
            true,
            await RunAsync(again, "select 'zoë@example.com'::citext = 'ZOË@example.com' and similarity('é', 'é') = 1")
        );
    }

    [Fact]
    public async Task Root_runs_it_as_a_user_who_owns_only_the_data()
    {
        Assert.SkipUnless(Root, "needs root");
        await using var server = await StartAsync();

        Assert.Equal("0", Shell($"stat -c %u '{Data}'"));
        Assert.NotEqual("0", Shell($"stat -c %u '{Cluster}'"), StringComparer.Ordinal);
        Assert.Equal(Shell($"stat -c %u '{Cluster}'"), Shell($"stat -c %u /proc/{ServerProcess()}"));
    }

    [Fact]
    public async Task Root_puts_the_data_elsewhere_when_the_folder_is_closed_to_others()
    {
        Assert.SkipUnless(Root, "needs root");
        Shell($"chmod 700 '{folder}'");
        await using (var server = await StartAsync())
        {
            await RunAsync(server, "create table kept ()");
        }

        Assert.False(Directory.Exists(Cluster));

        await using var again = await StartAsync();
        Assert.Equal(0L, await RunAsync(again, "select count(*) from kept"));
    }

    [Fact]
    public async Task Root_copies_programs_that_are_closed_to_others()
    {
        Assert.SkipUnless(Root, "needs root");
        var closed = Path.Combine(folder, "closed");
        Directory.CreateDirectory(closed);
        Shell($"chmod 700 '{closed}' && cp -r '{Package()}' '{closed}/native' && find '{closed}' -type l -delete");
        var before = Directory.GetDirectories("/var/lib", "rollcall").SelectMany(Directory.GetDirectories).ToList();

        await using (var server = await StartAsync(new() { Programs = Path.Combine(closed, "native"), Fsync = false }))
        {
            Assert.Equal(1, await RunAsync(server, "select 1"));
        }

        var copy = Assert.Single(
            Directory.GetDirectories("/var/lib/rollcall", "postgres-*").Except(before, StringComparer.Ordinal)
        );
        Directory.Delete(copy, recursive: true);
    }

    [Fact]
    public async Task Two_servers_at_once_do_not_collide_and_make_the_links_that_npm_packages_cannot_hold()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs links");
        var copy = Path.Combine(folder, "programs", "native");
        Shell($"mkdir '{folder}/programs' && cp -r '{Package()}' '{copy}' && find '{copy}' -type l -delete");

        // Two at once: neither may trip over the other's links.
        var other = Path.Combine(folder, "other");
        var options = new EmbeddedPostgresOptions { Programs = copy, Fsync = false };
        var both = await Task.WhenAll(
            StartAsync(options),
            EmbeddedPostgres.StartAsync(other, NullLogger.Instance, options, Token)
        );

        Assert.NotEqual(both[0].ConnectionString, both[1].ConnectionString, StringComparer.Ordinal);
        foreach (var server in both)
        {
            await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_normal_user_runs_it_as_themselves()
    {
        Assert.SkipUnless(Root, "needs root, to be another user");
        var assembly = typeof(EmbeddedPostgresTests).Assembly.Location;
        Assert.SkipUnless(
            Shell($"setpriv --reuid nobody --regid nogroup --clear-groups test -r '{assembly}' && echo yes") is "yes",
            "the checkout is closed to other users"
        );
        Directory.CreateDirectory(Data);
        Shell($"chown nobody '{Data}'");
        using var child = await StartChildAsync("setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups");

        Assert.Equal(Shell("id -u nobody"), Shell($"stat -c %u /proc/{ServerProcess()}"));

        // Root finds it running, and after it has ended, starts it as the user whose data it is.
        await EndAsync(child);
        await using var server = await StartAsync();
        Assert.True(server.OwnsServer);
        Assert.Equal(Shell("id -u nobody"), Shell($"stat -c %u /proc/{ServerProcess()}"));
    }

    [Fact]
    public async Task Another_process_uses_the_running_server_and_leaves_it_running()
    {
        await using var server = await StartAsync();
        using (var child = await StartChildAsync())
        {
            Assert.Equal(server.ConnectionString, ChildConnection());
            await EndAsync(child);
        }
        Assert.Equal(1, await RunAsync(server, "select 1"));
    }

    [Fact]
    public async Task A_server_whose_process_was_killed_is_taken_over()
    {
        using (var child = await StartChildAsync())
        {
            child.Kill();
            await child.WaitForExitAsync(Token);
        }
        var process = ServerProcess();
        await using (var server = await StartAsync())
        {
            Assert.Equal(process, ServerProcess());
            Assert.True(server.OwnsServer);
            Assert.Equal(Environment.ProcessId.ToString(CultureInfo.InvariantCulture), Shell($"cat '{Data}/owner'"));
        }
        Assert.False(File.Exists(Path.Combine(Cluster, "postmaster.pid")));
    }

    [Fact]
    public async Task Starts_again_after_everything_was_killed()
    {
        var server = await StartAsync();
        await RunAsync(server, "create table kept ()");
        await KillAsync();
        await server.DisposeAsync();

        await using var again = await StartAsync();
        Assert.Equal(0L, await RunAsync(again, "select count(*) from kept"));
    }

    [Fact]
    public async Task A_number_that_has_gone_to_another_program_does_not_stop_it()
    {
        await using (await StartAsync()) { }
        // The file of a server that was killed, with the number of a program of the same user.
        using var other = Process.Start(
            new ProcessStartInfo(
                Root ? "setpriv" : "sleep",
                Root ? ["--reuid", Shell($"stat -c %u '{Cluster}'"), "--clear-groups", "sleep", "600"] : ["600"]
            )
        )!;
        Shell(
            $"printf '{other.Id}\\n{Cluster}\\n1700000000\\n5432\\n\\n127.0.0.1\\n' > "
                + $"'{Cluster}/postmaster.pid' && chmod a+r '{Cluster}/postmaster.pid'"
        );

        await using var server = await StartAsync();
        Assert.Equal(1, await RunAsync(server, "select 1"));
        other.Kill();
    }

    [Fact]
    public async Task A_crash_before_the_number_was_written_does_not_stop_it()
    {
        await using (await StartAsync()) { }
        var file = Path.Combine(Cluster, "postmaster.pid");
        await File.WriteAllTextAsync(file, "", Token);
        File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddMinutes(-1));

        await using var server = await StartAsync();
        Assert.Equal(1, await RunAsync(server, "select 1"));
    }

    [Fact]
    public async Task Waits_for_the_last_processes_of_a_killed_server()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs signals");
        var server = await StartAsync();
        await using var connection = new NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync(Token);
        Shell($"kill -STOP {connection.ProcessID}");
        var log = Path.Combine(Cluster, "server.log");
        Shell($"kill -9 {ServerProcess()}");

        var starting = StartAsync();
        await UntilAsync(() =>
            Shell($"cat '{log}'").Contains("shared memory block", StringComparison.Ordinal) || starting.IsCompleted
        );
        Assert.False(starting.IsCompleted);
        Shell($"kill -9 {connection.ProcessID}");

        await using var again = await starting;
        Assert.Equal(1, await RunAsync(again, "select 1"));
        await server.DisposeAsync();
    }

    [Fact]
    public async Task A_server_that_is_killed_is_started_again_where_it_was()
    {
        await using var server = await StartAsync();
        await RunAsync(server, "create table kept (name text)");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var keeping = server.KeepRunningAsync(stop.Token);
        var before = server.ConnectionString;
        var process = ServerProcess();
        await KillAsync();
        await UntilAsync(() =>
            File.Exists(Path.Combine(Cluster, "postmaster.pid")) && ServerProcess() != process && Answers(before)
        );
        Assert.Equal(before, server.ConnectionString);
        Assert.Equal(0L, await RunAsync(server, "select count(*) from kept"));
        await stop.CancelAsync();
        await keeping;
    }

    [Fact]
    public async Task When_its_owner_is_gone_another_process_that_uses_the_server_starts_it_again()
    {
        using var child = await StartChildAsync();
        await using var server = await StartAsync();
        Assert.False(server.OwnsServer);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var keeping = server.KeepRunningAsync(stop.Token);
        var process = ServerProcess();
        child.Kill();
        await child.WaitForExitAsync(Token);
        await KillAsync();
        await UntilAsync(() =>
            File.Exists(Path.Combine(Cluster, "postmaster.pid"))
            && ServerProcess() != process
            && Answers(server.ConnectionString)
        );
        Assert.True(server.OwnsServer);
        await stop.CancelAsync();
        await keeping;
    }

    [Fact]
    public async Task Data_of_an_older_version_gets_the_role_that_the_service_works_with()
    {
        await using (var server = await StartAsync())
        {
            await RunAsync(server, "drop role rollcall_service");
        }

        await using var again = await StartAsync();
        Assert.True(Answers(again.ConnectionString));
        Assert.Equal("rollcall_service", new NpgsqlConnectionStringBuilder(again.ConnectionString).Username);
        Assert.Equal(
            false,
            await RunAsync(
                again,
                "select rolsuper or rolcreatedb or rolcreaterole from pg_roles where rolname = 'rollcall_service'"
            )
        );
    }

    [Fact]
    public async Task A_second_start_on_the_same_folder_says_so()
    {
        await using var server = await StartAsync();
        var port = new NpgsqlConnectionStringBuilder(server.ConnectionString).Port.ToString(
            CultureInfo.InvariantCulture
        ); // one that is in use
        var refused = await HostProcess.RunAsync(
            new Dictionary<string, string?>
            {
                ["ROLLCALL_DATA"] = Data,
                ["PORT"] = port,
                ["ASPNETCORE_URLS"] = null,
            }
        );
        Assert.Equal(
            (
                1,
                $"Port {port} is in use, and Rollcall already runs with the data in {Data}. Stop it, or "
                    + "start a second instance on the same database: PORT=5081 ./run"
            ),
            (refused.Code, refused.Errors.Trim())
        );

        using var second = HostProcess.Start(
            new Dictionary<string, string?> { ["ROLLCALL_DATA"] = Data, ["ASPNETCORE_ENVIRONMENT"] = "Development" },
            []
        );
        await UntilAsync(() =>
            second.Output.Contains($"Another Rollcall runs with the data in {Data}.", StringComparison.Ordinal)
            || second.HasExited
        );
        Assert.False(second.HasExited);
    }

    [Fact]
    public async Task Half_made_data_is_made_again()
    {
        using (var child = StartChild())
        {
            // initdb writes this file first, long before it is done.
            await UntilAsync(() =>
                Directory.Exists(Data)
                && Directory.EnumerateFiles(Data, "PG_VERSION", SearchOption.AllDirectories).Any()
            );
            child.Kill(entireProcessTree: true);
            await child.WaitForExitAsync(Token);
        }
        Assert.False(Directory.Exists(Cluster));

        await using var server = await StartAsync();
        Assert.Equal(1, await RunAsync(server, "select 1"));
        Assert.Empty(Directory.GetDirectories(Data, "pg.new*"));
    }

    [Fact]
    public async Task Data_of_another_major_version_is_left_alone_with_a_clear_message()
    {
        await using (await StartAsync()) { }
        await File.WriteAllTextAsync(Path.Combine(Cluster, "PG_VERSION"), "17\n", Token);

        var error = await Assert.ThrowsAsync<StartException>(() => StartAsync());
        Assert.Contains("made by PostgreSQL 17, and this is PostgreSQL 18", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Listens_on_loopback_only_and_wants_its_password()
    {
        await using var server = await StartAsync();
        var settings = new NpgsqlConnectionStringBuilder(server.ConnectionString);

        var listeners = IPGlobalProperties
            .GetIPGlobalProperties()
            .GetActiveTcpListeners()
            .Where(at => at.Port == settings.Port);
        Assert.All(listeners, at => Assert.True(IPAddress.IsLoopback(at.Address)));
        Assert.Empty(Directory.GetFiles(Cluster, ".s.PGSQL*"));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite,
                File.GetUnixFileMode(Path.Combine(Data, "password"))
            );
        }

        settings.Password = "guess";
        await using var intruder = new NpgsqlConnection(settings.ConnectionString);
        var refusal = await Assert.ThrowsAsync<PostgresException>(() => intruder.OpenAsync(Token));
        Assert.Equal(PostgresErrorCodes.InvalidPassword, refusal.SqlState);
    }

    [Fact]
    public async Task Two_starts_at_once_make_one_server()
    {
        var both = await Task.WhenAll(StartAsync(), StartAsync());
        Assert.Equal(both[0].ConnectionString, both[1].ConnectionString);
        Assert.Single(both, server => server.OwnsServer);
        foreach (var server in both)
        {
            await server.DisposeAsync();
        }
    }

    /// <summary>Not a test: what <see cref="StartChildAsync"/> runs in another process, until its input ends.</summary>
    [Fact(Explicit = true)]
    public async Task Child()
    {
        var data = Environment.GetEnvironmentVariable(ChildFolder)!;
        await using var server = await EmbeddedPostgres.StartAsync(
            data,
            NullLogger.Instance,
            new() { Fsync = false },
            Token
        );
        var file = Path.Combine(data, "child");
        await File.WriteAllTextAsync(file + ".new", server.ConnectionString, Token);
        File.Move(file + ".new", file, overwrite: true);
        await Console.In.ReadToEndAsync(Token);
    }

    private Task<EmbeddedPostgres> StartAsync(EmbeddedPostgresOptions? options = null) =>
        EmbeddedPostgres.StartAsync(Data, NullLogger.Instance, options ?? new() { Fsync = false }, Token);

    private Process StartChild(params string[] runAs)
    {
        string[] line =
        [
            .. runAs,
            "dotnet",
            typeof(EmbeddedPostgresTests).Assembly.Location,
            "-explicit",
            "only",
            "-method",
            $"{typeof(EmbeddedPostgresTests).FullName}.{nameof(Child)}",
        ];
        var start = new ProcessStartInfo(line[0], line[1..])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment[ChildFolder] = Data;
        start.Environment["DOTNET_CLI_HOME"] = Path.GetTempPath();
        return Process.Start(start)!;
    }

    private async Task<Process> StartChildAsync(params string[] runAs)
    {
        var child = StartChild(runAs);
        await UntilAsync(() => File.Exists(Path.Combine(Data, "child")) || child.HasExited);
        if (child.HasExited)
        {
            Assert.Fail(await child.StandardOutput.ReadToEndAsync(Token));
        }

        return child;
    }

    private string ChildConnection() => File.ReadAllText(Path.Combine(Data, "child"));

    private static async Task EndAsync(Process child)
    {
        child.StandardInput.Close();
        await child.WaitForExitAsync(Token);
    }

    private string ServerProcess() => File.ReadLines(Path.Combine(Cluster, "postmaster.pid")).First();

    private async Task KillAsync()
    {
        var process = Process.GetProcessById(int.Parse(ServerProcess(), CultureInfo.InvariantCulture));
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync(Token);
    }

    private static async Task<object?> RunAsync(EmbeddedPostgres server, string sql)
    {
        await using var connection = new NpgsqlConnection(server.OwnerConnectionString + ";Pooling=false");
        await connection.OpenAsync(Token);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(Token);
    }

    private static bool Answers(string connectionString)
    {
        using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        try
        {
            connection.Open();
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var timeLimit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        timeLimit.CancelAfter(TimeSpan.FromSeconds(60));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!condition())
        {
            await timer.WaitForNextTickAsync(timeLimit.Token);
        }
    }

    private static string Package()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); ; at = at.Parent!)
        {
            if (at.GetDirectories("node_modules") is [var modules])
            {
                return Path.Combine(
                    Directory.GetDirectories(Path.Combine(modules.FullName, "@embedded-postgres")).Single(),
                    "native"
                );
            }
        }
    }

    private static string Shell(string command)
    {
        using var process = Process.Start(
            new ProcessStartInfo("sh", ["-c", command]) { UseShellExecute = false, RedirectStandardOutput = true }
        )!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output.Trim();
    }
}
