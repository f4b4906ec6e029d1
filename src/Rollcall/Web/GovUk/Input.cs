using Microsoft.AspNetCore.Razor.TagHelpers;
using static Rollcall.Web.GovUk.Markup;

namespace Rollcall.Web.GovUk;

[HtmlTargetElement("govuk-input")]
public sealed class Input : LabelledField
{
    public string? Type { get; set; }

    public bool? Spellcheck { get; set; }

    public string? Autocomplete { get; set; }

    public string? Autocapitalize { get; set; }

    public string? Pattern { get; set; }

    public string? Inputmode { get; set; }

    public Words? InputWrapper { get; set; }

    public Words? Prefix { get; set; }

    public Words? Suffix { get; set; }

    internal override Markup Render()
    {
        Markup input = $"""
            <input class="{Join("govuk-input", Classes, ErrorMessage is null ? null : "govuk-input--error")}"
                id="{ControlId}" name="{Name}" type="{Or(Type, "text")}"{Attribute("spellcheck", Spellcheck)}
                {Markup.Value(Value)}{When(Disabled, $" disabled")}{Attribute("aria-describedby", Described)}
                {Attribute("autocomplete", Autocomplete)}{Attribute("autocapitalize", Autocapitalize)}
                {Attribute("pattern", Pattern)}{Attribute("inputmode", Inputmode)}{Attributes}>
            """;
        var alone = new[] { Prefix, Suffix, FormGroup?.BeforeInput, FormGroup?.AfterInput }.All(words =>
            words is not { Any: true }
        );
        return LabelledGroup(
            alone
                ? input
                : $"""
                <div class="{Join("govuk-input__wrapper", InputWrapper?.Classes)}"{InputWrapper?.Attributes}>
                  {WithNeighbours($"{Affix(Prefix, "prefix")} {input} {Affix(Suffix, "suffix")}")}
                </div>
                """
        );
    }

    private static Markup? Affix(Words? words, string kind) =>
        words is not { Any: true }
            ? null
            : Of(
                $"""
                <div class="{Join(
                    "govuk-input__" + kind,
                    words.Classes
                )}" aria-hidden="true"{words.Attributes}>{words.Content}</div>
                """
            );
}
