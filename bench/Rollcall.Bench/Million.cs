using Microsoft.EntityFrameworkCore;
using Rollcall.Model;
using Rollcall.Users;

namespace Rollcall.Bench;

/// <summary>
/// Pages of people where there are a million of them: the query of the list alone, and every page over HTTP beside the
/// same page where there are a thousand.
/// </summary>
internal static class Million
{
    public static async Task MeasureAsync()
    {
        await using var few = await Running.StartAsync(people: 1_000);
        await using var many = await Running.StartAsync(people: 1_000_000);
        using var atFew = await few.SignedInAsync();
        using var atMany = await many.SignedInAsync();
        var school = await OrganisationAsync(few);
        var trust = await OrganisationAsync(many);
        await new Race("One page of 25 of 1,000,000 people, the query alone")
            .Add("page 1", 20, () => PageAsync(1))
            .Add("page 5,000", 20, () => PageAsync(5_000))
            .Add("page 20,000, the middle", 5, () => PageAsync(20_000))
            .Add("page 40,000, the last", 20, () => PageAsync(40_000))
            .Add("the middle of the 200,000 expired", 5, () => PageAsync(4_000, MembershipStatus.Expired))
            .Add("page 1 where there are 1,000", 20, () => FirstPageAsync(few, school))
            .RunAsync();

        foreach (
            var (name, small, large) in new[]
            {
                ("list, first page", "", ""),
                ("list, middle page", "?page=20", "?page=20000"),
                ("list, last page", "?page=40", "?page=40000"),
                ("active, middle page", "?status=active&page=11", "?status=active&page=11000"),
                ("pending, last page", "?status=pending&page=8", "?status=pending&page=8000"),
                ("expired, last page", "?status=expired&page=8", "?status=expired&page=8000"),
                ("search for one address", "?search=person500.0@", "?search=person500.0@"),
                ("search for a name that many have", "?search=smith", "?search=smith"),
                ("search for two parts of a name", "?search=zoe+brien", "?search=zoe+brien"),
                ("search for two letters that no one has", "?search=xq", "?search=xq"),
            }
        )
        {
            await RaceAsync(name, Links.Users(school) + small, Links.Users(trust) + large);
        }

        await RaceAsync("who has not signed in for six months", Links.ReviewAccess(school), Links.ReviewAccess(trust));
        await RaceAsync("all users", Links.Everyone, Links.Everyone);
        await RaceAsync(
            "all users, search for one address",
            Links.Everyone + "?search=person500.0@",
            Links.Everyone + "?search=person500.0@"
        );
        await RaceAsync(
            "all users, search for a name that many have",
            Links.Everyone + "?search=smith",
            Links.Everyone + "?search=smith"
        );

        Task PageAsync(int page, MembershipStatus? status = null) =>
            MemberList.PageAsync(many.Database, trust, page, 25, status, DateTimeOffset.UtcNow, default);

        static Task FirstPageAsync(Running at, Guid organisation) =>
            MemberList.PageAsync(at.Database, organisation, 1, 25, null, DateTimeOffset.UtcNow, default);

        async Task RaceAsync(string name, string small, string large) =>
            await new Race(name)
                .Add("at 1,000 people", 10, () => atFew.GetByteArrayAsync(small))
                .Add("at 1,000,000", 10, () => atMany.GetByteArrayAsync(large))
                .RunAsync();
    }

    private static Task<Guid> OrganisationAsync(Running at) =>
        at.Db.Organisations.Where(o => o.Code == "LM0").Select((Organisation o) => o.Id).SingleAsync();
}
