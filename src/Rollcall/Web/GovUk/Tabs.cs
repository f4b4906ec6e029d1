using Microsoft.AspNetCore.Razor.TagHelpers;
using static Rollcall.Web.GovUk.Markup;

namespace Rollcall.Web.GovUk;

[HtmlTargetElement("govuk-tabs")]
public sealed class Tabs : Component
{
    public string? Id { get; set; }

    public string? IdPrefix { get; set; }

    public string Title { get; set; } = "Contents";

    public List<Tab?> Items { get; set; } = [];

    internal override Markup Render() =>
        $"""
        <div{Attribute("id", Id)} class="{Join("govuk-tabs", Classes)}"{Attributes} data-module="govuk-tabs">
          <h2 class="govuk-tabs__title">
            {Title}
          </h2>
          {When(Items.Count > 0, $"""
            <ul class="govuk-tabs__list">
              {Each(Items, (tab, number) => tab.RenderLink(IdPrefix, number))}
            </ul>
            {Each(Items, (tab, number) => tab.RenderPanel(IdPrefix, number))}
            """)}
        </div>
        """;
}

/// <summary>A tab and its panel: the content is the panel's.</summary>
[HtmlTargetElement("govuk-tab")]
public sealed class Tab : Part<Tabs>
{
    public string? Id { get; set; }

    public string? Label { get; set; }

    public Words? Panel { get; set; }

    internal Markup RenderLink(string? prefix, int number) =>
        $"""
            <li class="{Join("govuk-tabs__list-item", number == 1 ? "govuk-tabs__list-item--selected" : null)}">
              <a class="govuk-tabs__tab" href="#{Or(Id, $"{prefix}-{number}")}"{Attributes}>
                {Label}
              </a>
            </li>
            """;

    internal Markup RenderPanel(string? prefix, int number) =>
        $"""
            <div class="{Join("govuk-tabs__panel", number > 1 ? "govuk-tabs__panel--hidden" : null)}"
                id="{Or(Id, $"{prefix}-{number}")}"{Panel?.Attributes}>
              {Panel?.Html}{When(Panel is { Html: null, Any: true }, $"""<p class="govuk-body">{Panel?.Text}</p>""")}
            </div>
            """;

    private protected override void Fill(TagHelperContent content) => Panel = new Words { Html = content };

    private protected override void AddTo(Tabs parent) => parent.Items.Add(this);
}
