using Rollcall.Addresses;

namespace Rollcall.Model;

/// <summary>An organisation that people belong to.</summary>
internal sealed class Organisation
{
    public const int LongestName = 200;
    public const int LongestCode = 50;

    public Guid Id { get; init; } = Guid.CreateVersion7();
    public required string Name { get; set; }

    /// <summary>The organisation's code in other systems, unique ignoring case; null if it has none.</summary>
    public string? Code { get; set; }

    /// <summary>Other facts, by the heading that they were imported under. Shown but never interpreted.</summary>
    public SortedDictionary<string, string> Details { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Whether its people must sign in with a second factor.</summary>
    public bool SecondFactorRequired { get; set; }

    /// <summary>
    /// The ways its people may sign in: "password" or a provider's key. Null for all ways that the settings allow.
    /// </summary>
    public string[]? SignInMethods { get; set; }

    /// <summary>The organisation's word for a service area, in the singular; null for "service area".</summary>
    public string? AreaWord { get; set; }

    /// <summary>How many people it may invite by lists in 24 hours; null for the limit in the settings.</summary>
    public int? BulkInvitationsADay { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>
    /// The plural of the organisation's word for a service area, such as "departments". Adds only "s"; a word with
    /// another plural is used as entered.
    /// </summary>
    public static string Areas(string? word) =>
        word is null ? "service areas"
        : word.EndsWith('s') ? word
        : word + "s";

    /// <summary>The name to store, or the error message.</summary>
    public static (string? Name, string? Error) CheckName(string? text) =>
        PlainText.OneLine(text) switch
        {
            "" => (null, "Enter a name"),
            { Length: > LongestName } => (null, $"Name must be {LongestName} characters or fewer"),
            var name => (name, null),
        };

    /// <summary>The code to store, null for none, or the error message.</summary>
    public static (string? Code, string? Error) CheckCode(string? text) =>
        PlainText.OneLine(text) switch
        {
            "" => (null, null),
            { Length: > LongestCode } => (null, $"Code must be {LongestCode} characters or fewer"),
            var code => (code, null),
        };
}
