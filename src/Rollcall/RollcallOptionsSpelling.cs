using System.ComponentModel;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Rollcall;

/// <summary>
/// Reports unknown settings and values of the wrong type. The framework ignores the first and throws on the second.
/// </summary>
internal static class RollcallOptionsSpelling
{
    private const string Section = "Rollcall";

    /// <exception cref="OptionsValidationException">With one sentence for each error.</exception>
    public static void Check(IConfiguration configuration)
    {
        var wrong = configuration
            .GetChildren()
            .Where(section =>
                !Is(section.Key, Section)
                && section.GetChildren().Any()
                && SpellingSuggestion.For(section.Key, [Section]) is not null
            )
            .Select(section => $"{section.Key} is not a section of settings. Did you mean {Section}?")
            .Concat(Mistakes(configuration.GetSection(Section), typeof(RollcallOptions)))
            .ToList();
        if (wrong.Count > 0)
        {
            throw new OptionsValidationException(Section, typeof(RollcallOptions), wrong);
        }
    }

    private static IEnumerable<string> Mistakes(IConfigurationSection section, Type type)
    {
        if (Element(type) is { } element)
        {
            return section.GetChildren().SelectMany(child => Mistakes(child, element));
        }

        var scalar = Nullable.GetUnderlyingType(type) ?? type;
        if (TypeDescriptor.GetConverter(scalar).CanConvertFrom(typeof(string)))
        {
            var mayBeEmpty = scalar != type || scalar == typeof(string);
            return section
                .GetChildren()
                .Select(child => $"{child.Path} is not a setting")
                .Concat(
                    section.Value is not { } value || (value.Length == 0 && mayBeEmpty) || IsValid(scalar, value)
                        ? []
                        : [$"{section.Path} must be {Kind(scalar)}, not “{value}”"]
                );
        }

        var known = type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(p => p.SetMethod is { IsPublic: true })
            .ToList();
        return section
            .GetChildren()
            .SelectMany(child =>
                known.Find(p => Is(p.Name, child.Key)) is { } property
                    ? Mistakes(child, property.PropertyType)
                    : [$"{child.Path} is not a setting{Suggestion(section, child.Key, known)}"]
            )
            .Concat(
                string.IsNullOrEmpty(section.Value)
                    ? []
                    : [$"{section.Path} is a group of settings, such as {section.Path}:{known[0].Name}"]
            );
    }

    private static string Suggestion(IConfigurationSection section, string typed, List<PropertyInfo> known) =>
        SpellingSuggestion.For(typed, known.Select(p => p.Name)) is { } meant
            ? $". Did you mean {section.Path}:{meant}?"
            : "";

    private static bool IsValid(Type type, string value)
    {
        try
        {
            var converted = TypeDescriptor.GetConverter(type).ConvertFromInvariantString(value);
            return !type.IsEnum || Enum.IsDefined(type, converted!);
        }
        catch (Exception e)
            when (e is FormatException or ArgumentException or NotSupportedException or OverflowException)
        {
            return false;
        }
    }

    private static string Kind(Type type) =>
        type == typeof(bool) ? "true or false"
        : type == typeof(int) || type == typeof(long) ? "a whole number"
        : type == typeof(double) || type == typeof(decimal) ? "a number"
        : type == typeof(Guid) ? "an id such as 3b06be41-6ea5-4f1d-9e6a-0d0cf1a2a7c5"
        : type == typeof(Uri) ? "an address"
        : type.IsEnum ? $"one of {string.Join(", ", Enum.GetNames(type))}"
        : $"a {type.Name}";

    private static Type? Element(Type type) =>
        type == typeof(string) ? null
        : type.GetInterfaces()
            .Append(type)
            .FirstOrDefault(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IEnumerable<>))
            ?.GetGenericArguments()[0]
            is { } element
        && !element.IsGenericType
            ? element
        : null;

    private static bool Is(string a, string b) => a.Equals(b, StringComparison.OrdinalIgnoreCase);
}
