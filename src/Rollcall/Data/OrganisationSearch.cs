using Microsoft.EntityFrameworkCore;
using Rollcall.Addresses;
using Rollcall.Model;

namespace Rollcall.Data;

/// <summary>Finds organisations by parts of their name or code, in any order, ignoring case and accents.</summary>
internal static class OrganisationSearch
{
    private const int Longest = 200;

    /// <summary>The search as typed, cleaned for showing and searching.</summary>
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
