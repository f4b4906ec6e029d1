using System.Globalization;
using Microsoft.AspNetCore.Html;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.AspNetCore.Mvc.ViewFeatures;
using Microsoft.AspNetCore.Razor.TagHelpers;
using static Rollcall.Web.GovUk.Markup;

namespace Rollcall.Web.GovUk;

/// <summary>Without its own list of errors: the model state's errors, in the order of the model's properties.</summary>
[HtmlTargetElement("govuk-error-summary")]
public sealed class ErrorSummary : Component
{
    [HtmlAttributeNotBound]
    [ViewContext]
    public ViewContext ViewContext { get; set; } = null!;

    [HtmlAttributeName("title")]
    public string? TitleText { get; set; }

    public IHtmlContent? TitleHtml { get; set; }

    public string? DescriptionText { get; set; }

    public IHtmlContent? DescriptionHtml { get; set; }

    public List<ErrorSummaryItem?>? ErrorList { get; set; }

    public bool? DisableAutoFocus { get; set; }

    /// <summary>The link for errors that belong to no field.</summary>
    public string? FallbackHref { get; set; }

    /// <summary>The text of an error. An error that only carries an exception must not show it.</summary>
    internal static string MessageOf(ModelError error) => Or(error.ErrorMessage, "Check this answer");

    internal override Markup Render() =>
        $"""
        <div class="{Join("govuk-error-summary", Classes)}"
            {Attribute("data-disable-auto-focus", DisableAutoFocus)}{Attributes}
            data-module="govuk-error-summary">
          <div role="alert">
            <h2 class="govuk-error-summary__title">
              {Either(TitleHtml, TitleText)}
            </h2>
            <div class="govuk-error-summary__body">
              {When(Any(DescriptionHtml, DescriptionText), $"<p>{Either(DescriptionHtml, DescriptionText)}</p>")}
              {When(ErrorList is [_, ..], $"""
                <ul class="govuk-list govuk-error-summary__list">
                  {Each(ErrorList, (error, _) => error.Render())}
                </ul>
                """)}
            </div>
          </div>
        </div>
        """;

    private protected override void Fill(TagHelperContent content) => DescriptionHtml = content;

    private protected override bool Prepare()
    {
        TitleText ??= "There is a problem";
        ErrorList ??= [.. FromModelState()];
        return ErrorList.Count > 0;
    }

    private IEnumerable<ErrorSummaryItem> FromModelState() =>
        from entry in ViewContext.ViewData.ModelState.OrderBy(
            entry => Place(entry.Key, ViewContext.ViewData.ModelMetadata),
            Comparer<int[]>.Create(Compare)
        )
        from error in entry.Value?.Errors ?? []
        select new ErrorSummaryItem
        {
            Text = MessageOf(error),
            Href = entry.Key.Length > 0 ? "#" + Field.IdOf(entry.Key) : FallbackHref,
        };

    /// <summary>
    /// Where a key such as <c>Input.Lines[2].Email</c> comes in the declared order of the model's properties.
    /// </summary>
    private static int[] Place(string key, ModelMetadata? model)
    {
        var path = new List<int>();
        foreach (var step in key.Split(['.', '[', ']'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
            {
                path.Add(index);
                model = model?.ElementMetadata;
                continue;
            }

            // A form that is a part of the page model, rendered by a partial, names its fields without the part's name.
            var (position, property) =
                model
                    ?.Properties.Concat(model.Properties.SelectMany(part => part.Properties))
                    .Index()
                    .FirstOrDefault(p => Is(p.Item, step))
                ?? default;
            path.Add(property is null ? int.MaxValue : position);
            model = property;
        }

        return [.. path];
    }

    private static bool Is(ModelMetadata property, string name) =>
        string.Equals(property.PropertyName, name, StringComparison.OrdinalIgnoreCase)
        || string.Equals(property.BinderModelName, name, StringComparison.OrdinalIgnoreCase);

    private static int Compare(int[] one, int[] other) => one.AsSpan().SequenceCompareTo(other);
}

/// <summary>One error; without href, it is not a link.</summary>
public sealed class ErrorSummaryItem
{
    public string? Text { get; set; }

    public IHtmlContent? Html { get; set; }

    public string? Href { get; set; }

    public TagHelperAttributeList? Attributes { get; set; }

    internal Markup Render()
    {
        var content = Either(Html, Text);
        var link = string.IsNullOrEmpty(Href) ? content : Of($"<a href=\"{Href}\"{Attributes}>{content}</a>");
        return $"<li>{link}</li>";
    }
}
