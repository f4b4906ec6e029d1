using Microsoft.AspNetCore.Razor.TagHelpers;
using static Rollcall.Web.GovUk.Markup;

namespace Rollcall.Web.GovUk;

[HtmlTargetElement("govuk-label")]
public sealed class Label : TextComponent
{
    public string? For { get; set; }

    public bool IsPageHeading { get; set; }

    internal override Markup Render() => Render(For, Classes);

    internal Markup Render(string? id, string? classes)
    {
        Markup label = $"""
            <label class="{Join("govuk-label", classes)}"{Attributes}{Attribute("for", id)}>
              {Content}
            </label>
            """;
        return Html is null && string.IsNullOrEmpty(Text) ? $""
            : IsPageHeading ? $"""<h1 class="govuk-label-wrapper">{label}</h1>"""
            : label;
    }
}
