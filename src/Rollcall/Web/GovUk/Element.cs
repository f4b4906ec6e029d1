using System.Net;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Html;
using Microsoft.AspNetCore.Razor.TagHelpers;
using static Rollcall.Web.GovUk.Markup;

namespace Rollcall.Web.GovUk;

/// <summary>A tag that stands for a GOV.UK component or a part of one.</summary>
public abstract class Element : TagHelper
{
    public string? Classes { get; set; }

    /// <summary>Attributes for the rendered element: those on the tag that are not options.</summary>
    [HtmlAttributeNotBound]
    public TagHelperAttributeList? Attributes { get; set; }

    /// <inheritdoc/>
    public override async Task ProcessAsync(TagHelperContext context, TagHelperOutput output)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(output);

        // A part finds the element that it belongs to by its type or a base type.
        for (var type = GetType(); type is not null && type != typeof(TagHelper); type = type.BaseType)
        {
            context.Items[type] = this;
        }

        if (output.Attributes.Count > 0)
        {
            Attributes = [.. output.Attributes];
        }

        var content = await output.GetChildContentAsync();
        if (!content.IsEmptyOrWhiteSpace)
        {
            Fill(content);
        }

        output.TagName = null;
        Close(context, output);
    }

    /// <summary>Takes the content between the tags, already encoded.</summary>
    private protected virtual void Fill(TagHelperContent content) { }

    private protected abstract void Close(TagHelperContext context, TagHelperOutput output);

    /// <summary>For options that the macros know as text only, which are encoded again when rendered.</summary>
    private protected static string TextOf(TagHelperContent content) =>
        WebUtility.HtmlDecode(content.GetContent()).Trim();
}

/// <summary>An element that renders itself.</summary>
public abstract class Component : Element, IHtmlContent
{
    internal abstract Markup Render();

    /// <inheritdoc/>
    public void WriteTo(TextWriter writer, HtmlEncoder encoder) => Render().WriteTo(writer, encoder);

    /// <summary>Fills in what follows from the page; false if there is nothing to show.</summary>
    private protected virtual bool Prepare() => true;

    private protected sealed override void Close(TagHelperContext context, TagHelperOutput output)
    {
        if (Prepare())
        {
            output.Content.SetHtmlContent(Render());
        }
        else
        {
            output.SuppressOutput();
        }
    }
}

/// <summary>A component that contains text.</summary>
public abstract class TextComponent : Component
{
    public string? Text { get; set; }

    public IHtmlContent? Html { get; set; }

    internal Markup Content => Either(Html, Text);

    private protected override void Fill(TagHelperContent content) => Html = content;
}

/// <summary>A part that its parent renders.</summary>
public abstract class Part<TParent> : Element
    where TParent : Element
{
    private protected abstract void AddTo(TParent parent);

    private protected sealed override void Close(TagHelperContext context, TagHelperOutput output)
    {
        if (!context.Items.TryGetValue(typeof(TParent), out var parent))
        {
            throw new InvalidOperationException(
                $"<{context.TagName}> stands outside the element it belongs to ({typeof(TParent).Name})."
            );
        }

        AddTo((TParent)parent);
        output.SuppressOutput();
    }
}

/// <summary>A part that contains text.</summary>
public abstract class TextPart<TParent> : Part<TParent>
    where TParent : Element
{
    public string? Text { get; set; }

    public IHtmlContent? Html { get; set; }

    internal Markup Content => Either(Html, Text);

    private protected override void Fill(TagHelperContent content) => Html = content;
}

/// <summary>Text inside a component, as the macros take it in many places.</summary>
public sealed class Words
{
    public string? Text { get; set; }

    public IHtmlContent? Html { get; set; }

    public string? Classes { get; set; }

    public TagHelperAttributeList? Attributes { get; set; }

    /// <summary>For a legend: whether it is also the page's heading.</summary>
    public bool IsPageHeading { get; set; }

    /// <summary>For a card's title.</summary>
    public int? HeadingLevel { get; set; }

    internal Markup Content => Either(Html, Text);

    internal bool Any => Any(Html, Text);
}
