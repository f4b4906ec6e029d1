using System.Security.Cryptography;

namespace Rollcall.Host;

/// <summary>
/// In Development the secret is generated once and kept beside the data. Everywhere else it is a setting.
/// </summary>
internal static class DevelopmentSecret
{
    public static async Task<string> InAsync(string folder)
    {
        try
        {
            return await ReadAsync(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartException(
                $"The data folder {folder} cannot be used: {e.Message} Choose another one with ROLLCALL_DATA.",
                e
            );
        }
    }

    private static async Task<string> ReadAsync(string folder)
    {
        Directory.CreateDirectory(folder);
        await using var file = await OwnFile.LockAsync(
            Path.Combine(folder, "secret"),
            TimeSpan.FromSeconds(10),
            CancellationToken.None
        );
        if (file.Length == 0)
        {
            await file.WriteAsync(
                System.Text.Encoding.ASCII.GetBytes(Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)))
            );
        }

        file.Position = 0;
        using var text = new StreamReader(file);
        return (await text.ReadToEndAsync()).Trim();
    }
}
