namespace Rollcall.Model;

/// <summary>Joins words into English sentences.</summary>
internal static class Sentence
{
    /// <summary>"A", "A and B", "A, B and C".</summary>
    public static string And(IReadOnlyList<string> items) =>
        items.Count < 2 ? string.Concat(items) : $"{string.Join(", ", items.SkipLast(1))} and {items[^1]}";
}
