using Microsoft.AspNetCore.Mvc.ViewFeatures;
using Microsoft.AspNetCore.Razor.TagHelpers;
using static Rollcall.Web.GovUk.Markup;

namespace Rollcall.Web.GovUk;

[HtmlTargetElement("govuk-file-upload")]
public sealed class FileUpload : LabelledField
{
    public bool Multiple { get; set; }

    /// <summary>Whether govuk-frontend's JavaScript turns it into a drop zone.</summary>
    public bool Javascript { get; set; }

    public string? WrapperClasses { get; set; }

    [HtmlAttributeNotBound]
    public TagHelperAttributeList? WrapperAttributes { get; set; }

    public string? ChooseFilesButtonText { get; set; }

    public string? NoFileChosenText { get; set; }

    public Dictionary<string, string>? MultipleFilesChosenText { get; set; }

    public string? DropInstructionText { get; set; }

    public string? EnteredDropZoneText { get; set; }

    public string? LeftDropZoneText { get; set; }

    // Browsers do not let a page preselect a file.
    private protected override void Bind(ModelExpression field, string id, object? value) =>
        base.Bind(field, id, value: null);

    internal override Markup Render()
    {
        Markup input = $"""
            <input class="{Join(
                "govuk-file-upload",
                Classes,
                ErrorMessage is null ? null : "govuk-file-upload--error"
            )}"
                id="{ControlId}" name="{Name}" type="file"
                {When(Disabled, $" disabled")}{When(Multiple, $" multiple")}{Attribute(
                "aria-describedby",
                Described
            )}{Attributes}>
            """;
        return LabelledGroup(WithNeighbours(Javascript ? DropZone(input) : input));
    }

    private Markup DropZone(Markup input)
    {
        TagHelperAttributeList messages = [];
        AddMessage(messages, "choose-files-button", ChooseFilesButtonText);
        AddMessage(messages, "no-file-chosen", NoFileChosenText);
        AddMessages(messages, "multiple-files-chosen", MultipleFilesChosenText);
        AddMessage(messages, "drop-instruction", DropInstructionText);
        AddMessage(messages, "entered-drop-zone", EnteredDropZoneText);
        AddMessage(messages, "left-drop-zone", LeftDropZoneText);
        return $"""
            <div class="{Join(
                "govuk-file-upload-wrapper",
                WrapperClasses
            )}" data-module="govuk-file-upload"{messages}{WrapperAttributes}>
              {input}
            </div>
            """;
    }
}
