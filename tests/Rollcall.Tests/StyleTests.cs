using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Rollcall.Tests.Support;

namespace Rollcall.Tests;

/// <summary>What STYLE.md asks for and the formatter cannot check: width, plain words, small constructors.</summary>
public sealed partial class StyleTests
{
    private const int Width = 120;
    private const int MostArguments = 5;
    private const string Words = "somebody|nobody|whoever|everybody|meanwhile";

    /// <summary>Generated or downloaded, or not ours.</summary>
    private static readonly HashSet<string> NotSources = new(StringComparer.Ordinal)
    {
        ".git",
        "artifacts",
        "bin",
        "node_modules",
        "obj",
        "wwwroot",
    };

    private static readonly HashSet<string> Extensions = new(StringComparer.Ordinal)
    {
        ".cs",
        ".cshtml",
        ".css",
        ".js",
        ".mjs",
        ".scss",
        ".sh",
        ".sql",
    };

    [Fact]
    public void No_line_is_wider_than_120_columns()
    {
        var wide = Lines().Where(line => line.Text.Length > Width && !CannotBeBroken(line.Text));

        Assert.Equal([], wide.Select(line => line.ToString()));
    }

    [Fact]
    public void Comments_name_people_or_say_someone_no_one_anyone_who_everyone()
    {
        var found = Lines()
            .Where(line => line.Path.StartsWith("src/", StringComparison.Ordinal))
            .Where(line => Avoided().IsMatch(Comment().Match(line.Text).Value));

        Assert.Equal([], found.Select(line => line.ToString()));
    }

    [Fact]
    public void Names_and_comments_of_tests_and_benchmarks_do_so_too()
    {
        var found = Lines()
            .Where(line => line.Path.Split('/')[0] is "tests" or "bench")
            .Where(line => IsAvoidedInTests(line.Text));

        Assert.Equal([], found.Select(line => line.ToString()));
    }

    [Theory]
    [InlineData(true, "public async Task S1_1_Somebody_signs_in()")]
    [InlineData(true, "public void A_user_who_is_not_a_member_any_more_is_refused()")]
    [InlineData(true, "var (_, _, subject) = await SomebodyAsync();")]
    [InlineData(true, "Check(\"a\"); // nobody is told")]
    [InlineData(true, "// It is not sent any more.")]
    [InlineData(false, "// How many more people to add.")]
    [InlineData(false, "Shell(\"chown nobody \\\"data\\\"\"); // the user `nobody`")]
    public void The_words_are_found_in_names_and_comments_and_not_in_strings(bool found, string line) =>
        Assert.Equal(found, IsAvoidedInTests(line));

    [Fact]
    public void No_class_has_more_than_five_constructor_arguments()
    {
        Assembly[] assemblies = [typeof(RollcallOptions).Assembly, typeof(Rollcall.Host.EmbeddedPostgres).Assembly];

        Assert.Equal([], assemblies.SelectMany(assembly => assembly.GetTypes()).SelectMany(LongConstructors));
    }

    [Fact]
    public void A_class_with_six_constructor_arguments_is_found() =>
        Assert.Single(LongConstructors(typeof(Tuple<int, int, int, int, int, int>)));

    /// <summary>
    /// What a string on one line says is not checked: it can be a word to look for, or the user `nobody`. A raw string
    /// over several lines is checked, because its lines look like code.
    /// </summary>
    private static bool IsAvoidedInTests(string line) => AvoidedInTests().IsMatch(Quoted().Replace(line, ""));

    private static IEnumerable<string> LongConstructors(Type type) =>
        // Records and anonymous types hold facts, so they may have more.
        type.IsClass
        && type.GetMethod("<Clone>$") is null
        && !type.IsDefined(typeof(CompilerGeneratedAttribute))
            ? type.GetConstructors(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance)
                .Where(constructor => constructor.GetParameters().Length > MostArguments)
                .Select(constructor => $"{type.FullName}: {constructor.GetParameters().Length}")
            : [];

    private static bool CannotBeBroken(string line) =>
        // The name of a test is one word.
        TestName().IsMatch(line)
        // So is a long URL.
        || LongUrl().IsMatch(line)
        // The Content-Security-Policy has the hash of this script.
        || line.Contains("<script>document.body.className", StringComparison.Ordinal);

    private static IEnumerable<Line> Lines() =>
        Files(new DirectoryInfo(Repository.Root))
            .Select(file => (file.FullName, Path: Path.GetRelativePath(Repository.Root, file.FullName)))
            .Select(file => (file.FullName, Path: file.Path.Replace('\\', '/')))
            .SelectMany(file => File.ReadLines(file.FullName).Select((text, i) => new Line(file.Path, i + 1, text)));

    private static IEnumerable<FileInfo> Files(DirectoryInfo folder) =>
        folder
            .EnumerateDirectories()
            .Where(child => !NotSources.Contains(child.Name))
            .SelectMany(Files)
            .Concat(folder.EnumerateFiles().Where(IsSource));

    /// <summary>Shell scripts are named without an extension: run, test.</summary>
    private static bool IsSource(FileInfo file) => Extensions.Contains(file.Extension) || file.Name is "run" or "test";

    private sealed record Line(string Path, int Number, string Text)
    {
        public override string ToString() => $"{Path}:{Number}: {Text.Trim()}";
    }

    [GeneratedRegex(
        @"^\s*public (async Task|void) \w+\(\)?$",
        RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture
    )]
    private static partial Regex TestName();

    [GeneratedRegex(@"https?://\S{90,}", RegexOptions.NonBacktracking)]
    private static partial Regex LongUrl();

    [GeneratedRegex(@"(^|\s)(//|@\*|--|\*|#).*", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Comment();

    // In backticks it is a name, such as the user `nobody`.
    [GeneratedRegex(
        $@"(^|[^`\w])({Words})\b",
        RegexOptions.IgnoreCase | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture
    )]
    private static partial Regex Avoided();

    [GeneratedRegex(
        $"{Words}|(^|[^a-z])any[ _]?more",
        RegexOptions.IgnoreCase | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture
    )]
    private static partial Regex AvoidedInTests();

    [GeneratedRegex(
        """
            "(\\.|[^"\\])*"|`[^`]*`
            """,
        RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture
    )]
    private static partial Regex Quoted();
}
