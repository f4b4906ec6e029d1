using Microsoft.AspNetCore.Html;
using Microsoft.AspNetCore.Razor.TagHelpers;
using static Rollcall.Web.GovUk.Markup;

namespace Rollcall.Web.GovUk;

[HtmlTargetElement("govuk-footer")]
public sealed class Footer : Component
{
    public string? ContainerClasses { get; set; }

    public List<FooterSection?> Navigation { get; set; } = [];

    public FooterMeta? Meta { get; set; }

    /// <summary>Null for no licence; empty for the Open Government Licence.</summary>
    public Words? ContentLicence { get; set; } = new();

    public Words? Copyright { get; set; }

    /// <summary>False outside GOV.UK: no crown, no Crown copyright, and no licence unless one is given.</summary>
    public bool Crown { get; set; } = true;

    internal override Markup Render() =>
        $"""
        <div class="{Join("govuk-footer", Classes)}"{Attributes}>
          <div class="{Join("govuk-width-container", ContainerClasses)}">
            {(Crown ? Logo.Render("govuk-footer__crown", ariaLabel: null, useLogotype: false) : null)}
            {When(Navigation.Count > 0, $"""
              <div class="govuk-footer__navigation">{Each(Navigation, (section, _) => section.Render())}</div>
              <hr class="govuk-footer__section-break">
              """)}
            <div class="govuk-footer__meta">
              <div class="govuk-footer__meta-item govuk-footer__meta-item--grow">
                {Meta?.Render()}
                {RenderLicence()}
              </div>
              {When(Crown, $"""
                <div class="govuk-footer__meta-item">
                  <a class="govuk-footer__link govuk-footer__copyright-logo"
                      href="https://www.nationalarchives.gov.uk/information-management/re-using-public-sector-information/uk-government-licensing-framework/crown-copyright/">
                    {(Copyright is { Any: true } ? Copyright.Content : Either(html: null, "© Crown copyright"))}
                  </a>
                </div>
                """)}
            </div>
          </div>
        </div>
        """;

    private Markup? RenderLicence() =>
        ContentLicence is null || (!Crown && !ContentLicence.Any)
            ? null
            : Of(
                $"""
                {When(Crown, $"{LicenceLogo}")}
                <span class="govuk-footer__licence-description">
                  {(ContentLicence.Any ? ContentLicence.Content : OpenGovernmentLicence)}
                </span>
                """
            );

    private const string LicenceLogoPath =
        "M421.5 142.8V.1l-50.7 32.3v161.1h112.4v-50.7zm-122.3-9.6A47.12 47.12 0 0 1 221 97.8c0-26 21.1"
        + "-47.1 47.1-47.1 16.7 0 31.4 8.7 39.7 21.8l42.7-27.2A97.63 97.63 0 0 0 268.1 0c-36.5 0-68.3 20.1"
        + "-85.1 49.7A98 98 0 0 0 97.8 0C43.9 0 0 43.9 0 97.8s43.9 97.8 97.8 97.8c36.5 0 68.3-20.1 85.1"
        + "-49.7a97.76 97.76 0 0 0 149.6 25.4l19.4 22.2h3v-87.8h-80l24.3 27.5zM97.8 145c-26 0-47.1-21.1"
        + "-47.1-47.1s21.1-47.1 47.1-47.1 47.2 21 47.2 47S123.8 145 97.8 145";

    private static readonly HtmlString LicenceLogo = new(
        $"""
        <svg aria-hidden="true" focusable="false" class="govuk-footer__licence-logo" xmlns="http://www.w3.org/2000/svg"
            viewBox="0 0 483.2 195.7" height="17" width="41">
          <path fill="currentColor" d="{LicenceLogoPath}"/>
        </svg>
        """
    );

    private static Markup OpenGovernmentLicence =>
        $"""
            All content is available under the
            <a class="govuk-footer__link"
                href="https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"
                rel="license">Open Government Licence v3.0</a>, except where otherwise stated
            """;
}

/// <summary>The small links and text at the bottom.</summary>
public sealed class FooterMeta
{
    public string? VisuallyHiddenTitle { get; set; }

    public List<FooterLink?> Items { get; set; } = [];

    public string? Text { get; set; }

    public IHtmlContent? Html { get; set; }

    internal Markup Render() =>
        $"""
        <h2 class="govuk-visually-hidden">{Or(VisuallyHiddenTitle, "Support links")}</h2>
        {When(Items.Count > 0, $"""
          <ul class="govuk-footer__inline-list">
            {Each(Items, (item, _) => item.Render("govuk-footer__inline-list-item"))}
          </ul>
          """)}
        {When(Any(Html, Text), $"""<div class="govuk-footer__meta-custom">{Either(Html, Text)}</div>""")}
        """;
}

/// <summary>A column of links.</summary>
public sealed class FooterSection
{
    public string? Title { get; set; }

    public int? Columns { get; set; }

    public string? Width { get; set; }

    public List<FooterLink?> Items { get; set; } = [];

    internal Markup Render() =>
        $"""
        <div class="govuk-footer__section govuk-grid-column-{Or(Width, "full")}">
          <h2 class="govuk-footer__heading govuk-heading-m">{Title}</h2>
          {When(Items.Count > 0, $"""
            <ul class="{Join("govuk-footer__list", Columns > 0 ? $"govuk-footer__list--columns-{Columns}" : null)}">
              {Each(Items.Where(IsLink), (item, _) => item.Render("govuk-footer__list-item"))}
            </ul>
            """)}
        </div>
        """;

    private static bool IsLink(FooterLink? item) => item is { Href: not (null or ""), Text: not (null or "") };
}

/// <summary>One link of the footer.</summary>
[HtmlTargetElement("govuk-footer-link")]
public sealed class FooterLink : Part<Footer>
{
    public string? Text { get; set; }

    public string? Href { get; set; }

    internal Markup Render(string itemClass) =>
        $"""
            <li class="{itemClass}">
              <a class="govuk-footer__link" href="{Href}"{Attributes}>
                {Text}
              </a>
            </li>
            """;

    private protected override void Fill(TagHelperContent content) => Text = TextOf(content);

    private protected override void AddTo(Footer parent) => (parent.Meta ??= new FooterMeta()).Items.Add(this);
}
