using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Model;

namespace Rollcall.Users.Invite;

/// <summary>
/// What the people of a list will be able to do, in words: for a file that says it person by person, how many there are
/// of each.
/// </summary>
internal static class ListAccess
{
    public static async Task<IReadOnlyList<(string Key, IReadOnlyList<string> Values)>> OfAsync(
        Db db,
        Roles roles,
        Organisation organisation,
        InvitationList batch,
        IEnumerable<InvitationLine> lines,
        CancellationToken cancellation
    )
    {
        var people = lines.ToList();
        var rows = new List<(string, IReadOnlyList<string>)>();
        if (people.Count == 0)
        {
            return rows;
        }

        if (!roles.AreOne)
        {
            rows.Add(("Role", Counted(people.Select(l => roles.Find(l.Role ?? batch.Role)?.Name ?? "None"))));
        }

        var areas = await db
            .ServiceAreas.AsNoTracking()
            .Where(a => a.OrganisationId == organisation.Id)
            .ToDictionaryAsync(a => a.Id, a => a.Name, cancellation);
        if (areas.Count > 0)
        {
            var word = Organisation.Areas(organisation.AreaWord);
            rows.Add(
                (
                    char.ToUpperInvariant(word[0]) + word[1..],
                    Counted(people.Select(l => Names(l.ServiceAreas ?? batch.ServiceAreas)))
                )
            );
        }
        return rows;

        string Names(Guid[] chosen) =>
            chosen.Length == 0
                ? "All"
                : string.Join(
                    ", ",
                    chosen
                        .Select(area => areas.GetValueOrDefault(area, "One that was removed"))
                        .Order(StringComparer.CurrentCulture)
                );
    }

    private static List<string> Counted(IEnumerable<string> each)
    {
        var groups = each.GroupBy(one => one, StringComparer.Ordinal)
            .OrderByDescending(group => group.Count())
            .ThenBy(group => group.Key, StringComparer.CurrentCulture)
            .ToList();
        return groups is [var only]
            ? [only.Key]
            :
            [
                .. groups.Select(group =>
                    $"{group.Key}: {(group.Count() == 1 ? "1 person" : $"{group.Count():N0} people")}"
                ),
            ];
    }
}
