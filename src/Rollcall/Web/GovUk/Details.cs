using Microsoft.AspNetCore.Html;
using Microsoft.AspNetCore.Razor.TagHelpers;
using static Rollcall.Web.GovUk.Markup;

namespace Rollcall.Web.GovUk;

[HtmlTargetElement("govuk-details")]
public sealed class Details : TextComponent
{
    public string? Id { get; set; }

    [HtmlAttributeName("summary")]
    public string? SummaryText { get; set; }

    public IHtmlContent? SummaryHtml { get; set; }

    public bool Open { get; set; }

    internal override Markup Render() =>
        $"""
            <details{Attribute("id", Id)} class="{Join("govuk-details", Classes)}"{Attributes}{When(Open, $" open")}>
              <summary class="govuk-details__summary">
                <span class="govuk-details__summary-text">
                  {Either(SummaryHtml, SummaryText)}
                </span>
              </summary>
              <div class="govuk-details__text">
                {Content}
              </div>
            </details>
            """;
}
