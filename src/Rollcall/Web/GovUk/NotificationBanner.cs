using Microsoft.AspNetCore.Html;
using Microsoft.AspNetCore.Razor.TagHelpers;
using static Rollcall.Web.GovUk.Markup;

namespace Rollcall.Web.GovUk;

[HtmlTargetElement("govuk-notification-banner")]
public sealed class NotificationBanner : TextComponent
{
    /// <summary>"success" for good news; anything else is "Important".</summary>
    public string? Type { get; set; }

    public string? Role { get; set; }

    [HtmlAttributeName("title")]
    public string? TitleText { get; set; }

    public IHtmlContent? TitleHtml { get; set; }

    public string? TitleId { get; set; }

    public int? TitleHeadingLevel { get; set; }

    public bool? DisableAutoFocus { get; set; }

    internal override Markup Render()
    {
        var success = string.Equals(Type, "success", StringComparison.Ordinal);
        var titleId = Or(TitleId, "govuk-notification-banner-title");
        var level = TitleHeadingLevel ?? 2;
        return $"""
            <div class="{Join(
                "govuk-notification-banner",
                success ? "govuk-notification-banner--success" : null,
                Classes
            )}"
                role="{Or(
                Role,
                success ? "alert" : "region"
            )}" aria-labelledby="{titleId}" data-module="govuk-notification-banner"
                {Attribute("data-disable-auto-focus", DisableAutoFocus)}{Attributes}>
              <div class="govuk-notification-banner__header">
                <h{level} class="govuk-notification-banner__title" id="{titleId}">
                  {Either(TitleHtml, Or(TitleText, success ? "Success" : "Important"))}
                </h{level}>
              </div>
              <div class="govuk-notification-banner__content">
                {Html}{When(
                Html is null && !string.IsNullOrEmpty(Text),
                $"""<p class="govuk-notification-banner__heading">{Text}</p>"""
            )}
              </div>
            </div>
            """;
    }
}
