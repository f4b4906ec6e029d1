namespace Rollcall;

/// <summary>Suggests the name that was meant.</summary>
internal static class SpellingSuggestion
{
    /// <summary>The nearest name, or null if none is near: at most one edit per three letters, or a prefix.</summary>
    public static string? For(string typed, IEnumerable<string> names) =>
        names
            .Select(name => (Name: name, Distance: Distance(typed.ToUpperInvariant(), name.ToUpperInvariant())))
            .Where(candidate =>
                candidate.Distance <= Math.Max(2, candidate.Name.Length / 3)
                || (typed.Length >= 4 && candidate.Name.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
            )
            .OrderBy(candidate => candidate.Distance)
            .Select(candidate => candidate.Name)
            .FirstOrDefault();

    /// <summary>
    /// Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment distance).
    /// </summary>
    private static int Distance(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    rows[i, j] = i + j;
                    continue;
                }

                var change = a[i - 1] == b[j - 1] ? 0 : 1;
                rows[i, j] = Math.Min(Math.Min(rows[i - 1, j] + 1, rows[i, j - 1] + 1), rows[i - 1, j - 1] + change);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
                }
            }
        }

        return rows[a.Length, b.Length];
    }
}
