using System.Runtime.CompilerServices;

namespace Rollcall.Tests.Support;

internal static class Repository
{
    /// <summary>The folder of the checkout.</summary>
    public static string Root { get; } = Path.GetFullPath(Path.Combine(Here(), "../../.."));

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
