using Rollcall.Addresses;

namespace Rollcall.Model;

/// <summary>Something people belong to.</summary>
internal sealed class Organisation
{
    public const int LongestName = 200;
    public const int LongestCode = 50;

    public Guid Id { get; init; } = Guid.CreateVersion7();
    public required string Name { get; set; }

    /// <summary>What the outside world calls it, unique whatever the case; null if it has none.</summary>
    public string? Code { get; set; }

    /// <summary>Other facts about it, by the heading they were imported under; shown, never interpreted.</summary>
    public SortedDictionary<string, string> Details { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Whoever belongs to it signs in with a second factor.</summary>
    public bool SecondFactorRequired { get; set; }

    /// <summary>
    /// The ways its people may sign in: "password" or a provider's key. Null: as the service's settings say.
    /// </summary>
    public string[]? SignInMethods { get; set; }

    /// <summary>What its people call a service area, in the singular; null: "service area".</summary>
    public string? AreaWord { get; set; }

    /// <summary>How many people it may invite by lists in a day; null: as the service's settings say.</summary>
    public int? BulkInvitationsADay { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>
    /// Several areas, in the organisation's own word: "departments". English plurals beyond "s" are entered as they
    /// are.
    /// </summary>
    public static string Areas(string? word) =>
        word is null ? "service areas"
        : word.EndsWith('s') ? word
        : word + "s";

    /// <summary>The name as it is kept, or what is wrong with it.</summary>
    public static (string? Name, string? Error) CheckName(string? text) =>
        PlainText.OneLine(text) switch
        {
            "" => (null, "Enter a name"),
            { Length: > LongestName } => (null, $"Name must be {LongestName} characters or fewer"),
            var name => (name, null),
        };

    /// <summary>The code as it is kept, null for none, or what is wrong with it.</summary>
    public static (string? Code, string? Error) CheckCode(string? text) =>
        PlainText.OneLine(text) switch
        {
            "" => (null, null),
            { Length: > LongestCode } => (null, $"Code must be {LongestCode} characters or fewer"),
            var code => (code, null),
        };
}
