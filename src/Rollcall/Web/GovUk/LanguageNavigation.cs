using Microsoft.AspNetCore.Razor.TagHelpers;
using static Rollcall.Web.GovUk.Markup;

namespace Rollcall.Web.GovUk;

[HtmlTargetElement("govuk-language-navigation")]
public sealed class LanguageNavigation : Component
{
    public string AriaLabel { get; set; } = "Language";

    public List<Language?> Items { get; set; } = [];

    internal override Markup Render() =>
        $"""
            <nav class="{Join("govuk-language-navigation", Classes)}"{Attributes} aria-label="{AriaLabel}">
              <ul class="govuk-language-navigation__list">
                {Each(Items, (item, _) => item.Render())}
              </ul>
            </nav>
            """;
}

/// <summary>One language; the current one is no link.</summary>
[HtmlTargetElement("govuk-language")]
public sealed class Language : TextPart<LanguageNavigation>
{
    public string? Href { get; set; }

    public bool Current { get; set; }

    public string? Lang { get; set; }

    [HtmlAttributeName("hreflang")]
    public string? HrefLang { get; set; }

    public string? Dir { get; set; }

    public string? LanguageDescriptionText { get; set; }

    internal Markup Render() =>
        $"""<li class="govuk-language-navigation__list-item">{(Current || string.IsNullOrEmpty(Href) ? Words() : Link())}</li>""";

    private Markup Words() =>
        $"""
            <span class="{Join("govuk-language-navigation__text", Classes)}" aria-current="true"
                {Attribute("lang", Lang)}{Attribute("dir", Dir)}{Attributes}>{Content}</span>
            """;

    private Markup Link() =>
        $"""
            <a class="{Join("govuk-language-navigation__link", Classes)}" href="{Href}" rel="alternate"{Attribute(
                "lang",
                Lang
            )}
                {Attribute("hreflang", Or(HrefLang, Lang ?? ""))}{Attribute("dir", Dir)}
                {Attributes}>{Content}{Description()}</a>
            """;

    private Markup? Description() =>
        When(
            !string.IsNullOrEmpty(LanguageDescriptionText),
            $"""<span class="govuk-visually-hidden"> {LanguageDescriptionText}</span>"""
        );

    private protected override void AddTo(LanguageNavigation parent) => parent.Items.Add(this);
}
