using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;

namespace Rollcall.Data;

/// <summary>
/// Finds people by parts of their name or address, in any order, whatever the case, the accents and the apostrophes.
/// </summary>
internal static class UserSearch
{
    private const int MostWords = 10;

    /// <summary>The words of a search, each the value of a parameter of <see cref="Condition"/>.</summary>
    public static string[] Words(string search) =>
        [
            .. search
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Distinct(StringComparer.OrdinalIgnoreCase)
                .Take(MostWords)
                .Select(Db.LikeEscape),
        ];

    /// <summary>
    /// That a text, folded for a search, has all the words. One or two Latin letters or digits must begin a name or a
    /// part of the address: inside one they would find half of all people, and no index of three letters could tell
    /// whom.
    /// </summary>
    /// <param name="first">The parameter of the first word.</param>
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
                    return $"case when {word} ~ '^[a-z0-9]{{{{1,2}}}}$' then {begins} else {text} like '%' || {word} || '%' end";
                }
            )
        );

    /// <summary>
    /// Asks with a plan that is made for these very words. One that is kept for any words cannot know which are rare:
    /// it hopes to meet enough people soon, and reads a million rows when it does not.
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
