using Microsoft.AspNetCore.Html;
using Microsoft.AspNetCore.Razor.TagHelpers;
using static Rollcall.Web.GovUk.Markup;

namespace Rollcall.Web.GovUk;

[HtmlTargetElement("govuk-service-navigation")]
public sealed class ServiceNavigation : Component
{
    public string? ServiceName { get; set; }

    public string? ServiceUrl { get; set; }

    public List<ServiceNavigationItem?> Navigation { get; set; } = [];

    public string AriaLabel { get; set; } = "Service information";

    public string? MenuButtonText { get; set; }

    public string? MenuButtonLabel { get; set; }

    public string? NavigationLabel { get; set; }

    public string? NavigationId { get; set; }

    public string? NavigationClasses { get; set; }

    public bool? CollapseNavigationOnMobile { get; set; }

    public ServiceNavigationSlots? Slots { get; set; }

    internal override Markup Render()
    {
        var named = !string.IsNullOrEmpty(ServiceName);
        var inline = Slots?.End?.Align is "inline";
        Markup inside = $"""
            class="{Join("govuk-service-navigation", Classes)}" data-module="govuk-service-navigation"{Attributes}>
              <div class="{Join(
                "govuk-width-container",
                inline ? "govuk-service-navigation__inlining-container" : null
            )}">
                {Slots?.Start}
                <div class="govuk-service-navigation__container">
                  {(named ? RenderName() : null)}
                  {RenderNavigation()}
                </div>
                {Slots?.End?.Html}
              </div>
            """;
        // With a name, it is a landmark of its own; without one, the nav inside it is enough.
        return named || Slots?.Start is not null || Slots?.End?.Html is not null
            ? Of($"""<section aria-label="{AriaLabel}" {inside}</section>""")
            : $"""<div {inside}</div>""";
    }

    private Markup RenderName() =>
        $"""
        <span class="govuk-service-navigation__service-name">
          {(string.IsNullOrEmpty(ServiceUrl)
            ? Of($"""<span class="govuk-service-navigation__text">{ServiceName}</span>""")
            : Of($"""<a href="{ServiceUrl}" class="govuk-service-navigation__link">{ServiceName}</a>"""))}
        </span>
        """;

    private Markup? RenderNavigation()
    {
        var items = Navigation.OfType<ServiceNavigationItem>().ToList();
        var id = Or(NavigationId, "navigation");
        var button = Or(MenuButtonText, "Menu");
        var label = string.Equals(MenuButtonLabel, button, StringComparison.Ordinal) ? null : MenuButtonLabel;
        return When(
            items.Count > 0 || Slots?.NavigationStart is not null || Slots?.NavigationEnd is not null,
            $"""
            <nav aria-label="{Or(NavigationLabel, button)}"
                class="{Join("govuk-service-navigation__wrapper", NavigationClasses)}">
              {When(CollapseNavigationOnMobile ?? items.Count > 1, $"""
                <button type="button" aria-controls="{id}"
                    class="govuk-service-navigation__toggle govuk-js-service-navigation-toggle"
                    {Attribute("aria-label", label)} hidden aria-hidden="true">
                  {button}
                </button>
                """)}
              <ul class="govuk-service-navigation__list" id="{id}">
                {Slots?.NavigationStart}
                {Each(items, (item, _) => item.Render())}
                {Slots?.NavigationEnd}
              </ul>
            </nav>
            """
        );
    }
}

/// <summary>One link: current is this page, active is the section that this page belongs to.</summary>
[HtmlTargetElement("govuk-service-navigation-item")]
public sealed class ServiceNavigationItem : TextPart<ServiceNavigation>
{
    public string? Href { get; set; }

    public bool Active { get; set; }

    public bool Current { get; set; }

    internal Markup Render()
    {
        var here = Active || Current;
        var ariaCurrent = Attribute(
            "aria-current",
            Current ? "page"
                : Active ? "true"
                : null
        );
        // For people who override colours and styles.
        Markup words = here
            ? $"""<strong class="govuk-service-navigation__active-fallback">{Content}</strong>"""
            : Content;
        Markup? inside = !string.IsNullOrEmpty(Href)
            ? $"""<a class="govuk-service-navigation__link" href="{Href}"{ariaCurrent}{Attributes}>{words}</a>"""
            : When(Any(Html, Text), $"""<span class="govuk-service-navigation__text"{ariaCurrent}>{words}</span>""");
        var itemClasses = Join(
            "govuk-service-navigation__item",
            here ? "govuk-service-navigation__item--active" : null
        );
        return $"""<li class="{itemClasses}">{inside}</li> """;
    }

    private protected override void AddTo(ServiceNavigation parent) => parent.Navigation.Add(this);
}

/// <summary>Slots for custom HTML.</summary>
public sealed class ServiceNavigationSlots
{
    public IHtmlContent? Start { get; set; }

    public ServiceNavigationEnd? End { get; set; }

    public IHtmlContent? NavigationStart { get; set; }

    public IHtmlContent? NavigationEnd { get; set; }
}

/// <summary>The end slot, below the rest or ("inline") on the same line.</summary>
public sealed class ServiceNavigationEnd
{
    public IHtmlContent? Html { get; set; }

    public string? Align { get; set; }
}
