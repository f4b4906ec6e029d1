using Microsoft.AspNetCore.Razor.TagHelpers;
using static Rollcall.Web.GovUk.Markup;

namespace Rollcall.Web.GovUk;

[HtmlTargetElement("govuk-textarea")]
public sealed class Textarea : LabelledField
{
    public int? Rows { get; set; }

    public bool? Spellcheck { get; set; }

    public string? Autocomplete { get; set; }

    // HTML drops one line break after the opening tag: this one, instead of one that a person typed.
    internal override Markup Render() =>
        LabelledGroup(
            WithNeighbours(
                $"""
                <textarea class="{Join(
                    "govuk-textarea",
                    ErrorMessage is null ? null : "govuk-textarea--error",
                    Classes
                )}"
                    id="{ControlId}" name="{Name}" rows="{Rows ?? 5}"{Attribute("spellcheck", Spellcheck)}
                    {When(Disabled, $" disabled")}{Attribute("aria-describedby", Described)}{Attribute(
                    "autocomplete",
                    Autocomplete
                )}{Attributes}>
                {Value}</textarea>
                """
            )
        );
}
