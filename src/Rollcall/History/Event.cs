using System.Reflection;
using System.Text.Json;
using Rollcall.Model;

namespace Rollcall.History;

/// <summary>What a sentence about an event needs besides its facts.</summary>
/// <param name="By">Who did it, as the reader knows them.</param>
/// <param name="Organisation">The name of the organisation that it happened in.</param>
/// <param name="HasActor">False when no one was signed in, or Rollcall did it itself.</param>
internal sealed record EventContext(string By, string Organisation, bool HasActor);

/// <summary>
/// An event: its facts, its stored kind and its sentence. The facts are the constructor's parameters, stored as JSON in
/// <see cref="AuditEvent.Data"/>. A fact with a default value is stored only if it is given.
/// </summary>
/// <remarks>
/// A record may be renamed. Its kind and its facts may not: rows that were written before would lose them. Any fact may
/// be missing from a row, or of another type, and is then null, so every fact is nullable and a sentence does without.
/// </remarks>
/// <param name="Kind">As stored in <see cref="AuditEvent.Kind"/>.</param>
internal abstract record Event(string Kind)
{
    private static readonly JsonSerializerOptions Json = JsonSerializerOptions.Web;

    private static readonly Dictionary<string, ConstructorInfo> Constructors = typeof(Event)
        .Assembly.GetTypes()
        .Where(type => type.IsSubclassOf(typeof(Event)))
        .Select(type => type.GetConstructors().Single())
        .ToDictionary(constructor => Create(constructor, default).Kind, StringComparer.Ordinal);

    /// <summary>Each record with its stored kind.</summary>
    public static IReadOnlyDictionary<Type, string> Kinds { get; } =
        Constructors.ToDictionary(entry => entry.Value.DeclaringType!, entry => entry.Key);

    /// <summary>What happened, in the words of a history.</summary>
    public abstract string Sentence(EventContext context);

    /// <summary>The kind that a query looks for.</summary>
    public static string KindOf<T>()
        where T : Event => Kinds[typeof(T)];

    /// <summary>The event in this row. Null for a kind that only a newer version knows.</summary>
    public static Event? Read(AuditEvent row)
    {
        if (!Constructors.TryGetValue(row.Kind, out var constructor))
        {
            return null;
        }

        using var facts = JsonDocument.Parse(row.Data);
        return Create(constructor, facts.RootElement);
    }

    /// <summary>The facts, for <see cref="AuditEvent.Data"/>.</summary>
    public string ToJson()
    {
        var type = GetType();
        var facts = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var parameter in Constructors[Kind].GetParameters())
        {
            var value = type.GetProperty(parameter.Name!)!.GetValue(this);
            if (value is not null || !parameter.HasDefaultValue)
            {
                facts[NameOf(parameter)] = value;
            }
        }

        return JsonSerializer.Serialize(facts, Json);
    }

    private static Event Create(ConstructorInfo constructor, JsonElement facts) =>
        (Event)constructor.Invoke([.. constructor.GetParameters().Select(parameter => Fact(parameter, facts))]);

    private static object? Fact(ParameterInfo parameter, JsonElement facts)
    {
        if (facts.ValueKind != JsonValueKind.Object || !facts.TryGetProperty(NameOf(parameter), out var value))
        {
            return null;
        }

        try
        {
            var fact = value.Deserialize(parameter.ParameterType, Json);
            return fact is string?[] names ? names.OfType<string>().ToArray() : fact;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string NameOf(ParameterInfo parameter) => JsonNamingPolicy.CamelCase.ConvertName(parameter.Name!);
}
