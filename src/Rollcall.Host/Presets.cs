namespace Rollcall.Host;

/// <summary>Settings files that make the same program behave like different kinds of service.</summary>
internal static class Presets
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "presets");

    /// <summary>All preset names, such as "claim, onboarding and publish".</summary>
    public static string Names
    {
        get
        {
            var names = Directory
                .EnumerateFiles(Folder, "*.json")
                .Select(Path.GetFileNameWithoutExtension)
                .Order(StringComparer.Ordinal)
                .ToList();
            return $"{string.Join(", ", names[..^1])} and {names[^1]}";
        }
    }

    /// <summary>The file of the preset with this name; null if there is none.</summary>
    public static string? Find(string? name) =>
        name is { Length: > 0 }
        && name.All(char.IsAsciiLetterLower)
        && Path.Combine(Folder, name + ".json") is var file
        && File.Exists(file)
            ? file
            : null;
}
