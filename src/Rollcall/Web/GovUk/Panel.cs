using Microsoft.AspNetCore.Html;
using Microsoft.AspNetCore.Razor.TagHelpers;
using static Rollcall.Web.GovUk.Markup;

namespace Rollcall.Web.GovUk;

[HtmlTargetElement("govuk-panel")]
public sealed class Panel : TextComponent
{
    [HtmlAttributeName("title")]
    public string? TitleText { get; set; }

    public IHtmlContent? TitleHtml { get; set; }

    public int? HeadingLevel { get; set; }

    public PanelActions? Actions { get; set; }

    internal override Markup Render()
    {
        var interruption = Classes?.Contains("govuk-panel--interruption", StringComparison.Ordinal) is true;
        var level = HeadingLevel ?? 1;
        return $"""
            <div class="{Join("govuk-panel", interruption ? null : "govuk-panel--confirmation", Classes)}"{Attributes}>
              <h{level} class="govuk-panel__title">
                {Either(TitleHtml, TitleText)}
              </h{level}>
              {When(Any(Html, Text), $"""<div class="govuk-panel__body">{Content}</div>""")}
              {(interruption ? Actions?.Render() : null)}
            </div>
            """;
    }
}

/// <summary>The actions of an interruption page.</summary>
public sealed class PanelActions
{
    public List<PanelAction?> Items { get; set; } = [];

    public string? Classes { get; set; }

    public TagHelperAttributeList? Attributes { get; set; }

    internal Markup Render() =>
        $"""
        <div class="{Join("govuk-panel__actions", Classes)}"{Attributes}>
          {When(Items.Count > 0, $"""
            <div class="govuk-button-group">
              {Each(Items, (item, _) => item.Render())}
            </div>
            """)}
        </div>
        """;
}

/// <summary>A button, or a link if it has an href and no type "button".</summary>
public sealed class PanelAction
{
    public string? Text { get; set; }

    public string? Href { get; set; }

    public string? Type { get; set; }

    public string? Name { get; set; }

    public string? Value { get; set; }

    public string? Classes { get; set; }

    public TagHelperAttributeList? Attributes { get; set; }

    internal Markup Render()
    {
        if (!string.IsNullOrEmpty(Href) && !string.Equals(Type, "button", StringComparison.Ordinal))
        {
            var classes = Join("govuk-link govuk-link--inverse", Classes);
            return $"""<a class="{classes}" href="{Href}"{Attributes}>{Text}</a> """;
        }

        var button = new Button
        {
            Text = Text,
            Href = Href,
            Type = Or(Type, "button"),
            Name = Name,
            Value = Value,
            Classes = Join("govuk-button--inverse", Classes),
            Attributes = Attributes ?? [],
        };
        return $"{button} ";
    }
}
