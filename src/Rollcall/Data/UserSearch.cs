using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;

namespace Rollcall.Data;

/// <summary>
/// Finds people by parts of their name or address, in any order, ignoring case, accents and apostrophes.
/// </summary>
internal static class UserSearch
{
    private const int MostWords = 10;

    /// <summary>The words of a search, each the value of one parameter of <see cref="Condition"/>.</summary>
    public static string[] Words(string search) =>
        [
            .. search
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Distinct(StringComparer.OrdinalIgnoreCase)
                .Take(MostWords)
                .Select(Db.LikeEscape),
        ];

    /// <summary>
    /// SQL that matches a folded text containing all the words. A word of one or two Latin letters or digits must begin
    /// a name or a part of the address: anywhere else it would match half of all people, and the trigram index cannot
    /// help.
    /// </summary>
    /// <param name="first">The number of the first word's parameter.</param>
    /// <param name="text">The column, such as <c>u.search_text</c>.</param>
    public static string Condition(string[] words, int first, string text) =>
        string.Join(
            " and ",
            words.Select(
                (_, i) =>
                {
                    var word = $"search_fold({{{first + i}}})";
                    var begins = string.Join(
                        " or ",
                        ((string[])["", "% ", "%-", "%.", "%@", @"%\_", "%+"]).Select(before =>
                            $"{text} like '{before}' || {word} || '%'"
                        )
                    );
                    return $"case when {word} ~ '^[a-z0-9]{{{{1,2}}}}$' then {begins} "
                        + $"else {text} like '%' || {word} || '%' end";
                }
            )
        );

    /// <summary>
    /// Forces a plan for these specific words. A generic plan cannot know which words are rare: it expects to find
    /// enough people early, and reads a million rows when it does not.
    /// </summary>
    public static async Task<List<T>> QueryAsync<T>(Db db, string sql, object[] values, CancellationToken cancellation)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.Database.ExecuteSqlAsync($"set local plan_cache_mode = force_custom_plan", cancellation);
        var found = await db
            .Database.SqlQuery<T>(FormattableStringFactory.Create(sql, values))
            .ToListAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return found;
    }
}
