using System.Diagnostics;

namespace Rollcall.Host;

/// <summary>
/// Files that only this user can read, some of which serve as locks: the system releases a lock however its process
/// ends.
/// </summary>
internal static class OwnFile
{
    public static FileStream Open(string path, FileMode mode)
    {
        var how = new FileStreamOptions
        {
            Mode = mode,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
        };
        if (!OperatingSystem.IsWindows())
        {
            how.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(path, how);
    }

    /// <returns>Null if another process holds the lock.</returns>
    public static FileStream? TryLock(string path)
    {
        try
        {
            return Open(path, FileMode.OpenOrCreate);
        }
        catch (IOException) when (File.Exists(path))
        {
            return null;
        }
    }

    public static async Task<FileStream> LockAsync(string path, TimeSpan timeLimit, CancellationToken ct)
    {
        var waiting = Stopwatch.StartNew();
        for (; ; await Task.Delay(50, ct))
        {
            if (TryLock(path) is { } held)
            {
                return held;
            }

            if (waiting.Elapsed > timeLimit)
            {
                throw new StartException(
                    $"Another process has been starting or stopping the database for too long: it holds {path}."
                );
            }
        }
    }
}
