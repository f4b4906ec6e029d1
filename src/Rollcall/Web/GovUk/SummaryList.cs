using Microsoft.AspNetCore.Razor.TagHelpers;
using static Rollcall.Web.GovUk.Markup;

namespace Rollcall.Web.GovUk;

[HtmlTargetElement("govuk-summary-list")]
public sealed class SummaryList : Component
{
    public List<SummaryRow?> Rows { get; set; } = [];

    public SummaryCard? Card { get; set; }

    [HtmlAttributeName("card-title")]
    public string? CardTitle
    {
        get => Card?.Title?.Text;
        set => Card = CardNamed(value);
    }

    internal override Markup Render()
    {
        var anyActions = Rows.Any(row => row?.Actions is { Items.Count: > 0 });
        Markup list = $"""
            <dl class="{Join("govuk-summary-list", Classes)}"{Attributes}>
              {Each(Rows, (row, _) => row.Render(anyActions, Card?.Title))}
            </dl>
            """;
        return Card?.Render(list) ?? list;
    }

    private static SummaryCard? CardNamed(string? title) =>
        string.IsNullOrEmpty(title) ? null : new SummaryCard { Title = new Words { Text = title } };
}

/// <summary>One row. Its content is the value; its actions are moved out of it.</summary>
[HtmlTargetElement("govuk-summary-row")]
public sealed class SummaryRow : Part<SummaryList>
{
    [HtmlAttributeNotBound]
    public Words? Key { get; set; }

    [HtmlAttributeName("key")]
    public string? KeyText
    {
        get => Key?.Text;
        set => Key = new Words { Text = value };
    }

    public Words? Value { get; set; }

    public SummaryActions? Actions { get; set; }

    internal Markup Render(bool anyActions, Words? cardTitle)
    {
        var empty = anyActions && Actions is null ? "govuk-summary-list__row--no-actions" : null;
        return $"""
            <div class="{Join("govuk-summary-list__row", empty, Classes)}"{Attributes}>
              <dt class="{Join("govuk-summary-list__key", Key?.Classes)}">
                {Key?.Content}
              </dt>
              <dd class="{Join("govuk-summary-list__value", Value?.Classes)}">
                {Value?.Content}
              </dd>
              {RenderActions(cardTitle)}
            </div>
            """;
    }

    private Markup? RenderActions(Words? cardTitle)
    {
        if (Actions is not { Items.Count: > 0 })
        {
            return null;
        }

        var actions = Actions.Render(
            only => only,
            several => $"""<ul class="govuk-summary-list__actions-list">{several}</ul>""",
            "govuk-summary-list__actions-list-item",
            cardTitle
        );
        return $"""<dd class="{Join("govuk-summary-list__actions", Actions.Classes)}">{actions}</dd>""";
    }

    private protected override void Fill(TagHelperContent content) => Value = new Words { Html = content };

    private protected override void AddTo(SummaryList parent) => parent.Rows.Add(this);
}

/// <summary>The actions of a row or a card.</summary>
public sealed class SummaryActions
{
    public List<SummaryAction?> Items { get; set; } = [];

    public string? Classes { get; set; }

    /// <summary>A single action is rendered alone, several as a list.</summary>
    internal Markup Render(Func<Markup, Markup> alone, Func<Markup, Markup> list, string itemClass, Words? cardTitle) =>
        Items is [{ } only]
            ? alone(only.Render(cardTitle))
            : list(
                $"""{Each(Items, (action, _) => Of($"""<li class="{itemClass}">{action.Render(cardTitle)}</li> """))}"""
            );
}

/// <summary>A link such as "Change", with hidden text that says what it changes.</summary>
[HtmlTargetElement("govuk-action")]
public sealed class SummaryAction : TextPart<SummaryRow>
{
    public string? Href { get; set; }

    [HtmlAttributeName("hidden-text")]
    public string? VisuallyHiddenText { get; set; }

    internal Markup Render(Words? cardTitle)
    {
        var what = When(!string.IsNullOrEmpty(VisuallyHiddenText), $" {VisuallyHiddenText}");
        var where = When(cardTitle is not null, $" ({cardTitle?.Content})");
        var hidden = When((what ?? where) is not null, $"""<span class="govuk-visually-hidden">{what}{where}</span>""");
        return $"""<a class="{Join("govuk-link", Classes)}" href="{Href}"{Attributes}>{Content}{hidden}</a>""";
    }

    private protected override void AddTo(SummaryRow parent) =>
        (parent.Actions ??= new SummaryActions()).Items.Add(this);
}

/// <summary>A titled frame around a summary list.</summary>
public sealed class SummaryCard
{
    public Words? Title { get; set; }

    public SummaryActions? Actions { get; set; }

    public string? Classes { get; set; }

    public TagHelperAttributeList? Attributes { get; set; }

    internal Markup Render(Markup list) =>
        $"""
            <div class="{Join("govuk-summary-card", Classes)}"{Attributes}>
              <div class="govuk-summary-card__title-wrapper">
                {RenderTitle()}
                {RenderActions()}
              </div>
              <div class="govuk-summary-card__content">
                {list}
              </div>
            </div>
            """;

    private Markup? RenderTitle() =>
        Title is null
            ? null
            : Of(
                $"""
                <h{Title.HeadingLevel ?? 2} class="{Join("govuk-summary-card__title", Title.Classes)}">
                  {Title.Content}
                </h{Title.HeadingLevel ?? 2}>
                """
            );

    private Markup? RenderActions()
    {
        if (Actions is not { Items.Count: > 0 })
        {
            return null;
        }

        var name = Join("govuk-summary-card__actions", Actions.Classes);
        return Actions.Render(
            only => $"""<div class="{name}">{only}</div>""",
            several => $"""<ul class="{name}">{several}</ul>""",
            "govuk-summary-card__action",
            Title
        );
    }
}
