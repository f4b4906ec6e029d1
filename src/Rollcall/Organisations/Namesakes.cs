using Rollcall.Model;

namespace Rollcall.Organisations;

/// <summary>The question about a name that another organisation has.</summary>
internal static class Namesakes
{
    /// <summary>"There is already an organisation called Ashdown School (DEMO-01). Create another?"</summary>
    /// <param name="namesakes">At least one.</param>
    /// <param name="question">What is asked, such as "Create another?".</param>
    public static string Ask(IReadOnlyList<Organisation> namesakes, string question)
    {
        var codes = string.Join(", ", namesakes.Select(o => o.Code).OfType<string>());
        var there =
            namesakes.Count == 1
                ? "There is already an organisation"
                : $"There are already {namesakes.Count} organisations";
        return $"{there} called {namesakes[0].Name}{(codes.Length == 0 ? "" : $" ({codes})")}. {question}";
    }
}
