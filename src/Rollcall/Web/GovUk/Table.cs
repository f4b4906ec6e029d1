using Microsoft.AspNetCore.Html;
using Microsoft.AspNetCore.Razor.TagHelpers;
using static Rollcall.Web.GovUk.Markup;

namespace Rollcall.Web.GovUk;

/// <summary>A table of cells that are given. A page may also write the rows between the tags, as plain HTML.</summary>
[HtmlTargetElement("govuk-table")]
public sealed class Table : Component
{
    public string? Caption { get; set; }

    public string? CaptionClasses { get; set; }

    public List<TableCell?>? Head { get; set; }

    public List<List<TableCell?>?> Rows { get; set; } = [];

    public bool FirstCellIsHeader { get; set; }

    private TagHelperContent? written;

    internal override Markup Render() =>
        $"""
            <table class="{Join("govuk-table", Classes)}"{Attributes}>
              {When(
                !string.IsNullOrEmpty(Caption),
                $"""<caption class="{Join("govuk-table__caption", CaptionClasses)}">{Caption}</caption>"""
            )}
              {(written is null ? RenderRows() : written)}
            </table>
            """;

    private Markup RenderRows() =>
        $"""
        {When(Head is not null, $"""
          <thead class="govuk-table__head">
            <tr class="govuk-table__row">{Each(Head, (cell, _) => cell.RenderHeader("col"))}</tr>
          </thead>
          """)}
        <tbody class="govuk-table__body">
          {Each(Rows, (row, _) => $"""
            <tr class="govuk-table__row">
              {Each(row, (cell, number) => number == 1 && FirstCellIsHeader ? cell.RenderHeader("row") : cell.Render())}
            </tr>
            """)}
        </tbody>
        """;

    private protected override void Fill(TagHelperContent content) => written = content;
}

/// <summary>One cell.</summary>
public sealed class TableCell
{
    public string? Text { get; set; }

    public IHtmlContent? Html { get; set; }

    /// <summary>"numeric" aligns numbers.</summary>
    public string? Format { get; set; }

    public string? Classes { get; set; }

    public int? Colspan { get; set; }

    public int? Rowspan { get; set; }

    public TagHelperAttributeList? Attributes { get; set; }

    internal Markup Render() => Render("td", "govuk-table__cell", Format, scope: null);

    // Only a column's header takes the alignment of its numbers.
    internal Markup RenderHeader(string scope) =>
        Render("th", "govuk-table__header", scope is "col" ? Format : null, scope);

    private Markup Render(string tag, string name, string? format, string? scope) =>
        $"""
            <{tag}{Attribute("scope", scope)} class="{Join(
                name,
                string.IsNullOrEmpty(format) ? null : $"{name}--{format}",
                Classes
            )}"
                {Attribute("colspan", Colspan)}{Attribute("rowspan", Rowspan)}{Attributes}>{Either(Html, Text)}</{tag}>
            """;
}
