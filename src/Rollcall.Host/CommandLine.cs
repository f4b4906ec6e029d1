namespace Rollcall.Host;

/// <summary>What ./run was asked to do.</summary>
/// <param name="Arguments">The command and its arguments, or settings such as <c>--urls</c>.</param>
/// <param name="Preset">The settings to start with: one of <see cref="Presets"/>.</param>
/// <param name="Prints">Whether create-support-user shows the link.</param>
/// <param name="Problem">What is wrong with it, or the usage; null if it can be run.</param>
internal sealed record CommandLine(
    string[] Arguments,
    string? Preset = null,
    bool Prints = false,
    string? Problem = null,
    int ExitCode = 0
)
{
    private const string Usage = """
        Usage:
          ./run                               start the service, with everything on
          ./run publish|claim|onboarding      start it with the settings of one kind of service
          ./run import organisations FILE     add the organisations of a CSV file, or bring them up to date
          ./run create-support-user NAME EMAIL [--print]
                                              invite a support user, such as the first one; --print shows the link
          ./run rotate-secret                 move from ROLLCALL_OLD_SECRET to the secret in the settings
        """;

    public static CommandLine Parse(string[] args)
    {
        var prints = args is ["create-support-user", ..] && args.Contains("--print", StringComparer.Ordinal);
        if (prints)
        {
            args = [.. args.Where(arg => arg != "--print")];
        }

        var preset = args is [var first, ..] && Presets.Find(first) is not null ? first : null;
        if (preset is not null)
        {
            args = args[1..];
        }

        if (args is [var word] && word.All(char.IsAsciiLetterLower) && word is not ("help" or "import"))
        {
            var problem =
                $"There is no preset or command “{word}”. The presets are {Presets.Names}; "
                + "./run help lists the commands.";
            return new(args, Problem: problem, ExitCode: 1);
        }

        var isKnown =
            args is [] or ["import", "organisations", _] or ["create-support-user", _, _] or ["rotate-secret"];
        return isKnown || args[0].StartsWith('-') ? new(args, preset, prints) : new(args, Problem: Usage, ExitCode: 2);
    }
}
