using System.Collections;
using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Razor.TagHelpers;
using Rollcall.Web.GovUk;

namespace Rollcall.Tests.Web.GovUk;

/// <summary>Text is text wherever a component takes it: in every option of every fixture at once.</summary>
public sealed class EncodingTests
{
    // No spaces: class names would come apart. Both sort before any other class name.
    private const string Harmless = "!harmless";
    private const string Hostile = "\"'><script>&amp;&lt;</script>";

    [Theory]
    [MemberData(nameof(FixturesTests.Components), MemberType = typeof(FixturesTests))]
    public void Hostile_text_stays_where_harmless_text_stands(string component)
    {
        var said = 0;
        foreach (var options in FixturesTests.Fixtures(component).Select(fixture => fixture.GetProperty("options")))
        {
            var harmless = Dom.Lines(Render(component, options, Harmless));
            var expected = harmless.Select(line => line.Replace(Harmless, Hostile, StringComparison.Ordinal));
            var actual = Dom.Lines(Render(component, options, Hostile));
            Assert.Equal(expected, actual, StringComparer.Ordinal);
            said += actual.Count(line => line.Contains(Hostile, StringComparison.Ordinal));
        }

        Assert.NotEqual(0, said);
    }

    private static string Render(string component, JsonElement options, string text)
    {
        var made = FixturesTests.Make(component, options);
        Say(text, made);
        return FixturesTests.Render(made);
    }

    private static void Say(string text, object? to)
    {
        if (to is TagHelperAttributeList attributes)
        {
            foreach (var attribute in attributes.ToList())
            {
                attributes.SetAttribute(attribute.Name, text);
            }
        }
        else if (to is Dictionary<string, string> words)
        {
            foreach (var key in words.Keys)
            {
                words[key] = text;
            }
        }
        else if (to is IList list)
        {
            foreach (var item in list)
            {
                Say(text, item);
            }
        }
        else if (to is not null && to.GetType().Assembly == typeof(Component).Assembly)
        {
            foreach (
                var property in to.GetType()
                    .GetProperties(BindingFlags.Public | BindingFlags.Instance)
                    .Where(p => p.CanWrite)
            )
            {
                if (property.PropertyType != typeof(string))
                {
                    Say(text, property.GetValue(to));
                }
                else if (property.GetValue(to) is not null)
                {
                    property.SetValue(to, text);
                }
            }
        }
    }
}
