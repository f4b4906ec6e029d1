using System.Text.RegularExpressions;
using Rollcall.Tests.Support;

namespace Rollcall.Tests;

/// <summary>Imports run one way, so that a reader always knows where to look next.</summary>
public sealed partial class LayersTests
{
    private static readonly string[] Below =
    [
        "Addresses",
        "Model",
        "Security",
        "Data",
        "History",
        "Emails",
        "Operations",
        "Web",
    ];

    /// <summary>Each folder with what it may use.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Addresses"] = ["Model"], // a refusal's words
        ["Model"] = ["Addresses"],
        ["Data"] = ["Addresses", "Model", "Security"], // a connection checks that both sides hold the same secret
        ["Security"] = ["Addresses", "Model", "Data"],
        ["Emails"] = ["Addresses", "Model", "Security", "Data"],
        ["History"] = ["Model", "Data"],
        ["Operations"] = ["Addresses", "Model", "Security", "Data", "History", "Emails"],
        ["Web"] = ["Addresses", "Model", "Security", "Data"], // serves the pages, and knows no operation
        ["Users"] = Below,
        ["Organisations"] = Below,
        ["SignIn"] = Below,
        ["Register"] = Below,
        ["Account"] = Below,
        ["Help"] = Below,
        ["TermsAndConditions"] = Below,
        ["Dev"] = Below,
    };

    private static readonly string Source = Path.Combine(Repository.Root, "src", "Rollcall");

    private static readonly IReadOnlyList<(string Path, string Text)> Files =
    [
        .. Directory
            .EnumerateFiles(Source, "*.cs*", SearchOption.AllDirectories)
            .Select(file => (Path: Path.GetRelativePath(Source, file).Replace('\\', '/'), Text: File.ReadAllText(file)))
            .Where(file =>
                Path.GetExtension(file.Path) is ".cs" or ".cshtml" && FolderOf(file.Path) is not ("" or "obj" or "bin")
            ),
    ];

    /// <summary>Each folder's types: they tell <c>Operations.AddMember</c> from a property's property.</summary>
    private static readonly ILookup<string, string> Types = Files
        .SelectMany(file => Declarations().Matches(file.Text), (file, type) => (file.Path, type.Groups["name"].Value))
        .ToLookup(type => FolderOf(type.Path), type => type.Value);

    [Fact]
    public void Each_folder_uses_only_what_lies_below_it()
    {
        Assert.True(Files.Count > 50);
        Assert.Equal([], Files.SelectMany(file => Violations(file.Path, file.Text)));
    }

    [Theory]
    [InlineData("Model/User.cs", "using Rollcall.Data;")]
    [InlineData("Users/Add/PersonalDetails.cshtml.cs", "using Rollcall.Organisations;")]
    [InlineData("Web/Gate.cs", "using Rollcall.Operations;")]
    [InlineData("Operations/AddMember.cs", "Rollcall.Web.Banner banner")]
    [InlineData("Web/Gate.cs", "namespace Rollcall.Web; class Gate(Operations.AddMember addMember)")]
    [InlineData("Operations/AddMember.cs", "var people = await Users.MemberCounts.ReadAsync(db);")]
    [InlineData("Data/Db.cs", "Emails.Senders.NotifySender sender")]
    [InlineData("Register/Start.cshtml", """<partial name="/Areas/Rollcall/Pages/SignIn/_Passkey.cshtml" />""")]
    [InlineData("Account/SecondFactor/SetUp.cshtml", """<partial name="../../SignIn/_Passkey" />""")]
    [InlineData("_ViewImports.cshtml", "@using Rollcall.Operations")]
    [InlineData("New/Thing.cs", "")]
    public void A_planted_violation_is_found(string path, string text) => Assert.NotEmpty(Violations(path, text));

    /// <summary>The error page says "not saved" based on SaveWatch, which sees only what Db writes.</summary>
    [Fact]
    public void R21_Beside_Db_requests_write_only_what_can_be_done_again()
    {
        var written = Directory
            .EnumerateFiles(Source, "*.cs", SearchOption.AllDirectories)
            .Where(file =>
                Path.GetRelativePath(Source, file).Replace('\\', '/').Split('/')[0]
                    is not ("obj" or "bin" or "Dev" or "Emails")
            ) // developers' pages, and what no request waits for
            .SelectMany(file => RawWrites().Matches(File.ReadAllText(file)))
            .Select(match => match.Groups["table"].Value)
            .Distinct()
            .Order(StringComparer.Ordinal);
        Assert.Equal(
            [
                "answered_passkey_challenges",
                "data_protection_keys",
                "pending_sign_ins",
                "proven_identities",
                "sessions",
                "throttles",
            ],
            written
        );
    }

    [Theory]
    [InlineData("database.Command(\"update memberships set role = $1\")", "memberships")]
    [InlineData(
        "Database(http)\n.Command(\n\"\"\"\nwith p as (\n  select id from users for share)\ninsert into sessions (id)",
        "sessions"
    )]
    [InlineData("pool.CreateCommand($\"select from users for no key update; delete from users where id = $1", "users")]
    public void A_planted_write_beside_Db_is_found(string text, string table) =>
        Assert.Equal([table], RawWrites().Matches(text).Select(match => match.Groups["table"].Value));

    /// <summary>What all views import counts as Web's. Other files at the top belong to no folder.</summary>
    private static string FolderOf(string path) =>
        path.Contains('/', StringComparison.Ordinal) ? path.Split('/')[0]
        : path.StartsWith("_View", StringComparison.Ordinal) ? "Web"
        : "";

    private static IEnumerable<string> Violations(string path, string text)
    {
        var folder = FolderOf(path);
        if (!Allowed.TryGetValue(folder, out var allowed))
        {
            return [$"{path}: the folder {folder} has no place in the order"];
        }

        var named = Names()
            .Matches(text)
            .Concat(Partials().Matches(text))
            .Select(match => match.Groups["folder"].Value);
        var relative = RelativeNames()
            .Matches(text)
            .Where(match => match.Groups["name"].Value.Split('.').Any(Types[match.Groups["folder"].Value].Contains))
            .Select(match => match.Groups["folder"].Value);
        return named
            .Concat(relative)
            .Distinct()
            .Where(used => used != folder && Allowed.ContainsKey(used) && !allowed.Contains(used))
            .Select(used => $"{path} uses {used}");
    }

    [GeneratedRegex(@"\bRollcall\.(?<folder>\w+)", RegexOptions.NonBacktracking)]
    private static partial Regex Names();

    /// <summary>Inside <c>namespace Rollcall.Web</c>, Operations.AddMember needs no "Rollcall".</summary>
    [GeneratedRegex(
        @"(^|[^\w.])(?<folder>[A-Z]\w+)\.(?<name>[A-Z][\w.]*)",
        RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture
    )]
    private static partial Regex RelativeNames();

    /// <summary>A partial by its path. By its name alone, a view finds those of its own folder only.</summary>
    [GeneratedRegex(
        @"(Pages|\.\.)/(?<folder>[A-Z]\w+)/([\w/]+/)?_\w+",
        RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture
    )]
    private static partial Regex Partials();

    [GeneratedRegex(
        @"\b(class|record|struct|interface|enum) (?<name>[A-Z]\w+)",
        RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture
    )]
    private static partial Regex Declarations();

    [GeneratedRegex(
        """\.(Create)?Command\(\s*\$?"+[^"]*?(?<!\bfor (no key )?)\b(insert into|update|delete from) (?<table>\w+)""",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 5000
    )]
    private static partial Regex RawWrites();
}
