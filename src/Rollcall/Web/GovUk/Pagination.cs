using Microsoft.AspNetCore.Html;
using Microsoft.AspNetCore.Razor.TagHelpers;
using static Rollcall.Web.GovUk.Markup;

namespace Rollcall.Web.GovUk;

/// <summary>
/// Links between pages: the given ones, or with page, pages and href-for those that the design guidance asks for.
/// </summary>
[HtmlTargetElement("govuk-pagination")]
public sealed class Pagination : Component
{
    public int? Page { get; set; }

    public int? Pages { get; set; }

    public Func<int, string>? HrefFor { get; set; }

    public List<PaginationItem?>? Items { get; set; }

    public PaginationLink? Previous { get; set; }

    public PaginationLink? Next { get; set; }

    public string? LandmarkLabel { get; set; }

    private bool IsBlock => Items is null && (Previous ?? Next) is not null;

    internal override Markup Render() =>
        $"""
        <nav class="{Join("govuk-pagination", IsBlock ? "govuk-pagination--block" : null, Classes)}"
            aria-label="{Or(LandmarkLabel, "Pagination")}"{Attributes}>
          {Previous?.Render("prev", "Previous", ArrowPrevious, IsBlock)}
          {When(Items is not null, $"""
            <ul class="govuk-pagination__list">
              {Each(Items, (item, _) => item.Render())}
            </ul>
            """)}
          {Next?.Render("next", "Next", ArrowNext, IsBlock)}
        </nav>
        """;

    private protected override bool Prepare()
    {
        if (HrefFor is null)
        {
            return true;
        }

        if (Pages is not > 1)
        {
            return false;
        }

        var last = Pages.Value;
        var current = Math.Clamp(Page ?? 1, 1, Pages.Value);
        Items = [];
        var before = 0;
        foreach (var number in Enumerable.Range(1, last).Where(n => n == 1 || n == last || Math.Abs(n - current) <= 1))
        {
            // An ellipsis for a single page would take the place of its number.
            if (number - before == 2)
            {
                Items.Add(Item(before + 1));
            }
            else if (number - before > 2)
            {
                Items.Add(new PaginationItem { Ellipsis = true });
            }

            Items.Add(Item(number));
            before = number;
        }

        if (current > 1)
        {
            Previous = new PaginationLink { Href = HrefFor(current - 1) };
        }

        if (current < last)
        {
            Next = new PaginationLink { Href = HrefFor(current + 1) };
        }

        return true;

        PaginationItem Item(int number) =>
            new()
            {
                Number = $"{number}",
                Href = HrefFor(number),
                Current = number == current,
            };
    }

    private const string PreviousPath =
        "m6.5938-0.0078125-6.7266 6.7266 6.7441 6.4062 1.377-1.449-4.1856-3.9768h12.896v-2h-12.984"
        + "l4.2931-4.293-1.414-1.414z";

    private static readonly HtmlString ArrowPrevious = new(
        $"""
        <svg class="govuk-pagination__icon govuk-pagination__icon--prev" xmlns="http://www.w3.org/2000/svg"
            height="13" width="15" aria-hidden="true" focusable="false" viewBox="0 0 15 13">
          <path d="{PreviousPath}"></path>
        </svg>
        """
    );

    private const string NextPath =
        "m8.107-0.0078125-1.4136 1.414 4.2926 4.293h-12.986v2h12.896l-4.1855 3.9766 1.377 1.4492 6.7441"
        + "-6.4062-6.7246-6.7266z";

    private static readonly HtmlString ArrowNext = new(
        $"""
        <svg class="govuk-pagination__icon govuk-pagination__icon--next" xmlns="http://www.w3.org/2000/svg"
            height="13" width="15" aria-hidden="true" focusable="false" viewBox="0 0 15 13">
          <path d="{NextPath}"></path>
        </svg>
        """
    );
}

/// <summary>One page number, or an ellipsis.</summary>
public sealed class PaginationItem
{
    public string? Number { get; set; }

    public string? VisuallyHiddenText { get; set; }

    public string? Href { get; set; }

    public bool Current { get; set; }

    public bool Ellipsis { get; set; }

    public TagHelperAttributeList? Attributes { get; set; }

    internal Markup? Render() =>
        Ellipsis
            ? Of($"""<li class="govuk-pagination__item govuk-pagination__item--ellipsis">&ctdot;</li>""")
            : When(
                Number is not null,
                $"""
                <li class="{Join("govuk-pagination__item", Current ? "govuk-pagination__item--current" : null)}">
                  <a class="govuk-link govuk-pagination__link" href="{Href}" aria-label="{VisuallyHiddenText
                    ?? "Page " + Number}"
                      {When(Current, $" aria-current=\"page\"")}{Attributes}>
                    {Number}
                  </a>
                </li>
                """
            );
}

/// <summary>The link to the previous or next page.</summary>
public sealed class PaginationLink
{
    public string? Text { get; set; }

    public IHtmlContent? Html { get; set; }

    public string? LabelText { get; set; }

    public string? Href { get; set; }

    public TagHelperAttributeList? Attributes { get; set; }

    internal Markup? Render(string rel, string word, IHtmlContent arrow, bool isBlock)
    {
        if (string.IsNullOrEmpty(Href))
        {
            return null;
        }

        var previous = rel is "prev";
        var labelled = !string.IsNullOrEmpty(LabelText);
        var decorated = isBlock && !labelled ? "govuk-pagination__link-title--decorated" : null;
        Markup title =
            Html is null && string.IsNullOrEmpty(Text)
                ? $"""{word}<span class="govuk-visually-hidden"> page</span>"""
                : Either(Html, Text);
        return $"""
            <div class="govuk-pagination__{rel}">
              <a class="govuk-link govuk-pagination__link" href="{Href}" rel="{rel}"{Attributes}>
                {(isBlock || previous ? arrow : null)}
                <span class="{Join("govuk-pagination__link-title", decorated)}">
                  {title}
                </span>
                {When(isBlock && labelled, $"""
                  <span class="govuk-visually-hidden">:</span>
                  <span class="govuk-pagination__link-label">{LabelText}</span>
                  """)}
                {(isBlock || previous ? null : arrow)}
              </a>
            </div>
            """;
    }
}
