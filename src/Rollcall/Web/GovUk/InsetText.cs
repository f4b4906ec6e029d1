using Microsoft.AspNetCore.Razor.TagHelpers;
using static Rollcall.Web.GovUk.Markup;

namespace Rollcall.Web.GovUk;

[HtmlTargetElement("govuk-inset-text")]
public sealed class InsetText : TextComponent
{
    public string? Id { get; set; }

    internal override Markup Render() =>
        $"""
            <div{Attribute("id", Id)} class="{Join("govuk-inset-text", Classes)}"{Attributes}>
              {Content}
            </div>
            """;
}
