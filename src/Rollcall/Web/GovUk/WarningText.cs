using Microsoft.AspNetCore.Razor.TagHelpers;
using static Rollcall.Web.GovUk.Markup;

namespace Rollcall.Web.GovUk;

[HtmlTargetElement("govuk-warning-text")]
public sealed class WarningText : TextComponent
{
    public string? IconFallbackText { get; set; }

    internal override Markup Render() =>
        $"""
            <div class="{Join("govuk-warning-text", Classes)}"{Attributes}>
              <span class="govuk-warning-text__icon" aria-hidden="true">!</span>
              <strong class="govuk-warning-text__text">
                <span class="govuk-visually-hidden">{Or(IconFallbackText, "Warning")}</span>
                {Content}
              </strong>
            </div>
            """;
}
