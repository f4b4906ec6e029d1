using Microsoft.AspNetCore.Html;
using Microsoft.AspNetCore.Razor.TagHelpers;
using static Rollcall.Web.GovUk.Markup;

namespace Rollcall.Web.GovUk;

/// <summary>The header with the crown, for services on GOV.UK domains only.</summary>
[HtmlTargetElement("govuk-header")]
public sealed class Header : Component
{
    public string? HomepageUrl { get; set; }

    public string? ProductName { get; set; }

    public string? ContainerClasses { get; set; }

    internal override Markup Render() =>
        new GenericHeader
        {
            LogoHtml = Of(
                $"""
                {Logo.Render("govuk-header__logotype", "GOV.UK", useLogotype: true)}
                {When(
                    !string.IsNullOrEmpty(ProductName),
                    $"""<span class="govuk-header__product-name">{ProductName}</span>"""
                )}
                """
            ),
            Url = Or(HomepageUrl, "//gov.uk"),
            ContainerClasses = ContainerClasses,
            Classes = Classes,
            Attributes = Attributes,
        }.Render("govuk-header");
}

/// <summary>The header for all other services. Its content is the logo.</summary>
[HtmlTargetElement("govuk-generic-header")]
public sealed class GenericHeader : Component
{
    public string? Url { get; set; }

    public string? LogoText { get; set; }

    public IHtmlContent? LogoHtml { get; set; }

    public string? ContainerClasses { get; set; }

    internal override Markup Render() => Render("govuk-generic-header");

    internal Markup Render(string name) =>
        $"""
            <div class="{Join(name, Classes)}"{Attributes}>
              <div class="{name}__container {Or(ContainerClasses, "govuk-width-container")}">
                <div class="{name}__logo">
                  <a href="{Or(Url, "/")}" class="{name}__homepage-link">
                    {Either(LogoHtml, LogoText)}
                  </a>
                </div>
              </div>
            </div>
            """;

    private protected override void Fill(TagHelperContent content) => LogoHtml = content;
}
