using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using Rollcall.Addresses;

namespace Rollcall.Emails;

/// <summary>
/// A part of an email's body. The text and the HTML are rendered from the same blocks, so neither leaves anything out.
/// </summary>
internal abstract record Block;

internal sealed record Heading(string Text) : Block;

internal sealed record Paragraph(string Text) : Block;

/// <summary>
/// The email's one action: a button with its full address below. People are told to distrust links that hide where they
/// go, and some mail programs do not show the button.
/// </summary>
internal sealed record Link(string Url, string Label = "Continue") : Block;

internal sealed record Facts(IReadOnlyList<Fact> Items) : Block;

internal sealed record Fact(string Label, string Value);

internal static class Blocks
{
    private const string Font = "font-family:Helvetica,Arial,sans-serif;font-size:16px;line-height:24px;color:#1d1d1d;";

    private const string Header = "padding:16px 24px;color:#ffffff;font-size:20px;font-weight:bold;";
    private const string Button =
        "display:inline-block;padding:12px 20px;color:#ffffff;font-weight:bold;text-decoration:none;";

    // The default encoder would write every accent and curly apostrophe as a numeric reference.
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    public static string ToText(IEnumerable<Block> blocks)
    {
        var text = new StringBuilder();
        foreach (var block in blocks)
        {
            text.Append(text.Length > 0 ? "\n" : "");
            switch (block)
            {
                case Heading heading:
                    text.Append(Line(heading.Text)).Append('\n').Append('-', Line(heading.Text).Length).Append('\n');
                    break;
                case Paragraph paragraph:
                    text.Append(Line(paragraph.Text)).Append('\n');
                    break;
                case Link link:
                    text.Append(link.Url).Append('\n');
                    break;
                case Facts facts:
                    foreach (var fact in facts.Items)
                    {
                        text.Append(CultureInfo.InvariantCulture, $"{Line(fact.Label)}: {Line(fact.Value)}\n");
                    }

                    break;
                default:
                    throw new ArgumentException($"No text for {block.GetType()}", nameof(blocks));
            }
        }

        return text.ToString();
    }

    public static string ToHtml(string subject, string serviceName, string colour, IEnumerable<Block> blocks)
    {
        var html = new StringBuilder();
        html.Append(
            CultureInfo.InvariantCulture,
            $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{Encode(subject)}</title>
            </head>
            <body style="margin:0;padding:0;background-color:#ffffff;{Font}">
            <div style="{Header}background-color:{colour};">{Encode(serviceName)}</div>
            <div style="max-width:600px;padding:24px;word-break:break-word;">

            """
        );
        foreach (var block in blocks)
        {
            html.Append(ToHtml(block, colour)).Append('\n');
        }

        return html.Append("</div>\n</body>\n</html>\n").ToString();
    }

    /// <summary>
    /// GOV.UK Notify's Markdown: "# " begins a heading, "* " a list item, and a URL by itself is a link.
    /// </summary>
    public static string ToMarkdown(IEnumerable<Block> blocks) =>
        string.Join(
            "\n\n",
            blocks.Select(block =>
                block switch
                {
                    Heading heading => "# " + Inline(heading.Text),
                    Paragraph paragraph => Plain(paragraph.Text),
                    Link link => link.Url,
                    Facts facts => string.Join(
                        '\n',
                        facts.Items.Select(f => $"* {Inline(f.Label)}: {Inline(f.Value)}")
                    ),
                    _ => throw new ArgumentException($"No Markdown for {block.GetType()}", nameof(blocks)),
                }
            )
        );

    /// <summary>
    /// Text that a person typed must not become a link, a heading or a list. Characters with a meaning in Notify are
    /// escaped or separated.
    /// </summary>
    private static string Plain(string text)
    {
        var line = Inline(text);
        return line switch
        {
            ['#' or '*' or '-' or '+' or '>', ..] => "\\" + line,
            ['^' or '\u2022' or (>= '0' and <= '9'), ..] => "\u200B" + line, // these have no escape
            _ => line,
        };
    }

    private static string Inline(string text) =>
        Line(text)
            .Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("[", "\\[", StringComparison.Ordinal)
            .Replace("]", "\\]", StringComparison.Ordinal)
            .Replace("://", ": //", StringComparison.Ordinal);

    private static string ToHtml(Block block, string colour) =>
        block switch
        {
            Heading heading =>
                $"""<h2 style="margin:24px 0 8px;font-size:18px;line-height:24px;">{Encode(heading.Text)}</h2>""",
            Paragraph paragraph => $"""<p style="margin:0 0 16px;">{Encode(paragraph.Text)}</p>""",
            Link link => $"""
                <table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin:0 0 16px;"><tr>
                <td style="background-color:{colour};border-radius:4px;">
                <a href="{Encode(link.Url)}" style="{Button}">{Encode(link.Label)}</a>
                </td>
                </tr></table>
                <p style="margin:0 0 16px;word-break:break-all;">{Encode(link.Url)}</p>
                """,
            Facts facts =>
                $"""<ul style="margin:0 0 16px;padding:0 0 0 20px;">{string.Concat(facts.Items.Select(Item))}</ul>""",
            _ => throw new ArgumentException($"No HTML for {block.GetType()}", nameof(block)),
        };

    private static string Item(Fact fact) => $"<li>{Encode(fact.Label)}: {Encode(fact.Value)}</li>";

    /// <summary>
    /// Text that a person typed stays on its own line, so it cannot begin a paragraph, a header or a forged signature.
    /// </summary>
    private static string Line(string text) => PlainText.OneLine(text);

    private static string Encode(string text) => Encoder.Encode(Line(text));
}
