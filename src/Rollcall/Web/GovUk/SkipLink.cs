using Microsoft.AspNetCore.Razor.TagHelpers;
using static Rollcall.Web.GovUk.Markup;

namespace Rollcall.Web.GovUk;

[HtmlTargetElement("govuk-skip-link")]
public sealed class SkipLink : TextComponent
{
    public string? Href { get; set; }

    internal override Markup Render() =>
        $"""
            <a href="{Or(Href, "#content")}" class="{Join(
                "govuk-skip-link",
                Classes
            )}"{Attributes} data-module="govuk-skip-link">{Content}</a>
            """;
}
