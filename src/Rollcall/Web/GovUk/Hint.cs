using Microsoft.AspNetCore.Razor.TagHelpers;
using static Rollcall.Web.GovUk.Markup;

namespace Rollcall.Web.GovUk;

[HtmlTargetElement("govuk-hint")]
public sealed class Hint : TextComponent
{
    public string? Id { get; set; }

    internal override Markup Render() => Render(Id, Classes);

    internal Markup Render(string? id, string? classes) =>
        $"""
            <div{Attribute("id", id)} class="{Join("govuk-hint", classes)}"{Attributes}>
              {Content}
            </div>
            """;
}
