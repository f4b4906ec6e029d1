namespace Rollcall.Data;

/// <summary>Finds people by parts of their name or address, in any order, whatever the case, the accents and the apostrophes.</summary>
internal static class UserSearch
{
    private const int MostWords = 10;

    /// <summary>The words of a search, each the value of a parameter of <see cref="Condition"/>.</summary>
    public static string[] Words(string search)
        => [.. search.Split(' ', StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.OrdinalIgnoreCase).Take(MostWords).Select(Db.LikeEscape)];

    /// <summary>
    /// That users <c>u</c> have all the words. One or two Latin letters or digits must begin a name or a part of the address: inside one they
    /// would find half of everybody, and no index of three letters could tell whom.
    /// </summary>
    /// <param name="first">The parameter of the first word.</param>
    public static string Condition(string[] words, int first) => string.Join(" and ", words.Select((_, i) =>
    {
        var word = $"search_fold({{{first + i}}})";
        var begins = string.Join(" or ", ((string[])["", "% ", "%-", "%.", "%@", @"%\_", "%+"]).Select(before => $"u.search_text like '{before}' || {word} || '%'"));
        return $"case when {word} ~ '^[a-z0-9]{{{{1,2}}}}$' then {begins} else u.search_text like '%' || {word} || '%' end";
    }));
}
