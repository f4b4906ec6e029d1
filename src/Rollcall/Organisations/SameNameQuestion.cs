using Rollcall.Model;

namespace Rollcall.Organisations;

/// <summary>Asks about a name that another organisation has.</summary>
internal static class SameNameQuestion
{
    /// <summary>"There is already an organisation called Ashdown School (DEMO-01). Create another?"</summary>
    /// <param name="others">At least one.</param>
    /// <param name="question">What is asked, such as "Create another?".</param>
    public static string Ask(IReadOnlyList<Organisation> others, string question)
    {
        var codes = string.Join(", ", others.Select(o => o.Code).OfType<string>());
        var there =
            others.Count == 1 ? "There is already an organisation" : $"There are already {others.Count} organisations";
        return $"{there} called {others[0].Name}{(codes.Length == 0 ? "" : $" ({codes})")}. {question}";
    }
}
