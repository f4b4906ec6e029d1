using Microsoft.EntityFrameworkCore;
using Rollcall.Addresses;
using Rollcall.Model;

namespace Rollcall.Data;

/// <summary>
/// Finds organisations by parts of their name or code, in any order, whatever the case and the accents.
/// </summary>
internal static class OrganisationSearch
{
    private const int Longest = 200;

    /// <summary>The search as it was typed, cleaned up to be shown and searched for.</summary>
    public static string Term(string? typed) => PlainText.OneLine(PlainText.Cut(PlainText.OneLine(typed), Longest));

    public static IQueryable<Organisation> Matching(this IQueryable<Organisation> organisations, string term)
    {
        foreach (var word in term.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            organisations = organisations.Where(o =>
                EF.Functions.Like(
                    EF.Property<string>(o, "SearchText"),
                    "%" + Db.SearchFold(Db.LikeEscape(word)) + "%",
                    @"\"
                )
            );
        }

        return organisations;
    }
}
