using Microsoft.AspNetCore.Html;
using Microsoft.AspNetCore.Razor.TagHelpers;
using static Rollcall.Web.GovUk.Markup;

namespace Rollcall.Web.GovUk;

[HtmlTargetElement("govuk-fieldset")]
public sealed class Fieldset : Component
{
    public string? DescribedBy { get; set; }

    public string? Role { get; set; }

    [HtmlAttributeNotBound]
    public Words? Legend { get; set; }

    [HtmlAttributeName("legend")]
    public string? LegendText
    {
        get => Legend?.Text;
        set => (Legend ??= new Words()).Text = value;
    }

    public string? LegendClasses
    {
        get => Legend?.Classes;
        set => (Legend ??= new Words()).Classes = value;
    }

    public bool LegendIsPageHeading
    {
        get => Legend?.IsPageHeading is true;
        set => (Legend ??= new Words()).IsPageHeading = value;
    }

    public IHtmlContent? Html { get; set; }

    internal override Markup Render() => Render(DescribedBy, Html);

    internal Markup Render(string? describedBy, IHtmlContent? html) =>
        $"""
            <fieldset class="{Join("govuk-fieldset", Classes)}"{Attribute("role", Role)}{Attribute(
                "aria-describedby",
                describedBy
            )}
                {Attributes}>
              {RenderLegend()}
              {html}
            </fieldset>
            """;

    private Markup? RenderLegend() =>
        Legend is not { Any: true }
            ? null
            : Of(
                $"""
                <legend class="{Join("govuk-fieldset__legend", Legend.Classes)}">
                  {(
                    Legend.IsPageHeading
                        ? Of($"""<h1 class="govuk-fieldset__heading">{Legend.Content}</h1>""")
                        : Legend.Content
                )}
                </legend>
                """
            );

    private protected override void Fill(TagHelperContent content) => Html = content;
}
