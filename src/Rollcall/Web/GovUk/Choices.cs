using Microsoft.AspNetCore.Mvc.ViewFeatures;
using Microsoft.AspNetCore.Razor.TagHelpers;
using static Rollcall.Web.GovUk.Markup;

namespace Rollcall.Web.GovUk;

[HtmlTargetElement("govuk-radios")]
public sealed class Radios : Choices
{
    internal override string Kind => "radios";

    internal override string InputType => "radio";

    internal override bool Chooses(string? value) =>
        !string.IsNullOrEmpty(Value) && string.Equals(value, Value, StringComparison.Ordinal);

    private protected override void Choose(IEnumerable<string> values) => Value ??= values.FirstOrDefault();
}

[HtmlTargetElement("govuk-checkboxes")]
public sealed class Checkboxes : Choices
{
    public List<string?>? Values { get; set; }

    internal override string Kind => "checkboxes";

    internal override string InputType => "checkbox";

    internal override bool Chooses(string? value) => Values?.Contains(value, StringComparer.Ordinal) is true;

    private protected override void Choose(IEnumerable<string> values) => Values ??= [.. values];
}

/// <summary>A question with a list of answers.</summary>
public abstract class Choices : Field
{
    public string? IdPrefix { get; set; }

    public List<Choice?> Items { get; set; } = [];

    public Fieldset? Fieldset { get; set; }

    [HtmlAttributeName("legend")]
    public string? LegendText
    {
        get => Fieldset?.LegendText;
        set => (Fieldset ??= new Fieldset()).LegendText = value;
    }

    public string? LegendClasses
    {
        get => Fieldset?.LegendClasses;
        set => (Fieldset ??= new Fieldset()).LegendClasses = value;
    }

    public bool LegendIsPageHeading
    {
        get => Fieldset?.LegendIsPageHeading is true;
        set => (Fieldset ??= new Fieldset()).LegendIsPageHeading = value;
    }

    internal abstract string Kind { get; }

    internal abstract string InputType { get; }

    internal string? Prefix => string.IsNullOrEmpty(IdPrefix) ? Name : IdPrefix;

    internal abstract bool Chooses(string? value);

    private protected abstract void Choose(IEnumerable<string> values);

    private protected override void Bind(ModelExpression field, string id, object? value)
    {
        IdPrefix ??= id;
        // A single checkbox needs no legend; a display name on the property asks for one.
        if (field.Metadata.DisplayName is { } name)
        {
            LegendText ??= name;
        }

        Choose(Sent(value));
    }

    internal override Markup Render()
    {
        var described = Describing(Prefix, Or(Fieldset?.DescribedBy, DescribedBy ?? ""));
        // A single checkbox can be the whole question. Without a fieldset, nothing else would read out the hint and the
        // error.
        var describedEach = Fieldset is null && InputType is "checkbox" ? described : "";
        Markup inside = $"""
            {HintAndError(Prefix)}
            <div class="{Join("govuk-" + Kind, Classes)}"{Attributes} data-module="govuk-{Kind}">
              {FormGroup?.BeforeInputs?.Content}
              {Each(Items, (item, number) => item.Render(this, number, describedEach))}
              {FormGroup?.AfterInputs?.Content}
            </div>
            """;
        return Group(Fieldset is null ? inside : Fieldset.Render(described, inside));
    }
}

/// <summary>One answer, or a divider between answers.</summary>
[HtmlTargetElement("govuk-radio")]
[HtmlTargetElement("govuk-checkbox")]
public sealed class Choice : TextPart<Choices>
{
    public string? Id { get; set; }

    public string? Name { get; set; }

    public string? Value { get; set; }

    public bool? Checked { get; set; }

    public bool Disabled { get; set; }

    [HtmlAttributeNotBound]
    public Label? Label { get; set; }

    [HtmlAttributeNotBound]
    public Hint? Hint { get; set; }

    [HtmlAttributeName("hint")]
    public string? HintText
    {
        get => Hint?.Text;
        set => Hint = new Hint { Text = value };
    }

    [HtmlAttributeNotBound]
    public Words? Conditional { get; set; }

    public string? Divider { get; set; }

    /// <summary>"exclusive" for a checkbox that unticks the others.</summary>
    public string? Behaviour { get; set; }

    internal Markup Render(Choices of, int number, string describedBy)
    {
        if (!string.IsNullOrEmpty(Divider))
        {
            return $"""<div class="govuk-{of.Kind}__divider">{Divider}</div>""";
        }

        var id = Or(Id, number > 1 ? $"{of.Prefix}-{number}" : of.Prefix ?? "");
        var chosen = Checked ?? of.Chooses(Value);
        var hint = Hint is { Html: null, Text: null or "" } ? null : Hint;
        var hintId = id + "-item-hint";
        var label = new Label
        {
            Text = Text,
            Html = Html,
            Attributes = Label?.Attributes,
        };
        return $"""
            <div class="govuk-{of.Kind}__item">
              <input class="govuk-{of.Kind}__input" id="{id}" name="{Or(Name, of.Name ?? "")}"
                  type="{of.InputType}" value="{Value}"
                  {When(chosen, $" checked")}{When(Disabled, $" disabled")}{Attribute("data-behaviour", Behaviour)}
                  {When(Conditional?.Html is not null, $" data-aria-controls=\"conditional-{id}\"")}
                  {Attribute("aria-describedby", Join(describedBy, hint is null ? null : hintId))}{Attributes}>
              {label.Render(id, Join($"govuk-{of.Kind}__label", Label?.Classes))}
              {hint?.Render(hintId, Join($"govuk-{of.Kind}__hint", hint.Classes))}
            </div>
            {When(Conditional?.Html is not null, $"""
                <div id="conditional-{id}"
                    class="govuk-{of.Kind}__conditional{(chosen ? "" : $" govuk-{of.Kind}__conditional--hidden")}">
                  {Conditional?.Html}
                </div>
                """)}
            """;
    }

    private protected override void AddTo(Choices parent) => parent.Items.Add(this);
}

/// <summary>A word between answers, usually "or".</summary>
[HtmlTargetElement("govuk-radio-divider")]
[HtmlTargetElement("govuk-checkbox-divider")]
public sealed class ChoiceDivider : Part<Choices>
{
    private string words = "";

    private protected override void Fill(TagHelperContent content) => words = TextOf(content);

    private protected override void AddTo(Choices parent) => parent.Items.Add(new Choice { Divider = words });
}

/// <summary>Questions asked only of people who choose the answer around them.</summary>
[HtmlTargetElement("govuk-conditional")]
public sealed class ChoiceConditional : Part<Choice>
{
    private TagHelperContent? html;

    private protected override void Fill(TagHelperContent content) => html = content;

    private protected override void AddTo(Choice parent) => parent.Conditional = new Words { Html = html };
}
