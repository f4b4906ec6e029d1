using System.Diagnostics.CodeAnalysis;
using Markdig;
using Markdig.Parsers;
using Markdig.Parsers.Inlines;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;
using Microsoft.AspNetCore.Html;

namespace Rollcall.Web;

/// <summary>
/// Markdown (CommonMark 0.31) in the Design System's styles: headings, paragraphs, lists, quotations, bold, emphasis
/// and links. HTML, images and code are not supported and are shown as typed.
/// </summary>
internal static class GovUkMarkdown
{
    /// <summary>
    /// The parser searches for the end of every link to the end of its paragraph. Without a limit, 100 kB take seconds.
    /// </summary>
    public const int LongestParagraph = 10_000;

    private static readonly string[] Schemes = ["https://", "http://", "mailto:"];

    private static readonly MarkdownPipeline Pipeline = Parsers();

    /// <summary>
    /// Renders below the page's h1: the first heading becomes an h2, and no heading level is skipped.
    /// </summary>
    /// <returns>False, with an error message, for text that no person would write.</returns>
    public static bool TryRender(
        string markdown,
        [NotNullWhen(true)] out IHtmlContent? html,
        [NotNullWhen(false)] out string? problem
    )
    {
        html = null;
        problem = null;
        if (LengthOfLongestParagraph(markdown) > LongestParagraph)
        {
            problem =
                $"A paragraph must be {LongestParagraph:N0} characters or fewer. Put an empty line between paragraphs";
            return false;
        }
        try
        {
            var document = Markdown.Parse(markdown, Pipeline);
            Dress(document);
            html = new HtmlString(document.ToHtml(Pipeline));
            return true;
        }
        catch (ArgumentException) // Markdig's own limit of 128 levels
        {
            problem = "Lists, quotations and links must not be nested so deeply";
            return false;
        }
    }

    /// <summary>For published text, which has been rendered successfully before.</summary>
    public static IHtmlContent Render(string markdown) =>
        TryRender(markdown, out var html, out var problem)
            ? html
            : throw new ArgumentException(problem, nameof(markdown));

    private static MarkdownPipeline Parsers()
    {
        var builder = new MarkdownPipelineBuilder().DisableHtml();
        builder.BlockParsers.TryRemove<IndentedCodeBlockParser>();
        builder.BlockParsers.TryRemove<FencedCodeBlockParser>();
        builder.InlineParsers.TryRemove<CodeInlineParser>();
        return builder.Build();
    }

    private static void Dress(MarkdownDocument document)
    {
        var level = 1;
        foreach (var node in document.Descendants().ToList())
        {
            switch (node)
            {
                case HeadingBlock heading:
                    heading.Level = level = Math.Min(Math.Min(heading.Level, level) + 1, 6);
                    heading.GetAttributes().AddClass(level == 2 ? "govuk-heading-m" : "govuk-heading-s");
                    break;
                case ParagraphBlock:
                    node.GetAttributes().AddClass("govuk-body");
                    break;
                case ListBlock list:
                    list.GetAttributes()
                        .AddClass($"govuk-list {(list.IsOrdered ? "govuk-list--number" : "govuk-list--bullet")}");
                    break;
                case QuoteBlock:
                    node.GetAttributes().AddClass("govuk-inset-text");
                    break;
                case ThematicBreakBlock:
                    node.GetAttributes()
                        .AddClass("govuk-section-break govuk-section-break--m govuk-section-break--visible");
                    break;
                case LinkInline { IsImage: false } link when IsSafe(link.Url):
                    link.GetAttributes().AddClass("govuk-link");
                    break;
                case LinkInline link: // keep the link's text
                    link.ReplaceBy(new ContainerInline(), copyChildren: true);
                    break;
                case AutolinkInline link when link.IsEmail || IsSafe(link.Url):
                    link.GetAttributes().AddClass("govuk-link");
                    break;
                case AutolinkInline link:
                    link.ReplaceBy(new LiteralInline(link.Url));
                    break;
            }
        }
    }

    // Checked as a browser would read it. Browsers drop control characters, so a URL that contains one is refused.
    private static bool IsSafe(string? url) =>
        url is not null
        && !url.Any(char.IsControl)
        && Schemes.Any(scheme => url.StartsWith(scheme, StringComparison.OrdinalIgnoreCase));

    private static int LengthOfLongestParagraph(string markdown)
    {
        var longest = 0;
        var length = 0;
        foreach (var line in markdown.AsSpan().EnumerateLines())
        {
            length = line.IsWhiteSpace() ? 0 : length + line.Length + 1;
            longest = Math.Max(longest, length);
        }
        return longest;
    }
}
