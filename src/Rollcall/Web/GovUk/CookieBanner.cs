using Microsoft.AspNetCore.Html;
using Microsoft.AspNetCore.Razor.TagHelpers;
using static Rollcall.Web.GovUk.Markup;

namespace Rollcall.Web.GovUk;

[HtmlTargetElement("govuk-cookie-banner")]
public sealed class CookieBanner : Component
{
    public string? AriaLabel { get; set; }

    public bool Hidden { get; set; }

    public List<CookieBannerMessage?> Messages { get; set; } = [];

    internal override Markup Render() =>
        $"""
            <div class="{Join("govuk-cookie-banner", Classes)}" data-nosnippet role="region" aria-label="{Or(
                AriaLabel,
                "Cookie banner"
            )}"
                {When(Hidden, $" hidden")}{Attributes}>
              {Each(Messages, (message, _) => message.Render())}
            </div>
            """;
}

/// <summary>One message of a cookie banner: its content is the text, its actions are lifted out below it.</summary>
[HtmlTargetElement("govuk-cookie-banner-message")]
public sealed class CookieBannerMessage : TextPart<CookieBanner>
{
    [HtmlAttributeName("heading")]
    public string? HeadingText { get; set; }

    public IHtmlContent? HeadingHtml { get; set; }

    public string? Role { get; set; }

    public bool Hidden { get; set; }

    public List<BannerAction?> Actions { get; set; } = [];

    internal Markup Render() =>
        $"""
        <div class="{Join("govuk-cookie-banner__message", Classes, "govuk-width-container")}"{Attribute("role", Role)}{Attributes}
            {When(Hidden, $" hidden")}>
          <div class="govuk-grid-row">
            <div class="govuk-grid-column-two-thirds">
              {When(Any(HeadingHtml, HeadingText), $"""
                <h2 class="govuk-cookie-banner__heading govuk-heading-m">
                  {Either(HeadingHtml, HeadingText)}
                </h2>
                """)}
              <div class="govuk-cookie-banner__content">
                {Html}{When(Html is null && !string.IsNullOrEmpty(Text), $"""<p class="govuk-body">{Text}</p>""")}
              </div>
            </div>
          </div>
          {When(Actions.Count > 0, $"""
            <div class="govuk-button-group">
              {Each(Actions, (action, _) => action.Render(buttonClass: null, "govuk-link"))}
            </div>
            """)}
        </div>
        """;

    private protected override void AddTo(CookieBanner parent) => parent.Messages.Add(this);
}

/// <summary>A button, or a link if it has an href and is not asked to look like a button.</summary>
[HtmlTargetElement("govuk-cookie-banner-action")]
public sealed class BannerAction : Part<CookieBannerMessage>
{
    public string? Text { get; set; }

    public string? Href { get; set; }

    public string? Type { get; set; }

    public string? Name { get; set; }

    public string? Value { get; set; }

    internal Markup Render(string? buttonClass, string linkClass)
    {
        if (!string.IsNullOrEmpty(Href) && !string.Equals(Type, "button", StringComparison.Ordinal))
        {
            return $"""<a class="{Join(linkClass, Classes)}" href="{Href}"{Attributes}>{Text}</a> """;
        }

        var button = new Button
        {
            Text = Text,
            Href = Href,
            Type = Or(Type, "button"),
            Name = Name,
            Value = Value,
            Classes = Join(buttonClass, Classes),
            Attributes = Attributes,
        };
        return $"{button} ";
    }

    private protected override void Fill(TagHelperContent content) => Text = TextOf(content);

    private protected override void AddTo(CookieBannerMessage parent) => parent.Actions.Add(this);
}
