using System.Runtime.CompilerServices;

namespace Rollcall.Tests.Web;

public sealed class AssetsTests
{
    private static readonly string Wwwroot = Path.GetFullPath(
        Path.Combine(Here(), "..", "..", "..", "src", "Rollcall", "wwwroot")
    );

    [Theory]
    [InlineData("generic")]
    [InlineData("govuk")]
    public void Each_look_is_whole(string look)
    {
        var css = Read(look, "rollcall.css");
        Assert.True(css.Length > 100_000);
        Assert.Contains("#ffdd00", css, StringComparison.OrdinalIgnoreCase); // the focus colour
        Assert.Contains(".rollcall-users", css, StringComparison.Ordinal);
        Assert.Contains("govuk-frontend.min.js", Read(look, "init.js"), StringComparison.Ordinal);
        foreach (
            var file in (string[])
                [
                    "govuk-frontend.min.js",
                    "passkey.js",
                    "address-list.js",
                    "manifest.json",
                    "images/favicon.ico",
                    "images/favicon.svg",
                    "images/icon-180.png",
                ]
        )
        {
            Assert.True(File.Exists(Path.Combine(Wwwroot, look, file)), file);
        }
    }

    [Fact]
    public void The_generic_look_has_nothing_that_is_only_for_services_on_GOV_UK()
    {
        var folder = Path.Combine(Wwwroot, "generic");
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(folder, file);
            Assert.DoesNotContain("fonts", name, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("crest", name, StringComparison.OrdinalIgnoreCase);
            var text = File.ReadAllText(file);
            Assert.DoesNotContain("GDS Transport", text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("crest", text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("govuk-logo", text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("#1d70b8", text, StringComparison.OrdinalIgnoreCase); // the blue
        }
    }

    [Fact]
    public void The_GOV_UK_look_is_as_it_comes()
    {
        Assert.Contains("GDS Transport", Read("govuk", "rollcall.css"), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(Wwwroot, "govuk", "images", "govuk-crest.svg")));
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(Wwwroot, "govuk", "fonts"), "*.woff2"));
    }

    private static string Read(string look, string file) => File.ReadAllText(Path.Combine(Wwwroot, look, file));

    private static string Here([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
