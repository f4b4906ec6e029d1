using Microsoft.AspNetCore.Razor.TagHelpers;
using static Rollcall.Web.GovUk.Markup;

namespace Rollcall.Web.GovUk;

[HtmlTargetElement("govuk-character-count")]
public sealed class CharacterCount : LabelledField
{
    public int? Rows { get; set; }

    public bool? Spellcheck { get; set; }

    public int? Maxlength { get; set; }

    public int? Maxwords { get; set; }

    public int? Threshold { get; set; }

    public string? CountType { get; set; }

    public Words? CountMessage { get; set; }

    public string? TextareaDescriptionText { get; set; }

    public Dictionary<string, string>? CharactersUnderLimitText { get; set; }

    public string? CharactersAtLimitText { get; set; }

    public Dictionary<string, string>? CharactersOverLimitText { get; set; }

    public Dictionary<string, string>? WordsUnderLimitText { get; set; }

    public string? WordsAtLimitText { get; set; }

    public Dictionary<string, string>? WordsOverLimitText { get; set; }

    internal override Markup Render()
    {
        var countType = Or(CountType, Maxwords > 0 ? "words" : "");
        var limit =
            Maxwords > 0 ? Maxwords
            : Maxlength > 0 ? Maxlength
            : null;
        var unit = countType is "words" ? "words" : "characters";
        var description = Or(TextareaDescriptionText, "You can enter up to %{count} " + unit);
        var message = new Hint
        {
            Text = limit is null ? "" : description.Replace("%{count}", $"{limit}", StringComparison.Ordinal),
        };
        var messageId = ControlId + "-info";
        var messageClasses = Join("govuk-character-count__message", CountMessage?.Classes);

        return new Textarea
        {
            Id = ControlId,
            Name = Name,
            DescribedBy = messageId,
            Rows = Rows,
            Spellcheck = Spellcheck,
            Value = Value,
            FormGroup = new FormGroup
            {
                Classes = Join("govuk-character-count", FormGroup?.Classes),
                Attributes = GroupAttributes(countType, hasLimit: limit is not null),
                BeforeInput = FormGroup?.BeforeInput,
                AfterInput = new Words
                {
                    Html = Of($"{message.Render(messageId, messageClasses)} {FormGroup?.AfterInput?.Content}"),
                },
            },
            Classes = Join("govuk-js-character-count", Classes),
            Label = Label,
            Hint = Hint,
            ErrorMessage = ErrorMessage,
            Disabled = Disabled,
            Attributes = Attributes,
        }.Render();
    }

    private TagHelperAttributeList GroupAttributes(string countType, bool hasLimit)
    {
        TagHelperAttributeList attributes = [new("data-module", "govuk-character-count")];
        if (Maxlength is not null)
        {
            attributes.Add("data-maxlength", Maxlength);
        }

        if (Maxwords is not null)
        {
            attributes.Add("data-maxwords", Maxwords);
        }

        if (Threshold is not null)
        {
            attributes.Add("data-threshold", Threshold);
        }

        if (countType.Length > 0)
        {
            attributes.Add("data-count-type", countType);
        }
        // Without a limit here, a script sets one, and fills in the description then.
        if (!hasLimit)
        {
            AddMessage(attributes, "textarea-description.other", TextareaDescriptionText);
        }

        AddMessages(attributes, "characters-under-limit", CharactersUnderLimitText);
        AddMessage(attributes, "characters-at-limit", CharactersAtLimitText);
        AddMessages(attributes, "characters-over-limit", CharactersOverLimitText);
        AddMessages(attributes, "words-under-limit", WordsUnderLimitText);
        AddMessage(attributes, "words-at-limit", WordsAtLimitText);
        AddMessages(attributes, "words-over-limit", WordsOverLimitText);
        foreach (var attribute in FormGroup?.Attributes ?? [])
        {
            attributes.Add(attribute);
        }

        return attributes;
    }
}
