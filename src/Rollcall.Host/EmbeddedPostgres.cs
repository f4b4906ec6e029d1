using System.Diagnostics;
using System.Text;
using Npgsql;

namespace Rollcall.Host;

/// <summary>
/// A PostgreSQL server of our own in a data folder, listening on a free port of 127.0.0.1 with a random password.
/// <para>
/// The folder holds <c>pg</c> (the data), <c>password</c>, <c>owner</c> (held open and locked by the process that will
/// stop the server; the system releases it however that process ends) and <c>lock</c> (held while starting or
/// stopping). A process that finds the server running uses it, and takes it over if its owner is gone.
/// </para>
/// </summary>
internal sealed class EmbeddedPostgres : IAsyncDisposable
{
    private readonly EmbeddedPostgresOptions options;
    private readonly ILogger log;
    private readonly string dataFolder;
    private readonly string home;
    private readonly PostgresCluster cluster;
    private readonly PostgresServer server;
    private FileStream? owner;

    private EmbeddedPostgres(
        string dataFolder,
        string home,
        PostgresPrograms programs,
        EmbeddedPostgresOptions options,
        ILogger log
    )
    {
        this.dataFolder = dataFolder;
        this.home = home;
        this.options = options;
        this.log = log;
        cluster = new PostgresCluster(home, programs);
        server = new PostgresServer(cluster, programs, options);
    }

    /// <summary>For the role that the service uses, which owns nothing.</summary>
    public string ConnectionString { get; private set; } = "";

    /// <summary>For the role that creates and migrates the database: the server's superuser.</summary>
    public string OwnerConnectionString { get; private set; } = "";

    /// <summary>Whether disposing stops the server.</summary>
    public bool OwnsServer => owner is not null;

    public static async Task<EmbeddedPostgres> StartAsync(
        string dataFolder,
        ILogger log,
        EmbeddedPostgresOptions? options = null,
        CancellationToken ct = default
    )
    {
        options ??= new();
        dataFolder = Path.GetFullPath(dataFolder);
        try
        {
            Directory.CreateDirectory(dataFolder);
            await using var starting = await OwnFile.LockAsync(Path.Combine(dataFolder, "lock"), options.TimeLimit, ct);
            var postgres = await PlaceAsync(dataFolder, options, log, ct);
            try
            {
                await postgres.StartOrAdoptAsync(ct);
            }
            catch
            {
                await postgres.StopAsync();
                throw;
            }
            return postgres;
        }
        catch (UnauthorizedAccessException e)
        {
            throw new StartException(
                $"The database in {dataFolder} belongs to another user ({e.Message}) "
                    + "Run as that user, or choose another folder with ROLLCALL_DATA.",
                e
            );
        }
        catch (IOException e)
        {
            throw new StartException(
                $"The data folder {dataFolder} cannot be used: {e.Message} Choose another one with ROLLCALL_DATA.",
                e
            );
        }
    }

    /// <summary>Whether another process serves the data in this folder.</summary>
    public static bool IsInUse(string dataFolder)
    {
        var file = Path.Combine(
            new DirectoryInfo(Path.Combine(dataFolder, "elsewhere")).LinkTarget ?? dataFolder,
            "owner"
        );
        if (!File.Exists(file))
        {
            return false;
        }

        using var mine = OwnFile.TryLock(file);
        return mine is null;
    }

    /// <summary>
    /// Restarts the server when it stops unexpectedly, until cancelled. The port stays the same, so that other
    /// processes find the server again. Run by the process that owns the server; when that process ends, another takes
    /// over.
    /// </summary>
    public async Task KeepRunningAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        try
        {
            while (await timer.WaitForNextTickAsync(stopping))
            {
                try
                {
                    await RestartAsync(stopping);
                }
                catch (Exception e)
                    when (e
                            is InvalidOperationException
                                or IOException
                                or UnauthorizedAccessException
                                or NpgsqlException
                    )
                {
                    log.LogError("The database server cannot be started: {Reason}", e.Message);
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The program is stopping.
        }
    }

    private async Task RestartAsync(CancellationToken ct)
    {
        if (cluster.RunningPort() is not null)
        {
            return;
        }

        await using var starting = await OwnFile.LockAsync(Path.Combine(dataFolder, "lock"), options.TimeLimit, ct);
        if (cluster.RunningPort() is not null || (owner ??= await TryOwnAsync(ct)) is null)
        {
            return;
        }

        log.LogWarning("The database server has ended; starting it again");
        await StartAndConnectAsync(new NpgsqlConnectionStringBuilder(OwnerConnectionString).Port, ct);
    }

    public async ValueTask DisposeAsync()
    {
        if (owner is null)
        {
            return;
        }

        await using var stopping = await OwnFile.LockAsync(
            Path.Combine(dataFolder, "lock"),
            options.TimeLimit,
            CancellationToken.None
        );
        await StopAsync();
    }

    private async Task StopAsync()
    {
        if (owner is null)
        {
            return;
        }

        if (cluster.RunningPort() is not null && await server.StopAsync() is { } problem)
        {
            log.LogWarning("The database did not stop: {Output}", problem);
        }
        await owner.DisposeAsync();
        owner = null;
    }

    /// <summary>
    /// Chooses the data's folder: the given one, unless this is root and the user that runs PostgreSQL cannot reach it.
    /// </summary>
    private static async Task<EmbeddedPostgres> PlaceAsync(
        string dataFolder,
        EmbeddedPostgresOptions options,
        ILogger log,
        CancellationToken ct
    )
    {
        var link = Path.Combine(dataFolder, "elsewhere");
        var place = new DirectoryInfo(link).LinkTarget ?? dataFolder;
        var data = Path.Combine(place, "pg");
        var exists = Directory.Exists(data);
        var tools = await PostgresPrograms.FindAsync(options.Programs, exists ? data : null, ct);
        if (!await tools.CanReachAsync(place, ct))
        {
            if (exists)
            {
                throw new StartException(
                    $"The owner of {data} cannot reach it: a folder above it is closed to other users."
                );
            }

            place = PostgresPrograms.MakeShared($"data-{Path.GetRandomFileName()}");
            File.Delete(link);
            File.CreateSymbolicLink(link, place);
            log.LogWarning(
                "PostgreSQL does not run as root, and other users cannot reach {Folder}: its data is in {Place}",
                dataFolder,
                place
            );
        }
        return new EmbeddedPostgres(dataFolder, place, tools, options, log);
    }

    private async Task StartOrAdoptAsync(CancellationToken ct)
    {
        if (cluster.Exists)
        {
            await cluster.CheckVersionAsync(ct);
        }
        else
        {
            log.LogInformation("Making a database in {Cluster}", cluster.Folder);
            await cluster.MakeAsync(options.Fsync, ct);
        }
        owner = await TryOwnAsync(ct);
        await StartAndConnectAsync(PostgresServer.FreePort(), ct);
        if (owner is null)
        {
            log.LogInformation("Using the database server that runs in {Cluster}", cluster.Folder);
        }
    }

    private async Task<FileStream?> TryOwnAsync(CancellationToken ct)
    {
        var file = OwnFile.TryLock(Path.Combine(home, "owner"));
        if (file is null)
        {
            return null;
        }

        file.SetLength(0);
        await file.WriteAsync(Encoding.ASCII.GetBytes($"{Environment.ProcessId}\n"), ct);
        await file.FlushAsync(ct);
        return file;
    }

    /// <param name="freePort">The port for a newly started server; a running server keeps its own.</param>
    private async Task StartAndConnectAsync(int freePort, CancellationToken ct)
    {
        var password = await cluster.PasswordAsync(ct);
        var waiting = Stopwatch.StartNew();
        for (var last = ""; ; await Task.Delay(50, ct))
        {
            if (waiting.Elapsed > options.TimeLimit)
            {
                throw new StartException(
                    $"The database in {cluster.Folder} did not start. {last}\n{cluster.LogFrom(0)}"
                );
            }
            // A server that is already there may still be starting, recovering or stopping.
            if (cluster.RunningPort() is { } port)
            {
                OwnerConnectionString = EmbeddedDatabase.OwnerConnection(port, password);
                ConnectionString = EmbeddedDatabase.ServiceConnection(port, password);
                try
                {
                    await EmbeddedDatabase.CreateAsync(port, password, ct);
                    return;
                }
                catch (NpgsqlException e)
                    when (e is not PostgresException { SqlState: PostgresErrorCodes.InvalidPassword })
                {
                    last = e.Message;
                }
            }
            else
            {
                last = await server.StartAsync(freePort, ct);
            }
        }
    }
}
