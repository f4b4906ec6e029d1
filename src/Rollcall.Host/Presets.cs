namespace Rollcall.Host;

/// <summary>Files of settings that make the one program behave as one kind of service does.</summary>
internal static class Presets
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "presets");

    /// <summary>The file of the preset with this name, or null.</summary>
    public static string? Find(string? name)
        => name is { Length: > 0 } && name.All(char.IsAsciiLetterLower) && Path.Combine(Folder, name + ".json") is var file && File.Exists(file) ? file : null;
}
