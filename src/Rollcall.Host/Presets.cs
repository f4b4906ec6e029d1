namespace Rollcall.Host;

/// <summary>Files of settings that make the one program behave as one kind of service does.</summary>
internal static class Presets
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "presets");

    /// <summary>All of them, such as "claim, onboarding and publish".</summary>
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

    /// <summary>The file of the preset with this name, or null.</summary>
    public static string? Find(string? name) =>
        name is { Length: > 0 }
        && name.All(char.IsAsciiLetterLower)
        && Path.Combine(Folder, name + ".json") is var file
        && File.Exists(file)
            ? file
            : null;
}
