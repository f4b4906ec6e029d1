using Microsoft.AspNetCore.Html;
using Microsoft.AspNetCore.Razor.TagHelpers;
using static Rollcall.Web.GovUk.Markup;

namespace Rollcall.Web.GovUk;

[HtmlTargetElement("govuk-task-list")]
public sealed class TaskList : Component
{
    public string? IdPrefix { get; set; }

    public List<TaskItem?> Items { get; set; } = [];

    internal override Markup Render() =>
        $"""
            <ul class="{Join("govuk-task-list", Classes)}"{Attributes}>
              {Each(Items, (item, number) => item.Render($"{Or(IdPrefix, "task-list")}-{number}"))}
            </ul>
            """;
}

/// <summary>One task: a status of plain words when nothing is left to do, a tag when something is.</summary>
[HtmlTargetElement("govuk-task")]
public sealed class TaskItem : Part<TaskList>
{
    public string? Href { get; set; }

    [HtmlAttributeNotBound]
    public Words? Title { get; set; }

    [HtmlAttributeName("title")]
    public string? TitleText
    {
        get => Title?.Text;
        set => Title = new Words { Text = value };
    }

    [HtmlAttributeNotBound]
    public Words? Hint { get; set; }

    [HtmlAttributeName("hint")]
    public string? HintText
    {
        get => Hint?.Text;
        set => Hint = string.IsNullOrEmpty(value) ? null : new Words { Text = value };
    }

    [HtmlAttributeNotBound]
    public TaskStatus? Status { get; set; }

    [HtmlAttributeName("status")]
    public string? StatusText
    {
        get => Status?.Text;
        set => (Status ??= new TaskStatus()).Text = value;
    }

    public string? StatusTag
    {
        get => Status?.Tag?.Text;
        set => StatusTagOrNew.Text = value;
    }

    public string? StatusTagClasses
    {
        get => Status?.Tag?.Classes;
        set => StatusTagOrNew.Classes = value;
    }

    private Tag StatusTagOrNew => (Status ??= new TaskStatus()).Tag ??= new Tag();

    internal Markup Render(string id) =>
        $"""
            <li class="{Join(
                "govuk-task-list__item",
                string.IsNullOrEmpty(Href) ? null : "govuk-task-list__item--with-link",
                Classes
            )}"
                {Attributes}>
              <div class="govuk-task-list__name-and-hint">
                {RenderTitle(id)}
                {When(Hint is not null, $"""<div id="{id}-hint" class="govuk-task-list__hint">{Hint?.Content}</div>""")}
              </div>
              <div class="{Join("govuk-task-list__status", Status?.Classes)}" id="{id}-status">
                {Status?.Render()}
              </div>
            </li>
            """;

    private Markup RenderTitle(string id) =>
        string.IsNullOrEmpty(Href)
            ? Of($"""<div{Attribute("class", Title?.Classes)}>{Title?.Content}</div>""")
            : $"""
                <a class="{Join("govuk-link govuk-task-list__link", Title?.Classes)}" href="{Href}"
                    aria-describedby="{Join(Hint is null ? null : id + "-hint", id + "-status")}">
                  {Title?.Content}
                </a>
                """;

    private protected override void AddTo(TaskList parent) => parent.Items.Add(this);
}

/// <summary>How far a task is.</summary>
public sealed class TaskStatus
{
    public Tag? Tag { get; set; }

    public string? Text { get; set; }

    public IHtmlContent? Html { get; set; }

    public string? Classes { get; set; }

    internal Markup Render() => Tag?.Render() ?? Either(Html, Text);
}
