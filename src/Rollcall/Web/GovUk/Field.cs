using System.Collections;
using System.Globalization;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.AspNetCore.Mvc.ViewFeatures;
using Microsoft.AspNetCore.Razor.TagHelpers;
using static Rollcall.Web.GovUk.Markup;

namespace Rollcall.Web.GovUk;

/// <summary>
/// A form field. With "for", it takes its name, ID, value and error from the page's model and model state.
/// </summary>
public abstract class Field : Component
{
    public ModelExpression? For { get; set; }

    [HtmlAttributeNotBound]
    [ViewContext]
    public ViewContext ViewContext { get; set; } = null!;

    public string? Name { get; set; }

    public string? Value { get; set; }

    public string? DescribedBy { get; set; }

    [HtmlAttributeNotBound]
    public Hint? Hint { get; set; }

    [HtmlAttributeName("hint")]
    public string? HintText
    {
        get => Hint?.Text;
        set => Hint = string.IsNullOrEmpty(value) ? null : new Hint { Text = value };
    }

    public ErrorMessage? ErrorMessage { get; set; }

    public FormGroup? FormGroup { get; set; }

    /// <summary>The control's ID for a model state key, which the error summary links to.</summary>
    internal static string IdOf(string key) => TagBuilder.CreateSanitizedId(key, "_");

    private protected override bool Prepare()
    {
        if (For is null)
        {
            return true;
        }

        var key = ViewContext.ViewData.TemplateInfo.GetFullHtmlFieldName(For.Name);
        var state = ViewContext.ViewData.ModelState[key];
        Name ??= key;
        if (state?.Errors is [var error, ..])
        {
            ErrorMessage ??= new ErrorMessage { Text = ErrorSummary.MessageOf(error) };
        }

        Bind(For, IdOf(key), state?.RawValue ?? For.Model);
        return true;
    }

    /// <param name="field">The property.</param>
    /// <param name="id">The control's ID.</param>
    /// <param name="value">The submitted value if the form was submitted, otherwise the model's.</param>
    private protected abstract void Bind(ModelExpression field, string id, object? value);

    /// <summary>Values as a form submits them.</summary>
    private protected static IEnumerable<string> Sent(object? value) =>
        value switch
        {
            null => [],
            string text => [text],
            bool choice => [choice ? "true" : "false"],
            IEnumerable several => several.Cast<object?>().SelectMany(Sent),
            _ => [Convert.ToString(value, CultureInfo.CurrentCulture) ?? ""],
        };

    /// <summary>The IDs of everything that explains the field, for aria-describedby.</summary>
    private protected string Describing(string? id, string? describedBy) =>
        Join(describedBy, Hint is null ? null : id + "-hint", ErrorMessage is null ? null : id + "-error");

    private protected Markup HintAndError(string? id) =>
        $"{Hint?.Render(id + "-hint", Hint.Classes)} {ErrorMessage?.Render(id + "-error")} ";

    private protected Markup Group(Markup inside) =>
        $"""
            <div class="{Join(
                "govuk-form-group",
                ErrorMessage is null ? null : "govuk-form-group--error",
                FormGroup?.Classes
            )}"
                {FormGroup?.Attributes}>
              {inside}
            </div>
            """;
}

/// <summary>A field with one control and a label.</summary>
public abstract class LabelledField : Field
{
    public string? Id { get; set; }

    [HtmlAttributeNotBound]
    public Label? Label { get; set; }

    [HtmlAttributeName("label")]
    public string? LabelText
    {
        get => Label?.Text;
        set => (Label ??= new Label()).Text = value;
    }

    public string? LabelClasses
    {
        get => Label?.Classes;
        set => (Label ??= new Label()).Classes = value;
    }

    public bool LabelIsPageHeading
    {
        get => Label?.IsPageHeading is true;
        set => (Label ??= new Label()).IsPageHeading = value;
    }

    public bool Disabled { get; set; }

    private protected string? ControlId => string.IsNullOrEmpty(Id) ? Name : Id;

    private protected string Described => Describing(ControlId, DescribedBy);

    private protected override void Bind(ModelExpression field, string id, object? value)
    {
        Id ??= id;
        LabelText ??= field.Metadata.GetDisplayName();
        Value ??= Sent(value).FirstOrDefault();
    }

    private protected Markup LabelledGroup(Markup control) =>
        Group($"{Label?.Render(ControlId, Label.Classes)} {HintAndError(ControlId)}{control}");

    private protected Markup WithNeighbours(Markup control) =>
        $"{FormGroup?.BeforeInput?.Content} {control} {FormGroup?.AfterInput?.Content}";
}

/// <summary>The element around a field.</summary>
public sealed class FormGroup
{
    public string? Classes { get; set; }

    public TagHelperAttributeList? Attributes { get; set; }

    public Words? BeforeInput { get; set; }

    public Words? AfterInput { get; set; }

    public Words? BeforeInputs { get; set; }

    public Words? AfterInputs { get; set; }
}
