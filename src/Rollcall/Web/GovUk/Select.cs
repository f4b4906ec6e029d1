using Microsoft.AspNetCore.Razor.TagHelpers;
using static Rollcall.Web.GovUk.Markup;

namespace Rollcall.Web.GovUk;

[HtmlTargetElement("govuk-select")]
public sealed class Select : LabelledField
{
    public List<Option?> Items { get; set; } = [];

    internal override Markup Render() =>
        LabelledGroup(
            WithNeighbours(
                $"""
                <select class="{Join(
                    "govuk-select",
                    Classes,
                    ErrorMessage is null ? null : "govuk-select--error"
                )}" id="{ControlId}"
                    name="{Name}"{When(Disabled, $" disabled")}{Attribute("aria-describedby", Described)}{Attributes}>
                  {Each(Items, (item, _) => item.Render(Value))}
                </select>
                """
            )
        );
}

/// <summary>One answer to choose; without a value, its text is its value.</summary>
[HtmlTargetElement("govuk-option")]
public sealed class Option : Part<Select>
{
    public string? Text { get; set; }

    public string? Value { get; set; }

    public bool? Selected { get; set; }

    public bool Disabled { get; set; }

    internal Markup Render(string? chosen)
    {
        var selected =
            Selected
            ?? (!string.IsNullOrEmpty(chosen) && string.Equals(Value ?? Text, chosen, StringComparison.Ordinal));
        return $"<option{Markup.Value(Value)}{When(selected, $" selected")}{When(Disabled, $" disabled")}{Attributes}>{Text}</option>";
    }

    private protected override void Fill(TagHelperContent content) => Text = TextOf(content);

    private protected override void AddTo(Select parent) => parent.Items.Add(this);
}
