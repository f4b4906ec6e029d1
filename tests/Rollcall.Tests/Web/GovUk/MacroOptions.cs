using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Html;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace Rollcall.Tests.Web.GovUk;

/// <summary>
/// Gives a component the options of a Nunjucks macro: each by its own name, by the type of the property and nothing
/// else. What Nunjucks takes for absent (null, false, "") is null, except where text is wanted. An option that the
/// component does not have is an error.
/// </summary>
internal static class MacroOptions
{
    public static object? Read(Type type, JsonElement json)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (json.ValueKind is JsonValueKind.Null)
        {
            return null;
        }

        if (type == typeof(string))
        {
            return Text(json);
        }

        if (type == typeof(bool))
        {
            return json.GetBoolean();
        }

        if (type == typeof(int))
        {
            return int.Parse(Text(json), CultureInfo.InvariantCulture);
        }

        if (json.ValueKind is JsonValueKind.False || (json.ValueKind is JsonValueKind.String && Text(json).Length == 0))
        {
            return null;
        }

        if (type == typeof(IHtmlContent))
        {
            return new HtmlString(json.GetString());
        }

        if (type == typeof(TagHelperAttributeList))
        {
            return Attributes(json);
        }

        if (type == typeof(Dictionary<string, string>))
        {
            return json.EnumerateObject().ToDictionary(p => p.Name, p => Text(p.Value), StringComparer.Ordinal);
        }

        var made = Activator.CreateInstance(type)!;
        if (made is IList list)
        {
            foreach (var item in json.EnumerateArray())
            {
                list.Add(Read(type.GetGenericArguments()[0], item));
            }

            return made;
        }

        // Where a macro takes HTML or an object with HTML in it, the string is short for that object.
        if (json.ValueKind is JsonValueKind.String)
        {
            Property(type, "html").SetValue(made, new HtmlString(json.GetString()));
        }
        else
        {
            foreach (var option in json.EnumerateObject())
            {
                Set(made, option);
            }
        }

        return made;
    }

    private static void Set(object component, JsonProperty option)
    {
        var property = Property(component.GetType(), option.Name);
        property.SetValue(component, Read(property.PropertyType, option.Value));
    }

    private static PropertyInfo Property(Type type, string option) =>
        type.GetProperty(char.ToUpperInvariant(option[0]) + option[1..])
        ?? throw new InvalidOperationException($"{type.Name} has no option {option}.");

    private static string Text(JsonElement json) =>
        json.ValueKind switch
        {
            JsonValueKind.True => "true",
            JsonValueKind.False => "false",
            _ => json.ToString(),
        };

    private static TagHelperAttributeList Attributes(JsonElement json)
    {
        var attributes = new TagHelperAttributeList();
        foreach (var attribute in json.EnumerateObject())
        {
            attributes.Add(attribute.Name, Text(attribute.Value));
        }

        return attributes;
    }
}
