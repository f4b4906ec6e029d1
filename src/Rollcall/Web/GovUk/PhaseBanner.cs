using Microsoft.AspNetCore.Razor.TagHelpers;
using static Rollcall.Web.GovUk.Markup;

namespace Rollcall.Web.GovUk;

[HtmlTargetElement("govuk-phase-banner")]
public sealed class PhaseBanner : TextComponent
{
    [HtmlAttributeNotBound]
    public Tag? Tag { get; set; }

    [HtmlAttributeName("tag")]
    public string? TagText
    {
        get => Tag?.Text;
        set => Tag = new Tag { Text = value };
    }

    internal override Markup Render()
    {
        var tag = new Tag
        {
            Text = Tag?.Text,
            Html = Tag?.Html,
            Classes = Join("govuk-phase-banner__content__tag", Tag?.Classes),
        };
        return $"""
            <div class="{Join("govuk-phase-banner govuk-width-container", Classes)}"{Attributes}>
              <p class="govuk-phase-banner__content">
                {tag}
                <span class="govuk-phase-banner__text">
                  {Content}
                </span>
              </p>
            </div>
            """;
    }
}
