using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Razor.TagHelpers;
using Rollcall.Web.GovUk;

namespace Rollcall.Tests.Web.GovUk;

/// <summary>
/// Every component against every fixture that govuk-frontend publishes for it, the hidden ones included.
/// </summary>
public sealed class FixturesTests(ITestOutputHelper output)
{
    public static TheoryData<string> Components =>
        [
            "back-link",
            "breadcrumbs",
            "button",
            "checkboxes",
            "details",
            "error-message",
            "error-summary",
            "fieldset",
            "file-upload",
            "footer",
            "generic-header",
            "header",
            "hint",
            "input",
            "inset-text",
            "label",
            "notification-banner",
            "pagination",
            "panel",
            "password-input",
            "phase-banner",
            "radios",
            "service-navigation",
            "skip-link",
            "summary-list",
            "tag",
            "textarea",
            "warning-text",
        ];

    [Theory]
    [MemberData(nameof(Components))]
    public void A_component_renders_every_fixture_as_govuk_frontend_does(string component)
    {
        var fixtures = Fixtures(component);
        var failures = fixtures.Select(fixture => Failure(component, fixture)).OfType<string>().ToList();

        output.WriteLine($"{component}: {fixtures.Count - failures.Count} of {fixtures.Count} fixtures");
        Assert.NotEmpty(fixtures);
        Assert.True(failures.Count == 0, string.Join(Environment.NewLine, failures));
    }

    private static string? Failure(string component, JsonElement fixture)
    {
        var name = fixture.GetProperty("name").GetString();
        try
        {
            var rendered = Render(Make(component, fixture.GetProperty("options")));
            var difference = Dom.Difference(fixture.GetProperty("html").GetString()!, rendered);
            return difference is null ? null : $"{component}, {name}:{Environment.NewLine}{difference}";
        }
        catch (Exception e) when (e is InvalidOperationException or TargetInvocationException)
        {
            return $"{component}, {name}: {e}";
        }
    }

    internal static Component Make(string component, JsonElement options)
    {
        var type = typeof(Component)
            .Assembly.GetTypes()
            .Single(t =>
                t.GetCustomAttributes<HtmlTargetElementAttribute>(inherit: false)
                    .Any(a => string.Equals(a.Tag, "govuk-" + component, StringComparison.Ordinal))
            );
        return (Component)MacroOptions.Read(type, options)!;
    }

    internal static string Render(Component component)
    {
        using var writer = new StringWriter();
        component.WriteTo(writer, HtmlEncoder.Default);
        return writer.ToString();
    }

    internal static List<JsonElement> Fixtures(string component)
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Rollcall.slnx")))
        {
            root = root.Parent!;
        }

        var file = Path.Combine(
            root.FullName,
            "node_modules/govuk-frontend/dist/govuk/components",
            component,
            "fixtures.json"
        );
        return [.. JsonElement.Parse(File.ReadAllText(file)).GetProperty("fixtures").EnumerateArray()];
    }
}
