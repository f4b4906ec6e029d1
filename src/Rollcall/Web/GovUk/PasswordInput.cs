using Microsoft.AspNetCore.Mvc.ViewFeatures;
using Microsoft.AspNetCore.Razor.TagHelpers;
using static Rollcall.Web.GovUk.Markup;

namespace Rollcall.Web.GovUk;

[HtmlTargetElement("govuk-password-input")]
public sealed class PasswordInput : LabelledField
{
    public string? Autocomplete { get; set; }

    public Words? Button { get; set; }

    public string? ShowPasswordText { get; set; }

    public string? HidePasswordText { get; set; }

    public string? ShowPasswordAriaLabelText { get; set; }

    public string? HidePasswordAriaLabelText { get; set; }

    public string? PasswordShownAnnouncementText { get; set; }

    public string? PasswordHiddenAnnouncementText { get; set; }

    // A submitted password is never sent back.
    private protected override void Bind(ModelExpression field, string id, object? value) =>
        base.Bind(field, id, value: null);

    internal override Markup Render()
    {
        TagHelperAttributeList group = [new("data-module", "govuk-password-input")];
        AddMessage(group, "show-password", ShowPasswordText);
        AddMessage(group, "hide-password", HidePasswordText);
        AddMessage(group, "show-password-aria-label", ShowPasswordAriaLabelText);
        AddMessage(group, "hide-password-aria-label", HidePasswordAriaLabelText);
        AddMessage(group, "password-shown-announcement", PasswordShownAnnouncementText);
        AddMessage(group, "password-hidden-announcement", PasswordHiddenAnnouncementText);
        foreach (var attribute in FormGroup?.Attributes ?? [])
        {
            group.Add(attribute);
        }

        var toggle = new Button
        {
            Type = "button",
            Classes = Join(
                "govuk-button--secondary govuk-password-input__toggle govuk-js-password-input-toggle",
                Button?.Classes
            ),
            Text = ShowPasswordText ?? "Show",
            Attributes =
            [
                new("aria-controls", ControlId),
                new("aria-label", ShowPasswordAriaLabelText ?? "Show password"),
                new("hidden"),
            ],
        };
        return new Input
        {
            FormGroup = new FormGroup
            {
                Classes = Join("govuk-password-input", FormGroup?.Classes),
                Attributes = group,
                BeforeInput = FormGroup?.BeforeInput,
                AfterInput = new Words { Html = Of($"{toggle} {FormGroup?.AfterInput?.Content}") },
            },
            InputWrapper = new Words { Classes = "govuk-password-input__wrapper" },
            Label = Label,
            Hint = Hint,
            ErrorMessage = ErrorMessage,
            Classes = Join("govuk-password-input__input govuk-js-password-input-input", Classes),
            Id = ControlId,
            Name = Name,
            Type = "password",
            Spellcheck = false,
            Autocapitalize = "none",
            Autocomplete = Or(Autocomplete, "current-password"),
            Value = Value,
            Disabled = Disabled,
            DescribedBy = DescribedBy,
            Attributes = Attributes,
        }.Render();
    }
}
