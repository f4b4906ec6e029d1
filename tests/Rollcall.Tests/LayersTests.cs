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

    [Fact]
    public void Each_folder_uses_only_what_lies_below_it()
    {
        var files = Directory
            .EnumerateFiles(Source, "*.cs*", SearchOption.AllDirectories)
            .Select(file => (Path: Path.GetRelativePath(Source, file).Replace('\\', '/'), Text: File.ReadAllText(file)))
            .Where(file =>
                file.Path.Contains('/', StringComparison.Ordinal)
                && !file.Path.StartsWith("obj/", StringComparison.Ordinal)
                && !file.Path.StartsWith("bin/", StringComparison.Ordinal)
                && file.Path.EndsWith(".cs", StringComparison.Ordinal)
                    | file.Path.EndsWith(".cshtml", StringComparison.Ordinal)
            )
            .ToList();
        Assert.True(files.Count > 50);
        Assert.Equal([], files.SelectMany(file => Violations(file.Path, file.Text)));
    }

    [Theory]
    [InlineData("Model/User.cs", "using Rollcall.Data;")]
    [InlineData("Users/Add/PersonalDetails.cshtml.cs", "using Rollcall.Organisations;")]
    [InlineData("Web/Gate.cs", "using Rollcall.Operations;")]
    [InlineData("Operations/AddMember.cs", "Rollcall.Web.Banner banner")]
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

    private static IEnumerable<string> Violations(string path, string text)
    {
        var folder = path.Split('/')[0];
        if (!Allowed.TryGetValue(folder, out var allowed))
        {
            return [$"{path}: the folder {folder} has no place in the order"];
        }

        return Uses()
            .Matches(text)
            .Select(match => match.Groups["folder"].Value)
            .Distinct()
            .Where(used => used != folder && Allowed.ContainsKey(used) && !allowed.Contains(used))
            .Select(used => $"{path} uses {used}");
    }

    [GeneratedRegex(@"\bRollcall\.(?<folder>\w+)", RegexOptions.NonBacktracking)]
    private static partial Regex Uses();

    [GeneratedRegex(
        """database\.(Create)?Command\(\s*\$?"+\s*(with \w+ as \()?(insert into|update|delete from) (?<table>\w+)""",
        RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture
    )]
    private static partial Regex RawWrites();
}
