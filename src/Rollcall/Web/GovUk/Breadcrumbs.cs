using Microsoft.AspNetCore.Razor.TagHelpers;
using static Rollcall.Web.GovUk.Markup;

namespace Rollcall.Web.GovUk;

[HtmlTargetElement("govuk-breadcrumbs")]
public sealed class Breadcrumbs : Component
{
    public List<Breadcrumb?> Items { get; set; } = [];

    public bool CollapseOnMobile { get; set; }

    public string LabelText { get; set; } = "Breadcrumb";

    internal override Markup Render() =>
        $"""
            <nav class="{Join(
                "govuk-breadcrumbs",
                Classes,
                CollapseOnMobile ? "govuk-breadcrumbs--collapse-on-mobile" : null
            )}"{Attributes}
                aria-label="{LabelText}">
              <ol class="govuk-breadcrumbs__list">
                {Each(Items, (item, _) => item.Render())}
              </ol>
            </nav>
            """;
}

/// <summary>One page of the path; without href, the current page.</summary>
[HtmlTargetElement("govuk-breadcrumb")]
public sealed class Breadcrumb : TextPart<Breadcrumbs>
{
    public string? Href { get; set; }

    internal Markup Render() =>
        string.IsNullOrEmpty(Href)
            ? Of($"""<li class="govuk-breadcrumbs__list-item" aria-current="page">{Content}</li>""")
            : $"""
                <li class="govuk-breadcrumbs__list-item">
                  <a class="govuk-breadcrumbs__link" href="{Href}"{Attributes}>{Content}</a>
                </li>
                """;

    private protected override void AddTo(Breadcrumbs parent) => parent.Items.Add(this);
}
