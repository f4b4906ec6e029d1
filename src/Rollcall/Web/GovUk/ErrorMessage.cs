using Microsoft.AspNetCore.Razor.TagHelpers;
using static Rollcall.Web.GovUk.Markup;

namespace Rollcall.Web.GovUk;

[HtmlTargetElement("govuk-error-message")]
public sealed class ErrorMessage : TextComponent
{
    public string? Id { get; set; }

    public string VisuallyHiddenText { get; set; } = "Error";

    internal override Markup Render() => Render(Id);

    internal Markup Render(string? id) =>
        $"""
            <p{Attribute("id", id)} class="{Join("govuk-error-message", Classes)}"{Attributes}>
              {When(
                VisuallyHiddenText.Length > 0,
                $"""<span class="govuk-visually-hidden">{VisuallyHiddenText}:</span>"""
            )} {Content}
            </p>
            """;
}
