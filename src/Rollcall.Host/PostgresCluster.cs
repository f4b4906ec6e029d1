using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Rollcall.Host;

/// <summary>
/// The files of a PostgreSQL server in <paramref name="home"/>: <c>pg</c> (the data) and <c>password</c>.
/// </summary>
internal sealed class PostgresCluster(string home, PostgresPrograms programs)
{
    /// <summary>The role that creates and migrates the database.</summary>
    public const string Superuser = "rollcall";

    /// <summary>The role that the service uses. It owns nothing.</summary>
    public const string Worker = "rollcall_service";

    public string Folder => Path.Combine(home, "pg");
    public string Log => Path.Combine(Folder, "server.log");
    public bool Exists => Directory.Exists(Folder);

    public Task<string> PasswordAsync(CancellationToken ct) =>
        File.ReadAllTextAsync(Path.Combine(home, "password"), ct);

    /// <summary>Derived one-way from the superuser's password.</summary>
    public static string WorkerPassword(string superusers) =>
        Convert.ToHexString(HMACSHA256.HashData(Encoding.ASCII.GetBytes(superusers), Encoding.ASCII.GetBytes(Worker)));

    /// <summary>
    /// Creates the cluster under a temporary name and renames it, so that a partial cluster is never used and a
    /// complete one is never deleted.
    /// </summary>
    public async Task MakeAsync(bool fsync, CancellationToken ct)
    {
        foreach (var half in Directory.GetDirectories(home, "pg.new-*"))
        {
            try
            {
                Directory.Delete(half, recursive: true);
            }
            catch (IOException)
            {
                // An initdb that outlived its parent process is still writing here. Ours has another name; the next
                // start deletes this one.
            }
        }
        var making = Path.Combine(home, $"pg.new-{Path.GetRandomFileName()}");
        var password = Path.Combine(home, "password");
        Directory.CreateDirectory(making);
        File.Delete(password);
        await using (var file = OwnFile.Open(password, FileMode.CreateNew))
        {
            await file.WriteAsync(Encoding.ASCII.GetBytes(Convert.ToHexString(RandomNumberGenerator.GetBytes(24))), ct);
        }

        await programs.OwnAsync([making, password], ct);
        // The libc locale decides which characters are letters in trigrams; ICU decides how names sort.
        var (exitCode, output) = await programs.RunAsync(
            "initdb",
            [
                "-D",
                making,
                "-U",
                Superuser,
                "--pwfile",
                password,
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale-provider=icu",
                "--icu-locale=en-GB",
                OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() ? "--locale=C" : "--locale=C.UTF-8",
                "--no-instructions",
                .. fsync ? Array.Empty<string>() : ["--no-sync"],
            ],
            ct
        );
        if (exitCode != 0)
        {
            throw new StartException($"The database could not be made in {making}.\n{output}");
        }

        Directory.Move(making, Folder);
    }

    public async Task CheckVersionAsync(CancellationToken ct)
    {
        var made = (await File.ReadAllTextAsync(Path.Combine(Folder, "PG_VERSION"), ct)).Trim();
        var (_, output) = await programs.RunAsync("postgres", ["--version"], ct); // postgres (PostgreSQL) 18.4
        var ours = output.Split(' ').Last().Split('.')[0].Trim();
        if (!string.Equals(made, ours, StringComparison.Ordinal))
        {
            throw new StartException(
                $"The database in {Folder} was made by PostgreSQL {made}, and this is PostgreSQL {ours}, which "
                    + $"cannot read it. Save it with pg_dump of PostgreSQL {made} and load that into a new "
                    + "folder. Nothing has been changed."
            );
        }
    }

    /// <summary>
    /// The port of the server running in this folder, read from postmaster.pid (process ID, folder, start time, port,
    /// …). PostgreSQL removes that file after most crashes, but not if another program has the process ID now, or if
    /// the file is empty. Then we remove it.
    /// </summary>
    public int? RunningPort()
    {
        var file = new FileInfo(Path.Combine(Folder, "postmaster.pid"));
        if (!file.Exists)
        {
            return null;
        }

        if (File.ReadAllLines(file.FullName) is not { Length: >= 4 } lines)
        {
            // A starting server writes the file in one go, so one that stays empty is left from a crash.
            if (file.LastWriteTimeUtc < DateTime.UtcNow.AddSeconds(-20))
            {
                file.Delete();
            }

            return null;
        }
        try
        {
            using var process = Process.GetProcessById(int.Parse(lines[0], CultureInfo.InvariantCulture));
            var line = $"/proc/{lines[0]}/cmdline";
            if (
                File.Exists(line)
                    ? File.ReadAllText(line).Split('\0').Contains(Folder, StringComparer.Ordinal)
                    : process.ProcessName.Equals("postgres", StringComparison.Ordinal)
            )
            {
                return int.Parse(lines[3], CultureInfo.InvariantCulture);
            }

            file.Delete();
        }
        catch (Exception e) when (e is ArgumentException or IOException or InvalidOperationException)
        {
            // The process has ended.
        }
        return null;
    }

    public string LogFrom(long from)
    {
        if (!File.Exists(Log))
        {
            return "";
        }

        using var stream = new FileStream(Log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        stream.Seek(Math.Max(from, stream.Length - 4000), SeekOrigin.Begin);
        return new StreamReader(stream).ReadToEnd();
    }
}
