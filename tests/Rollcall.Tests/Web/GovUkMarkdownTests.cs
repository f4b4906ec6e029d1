using System.Text.Encodings.Web;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using Rollcall.Web;

namespace Rollcall.Tests.Web;

/// <summary>What support writes is shown to everyone, so it must only become text, headings, lists and links.</summary>
public sealed class GovUkMarkdownTests
{
    private static readonly string[] Elements =
    [
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "p",
        "ul",
        "ol",
        "li",
        "a",
        "strong",
        "em",
        "blockquote",
        "hr",
        "br",
    ];

    private static IElement Body(string markdown)
    {
        Assert.True(GovUkMarkdown.TryRender(markdown, out var html, out var problem), problem);
        using var writer = new StringWriter();
        html!.WriteTo(writer, HtmlEncoder.Default);
        return new HtmlParser().ParseDocument(writer.ToString()).Body!;
    }

    [Fact]
    public void It_is_written_as_the_design_system_writes_it()
    {
        var body = Body(
            "# One\n\nText **bold** and *emphasis* with [a link](https://example.com/a?b=c&d).\n\n- a\n- "
                + "b\n\n3. c\n\n> said\n\n---\n\n<https://example.org> <ann@example.org>"
        );
        Assert.Equal("One", body.QuerySelector("h2.govuk-heading-m")!.TextContent);
        Assert.Equal(
            ("bold", "emphasis"),
            (body.QuerySelector("p.govuk-body strong")!.TextContent, body.QuerySelector("p.govuk-body em")!.TextContent)
        );
        Assert.Equal("https://example.com/a?b=c&d", body.QuerySelector("a.govuk-link")!.GetAttribute("href"));
        Assert.Equal(2, body.QuerySelectorAll("ul.govuk-list.govuk-list--bullet > li").Length);
        Assert.Equal("3", body.QuerySelector("ol.govuk-list.govuk-list--number")!.GetAttribute("start"));
        Assert.Equal("said", body.QuerySelector("blockquote.govuk-inset-text p.govuk-body")!.TextContent);
        Assert.NotNull(body.QuerySelector("hr.govuk-section-break"));
        Assert.Equal(
            ["https://example.com/a?b=c&d", "https://example.org", "mailto:ann@example.org"],
            body.QuerySelectorAll("a").Select(a => a.GetAttribute("href"))
        );
        Assert.All(
            body.QuerySelectorAll("[class]"),
            e => Assert.All(e.ClassList, c => Assert.StartsWith("govuk-", c, StringComparison.Ordinal))
        );
    }

    [Theory]
    [InlineData("# a\n\n# b", "h2 h2")]
    [InlineData("## a\n\n### b\n\n## c", "h2 h3 h3")]
    [InlineData("# a\n\n#### b\n\n###### c\n\n# d", "h2 h3 h4 h2")]
    [InlineData("a\n=\n\nb\n-\n\n### c\n\n#### d\n\n##### e\n\n###### f", "h2 h3 h4 h5 h6 h6")]
    public void U1_The_page_keeps_its_one_h1_and_no_level_is_left_out(string markdown, string levels) =>
        Assert.Equal(levels, string.Join(' ', Body(markdown).Children.Select(e => e.LocalName)));

    public static TheoryData<string> Hostile =>
        [
            "<script>alert(1)</script>",
            "a <b onclick=alert(1)>b</b>",
            "<img src=x onerror=alert(1)>",
            "<!-- --><svg/onload=alert(1)>",
            "<iframe src=//evil.example></iframe>",
            "<style>*{}</style>",
            "[a](javascript:alert(1))",
            "[a](JaVaScRiPt:alert(1))",
            "[a](&#106;avascript:alert(1))",
            "[a](java\\\nscript:alert(1))",
            "[a](<java\tscript:alert(1)>)",
            "[a](<\u0001javascript:alert(1)>)",
            "[a](%6aavascript:alert(1))",
            "<javascript:alert(1)>",
            "<data:text/html;base64,PHNjcmlwdD4=>",
            "[a](data:text/html,x)",
            "[a](vbscript:x)",
            "[a](//evil.example)",
            "[a](/\\evil.example)",
            "[a](file:///etc/passwd)",
            "[a][b]\n\n[b]: javascript:alert(1)",
            "![a](https://evil.example/pixel.png)",
            "![a](javascript:alert(1))",
            "[![a](x)](javascript:alert(1))",
            "[a](https://example.com \"\\\" onmouseover=alert(1) x=\\\"\")",
            "[a](https://example.com/\"onmouseover=alert(1))",
            "```html\n<script>alert(1)</script>\n```",
            "    <script>alert(1)</script>",
            "`<script>`",
            "&lt;script&gt;",
            "# <script>alert(1)</script>",
            "- <script>alert(1)</script>",
            "[<script>](https://example.com)",
            "<https://example.com/<script>>",
            "[a]: https://example.com '<script>'\n\n[a]",
            "{onclick=alert(1)}\n# a {#id .class onclick=alert(1)}",
            "| a |\n|---|\n| <script> |",
            "$$x$$",
            "\u202Etxt",
            "a\0b",
        ];

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Trust14_Trust58_Hostile_text_becomes_nothing_but_text(string markdown)
    {
        foreach (var element in Body(markdown).QuerySelectorAll("*"))
        {
            Assert.Contains(element.LocalName, Elements);
            Assert.All(
                element.Attributes,
                attribute => Assert.Contains(attribute.Name, (string[])["class", "href", "title", "start"])
            );
            if (element.GetAttribute("href") is { } href)
            {
                Assert.Matches("^(https?://|mailto:)", href);
            }
        }
        Assert.NotEqual("", Body(markdown + "\n\nend").TextContent.Trim());
    }

    [Theory]
    [InlineData("[")]
    [InlineData("![")]
    [InlineData("[a](")]
    [InlineData("*a ")]
    [InlineData("*_")]
    [InlineData("[a][")]
    [InlineData("> ")]
    [InlineData("1. ")]
    [InlineData("<a:")]
    [InlineData("&")]
    public void Trust58_A_hundred_kilobytes_are_read_in_paragraphs_and_refused_without_any(string piece)
    {
        // How long it takes is measured by bench/run texts; what would take long is refused before it is read.
        var paragraph = string.Concat(Enumerable.Repeat(piece, 9_900 / piece.Length)) + "\n\n";
        var one = GovUkMarkdown.TryRender(paragraph, out _, out _);
        Assert.Equal(one, GovUkMarkdown.TryRender(string.Concat(Enumerable.Repeat(paragraph, 10)), out _, out _));
        Assert.False(
            GovUkMarkdown.TryRender(string.Concat(Enumerable.Repeat(piece, 100_000 / piece.Length)), out _, out _)
        );
    }
}
