using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Html;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace Rollcall.Web.GovUk;

/// <summary>
/// HTML written as an interpolated string. Literal parts are markup; every inserted string is encoded as text.
/// </summary>
[InterpolatedStringHandler]
internal sealed class Markup : IHtmlContent
{
    private readonly HtmlContentBuilder content;

    public Markup(int literalLength, int formattedCount) => content = new HtmlContentBuilder((formattedCount * 2) + 1);

    // The compiler calls this one for When: if proceed is false, it evaluates none of the holes.
    public Markup(int literalLength, int formattedCount, bool condition, out bool proceed)
        : this(literalLength, formattedCount) => proceed = condition;

    public void AppendLiteral(string html) => content.AppendHtml(html);

    public void AppendFormatted(string? text) => content.Append(text);

    public void AppendFormatted(int? number) => content.Append(number?.ToString(CultureInfo.InvariantCulture));

    public void AppendFormatted(IHtmlContent? html) => content.AppendHtml(html);

    public void AppendFormatted(TagHelperAttributeList? attributes)
    {
        foreach (var attribute in attributes ?? [])
        {
            content.AppendHtml(" ").AppendHtml(attribute);
        }
    }

    public void WriteTo(TextWriter writer, HtmlEncoder encoder) => content.WriteTo(writer, encoder);

    public static Markup Of(Markup html) => html;

    public static Markup? When(bool condition, [InterpolatedStringHandlerArgument(nameof(condition))] Markup html) =>
        condition ? html : null;

    /// <summary>
    /// Markup for every item. Empty items are left out but counted, as in the macros; the count starts at 1.
    /// </summary>
    public static IHtmlContent Each<T>(IEnumerable<T?>? items, Func<T, int, Markup?> write)
        where T : class
    {
        var all = new HtmlContentBuilder();
        foreach (var (index, item) in (items ?? []).Index())
        {
            if (item is not null)
            {
                all.AppendHtml(write(item, index + 1));
            }
        }

        return all;
    }

    /// <summary>The attribute, if its value is not empty.</summary>
    public static Markup? Attribute(string name, string? value) =>
        When(!string.IsNullOrEmpty(value), $" {name}=\"{value}\"");

    public static Markup? Attribute(string name, bool? value) => Attribute(name, TrueOrFalse(value));

    public static Markup? Attribute(string name, int? value) =>
        When(value is not null and not 0, $" {name}=\"{value}\"");

    /// <summary>The value attribute, also if it is empty.</summary>
    public static Markup? Value(string? value) => When(value is not null, $" value=\"{value}\"");

    public static bool Any(IHtmlContent? html, string? text) => html is not null || !string.IsNullOrEmpty(text);

    /// <summary>The html if given, otherwise the text.</summary>
    public static Markup Either(IHtmlContent? html, string? text) => html is null ? Of($"{text}") : Of($"{html}");

    /// <summary>Joins class names or IDs to one attribute value.</summary>
    public static string Join(params ReadOnlySpan<string?> words)
    {
        var joined = "";
        foreach (var word in words)
        {
            if (!string.IsNullOrEmpty(word))
            {
                joined = joined.Length == 0 ? word : joined + " " + word;
            }
        }

        return joined;
    }

    public static string Or(string? value, string otherwise) => string.IsNullOrEmpty(value) ? otherwise : value;

    public static string? TrueOrFalse(bool? value) =>
        value switch
        {
            null => null,
            true => "true",
            false => "false",
        };

    /// <summary>Adds a message for govuk-frontend's JavaScript.</summary>
    public static void AddMessage(TagHelperAttributeList attributes, string key, string? message)
    {
        if (!string.IsNullOrEmpty(message))
        {
            attributes.Add($"data-i18n.{key}", message);
        }
    }

    public static void AddMessages(TagHelperAttributeList attributes, string key, Dictionary<string, string>? byPlural)
    {
        foreach (var (plural, message) in byPlural ?? [])
        {
            attributes.Add($"data-i18n.{key}.{plural}", message);
        }
    }
}
