using Microsoft.AspNetCore.Razor.TagHelpers;
using static Rollcall.Web.GovUk.Markup;

namespace Rollcall.Web.GovUk;

[HtmlTargetElement("govuk-back-link")]
public sealed class BackLink : TextComponent
{
    public string? Href { get; set; }

    internal override Markup Render() =>
        $"""
            <a href="{Or(Href, "#")}"
                class="{Join("govuk-back-link", Classes)}"{Attributes}>{Either(Html, Or(Text, "Back"))}</a>
            """;
}
