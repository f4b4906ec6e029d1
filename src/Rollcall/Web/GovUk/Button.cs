using Microsoft.AspNetCore.Html;
using Microsoft.AspNetCore.Razor.TagHelpers;
using static Rollcall.Web.GovUk.Markup;

namespace Rollcall.Web.GovUk;

[HtmlTargetElement("govuk-button")]
public sealed class Button : TextComponent
{
    public string? Id { get; set; }

    public string? Href { get; set; }

    public string? Type { get; set; }

    public string? Name { get; set; }

    public string? Value { get; set; }

    public bool Disabled { get; set; }

    public bool IsStartButton { get; set; }

    [HtmlAttributeNotBound]
    public bool? PreventDoubleClick { get; set; }

    // Razor allows an attribute without a value only for a plain bool.
    [HtmlAttributeName("prevent-double-click")]
    public bool PreventsDoubleClick
    {
        get => PreventDoubleClick is true;
        set => PreventDoubleClick = value;
    }

    internal override Markup Render()
    {
        Markup common = $"""
            class="{Join(
                "govuk-button",
                Classes,
                IsStartButton ? "govuk-button--start" : null
            )}" data-module="govuk-button"
                {Attributes}{Attribute("id", Id)}
            """;
        // A start button is a flex box, which would drop spaces between the elements inside it.
        Markup words = IsStartButton && Html is not null ? $"<span>{Html}</span>" : Content;
        Markup inside = $"{words} {When(IsStartButton, $"{StartIcon}")}";

        if (!string.IsNullOrEmpty(Href))
        {
            return $"""<a href="{Href}" role="button" draggable="false" {common}>{inside}</a>""";
        }

        return $"""
            <button type="{Or(Type, "submit")}"{Attribute("value", Value)}{Attribute("name", Name)}
                {When(Disabled, $" disabled aria-disabled=\"true\"")}{Attribute(
                "data-prevent-double-click",
                PreventDoubleClick
            )}
                {common}>
              {inside}
            </button>
            """;
    }

    private static readonly HtmlString StartIcon = new(
        """
        <svg class="govuk-button__start-icon" xmlns="http://www.w3.org/2000/svg"
            width="17.5" height="19" viewBox="0 0 33 40" aria-hidden="true" focusable="false">
          <path fill="currentColor" d="M0 0h13l20 20-20 20H0l20-20z"/>
        </svg>
        """
    );
}
