using Microsoft.AspNetCore.Razor.TagHelpers;
using static Rollcall.Web.GovUk.Markup;

namespace Rollcall.Web.GovUk;

[HtmlTargetElement("govuk-tag")]
public sealed class Tag : TextComponent
{
    internal override Markup Render() => Render(Join("govuk-tag", Classes));

    internal Markup Render(string classes) =>
        $"""
            <strong class="{classes}"{Attributes}>
              {Content}
            </strong>
            """;
}
