using Microsoft.EntityFrameworkCore;
using Rollcall.Model;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Users;

/// <summary>Support finds and lists all users.</summary>
public sealed class EveryoneTests(TheApp app)
{
    [Fact]
    public async Task S3_1_I6_Support_finds_anybody_by_parts_of_name_or_address_and_sees_where_they_belong()
    {
        var one = await app.Main.MakeOrganisationAsync();
        var two = await app.Main.MakeOrganisationAsync();
        var mark = Guid.NewGuid().ToString("N");
        var person = await app.Main.MemberOfAsync(one, "Zoë", "O’Brien", $"zob@{mark}.example");
        await app.Main.JoinAsync(person, two, Roles.Admin);
        var support = await app.SupportAsync();
        var found = await support.GetAsync($"{Links.Everyone}?search=obrien+{mark[..12].ToUpperInvariant()}");
        Assert.Equal(["Zoë O’Brien"], found.Texts("tbody td:nth-child(1)"));
        Assert.Contains(one.Name, found.Text("tbody"), StringComparison.Ordinal);
        var page = await found.FollowAsync("Zoë O’Brien");
        Assert.Equal("Active Admin", page.Value(two.Name));
        Assert.Equal(Links.User(one.Id, person.Id), page.Href($"See details at {one.Name}"));
        Assert.Contains(
            "No users match",
            (await support.GetAsync($"{Links.Everyone}?search={mark}+zzz")).Text(),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task I1_I2_Pages_go_forth_and_back_in_name_order_and_miss_no_one()
    {
        await using var host = await app.StartAsync([]);
        var support = await host.SupportAsync();
        foreach (var i in Enumerable.Range(0, 59))
        {
            await host.MakeUserAsync($"Person {i:00}", "Same");
        }

        var everyone = await host.InDbAsync(db =>
            db.Users.OrderBy(u => EF.Property<string>(u, "SortName"))
                .ThenBy(u => u.Id)
                .Select(u => u.Email)
                .ToListAsync()
        );
        var page = await support.GetAsync(Links.Everyone);
        var seen = page.Texts("tbody td:nth-child(2)").ToList();
        var pages = new List<IReadOnlyList<string>> { page.Texts("tbody td:nth-child(2)") };
        while (page.HasLink("Next page"))
        {
            page = await page.FollowAsync("Next page");
            pages.Add(page.Texts("tbody td:nth-child(2)"));
        }
        Assert.Equal(everyone, pages.SelectMany(p => p));
        for (var back = pages.Count - 2; back >= 0; back--)
        {
            page = await page.FollowAsync("Previous page");
            Assert.Equal(pages[back], page.Texts("tbody td:nth-child(2)"));
        }
        Assert.False(page.HasLink("Previous page"));
        Assert.Equal(25, seen.Count);
        await support.GetAsync($"{Links.Everyone}?after={Guid.NewGuid()}");
    }

    [Fact]
    public async Task S3_1_A_whole_account_is_paused_and_resumed_with_a_reason()
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        var person = await app.Main.MemberOfAsync(organisation);
        var theirs = await app.Client().SignInAsync(person.Email);
        var support = await app.SupportAsync();
        var page = await support.GetAsync(Links.Person(person.Id));
        var confirm = await page.FollowAsync("Pause account");
        var paused = await confirm.SubmitAsync("Pause account", new() { ["Reason"] = "Phished" });
        Assert.Equal($"{person.DisplayName}’s account has been paused.", paused.Banner);
        Assert.Equal("Inactive", paused.Value(organisation.Name).Split(' ')[0]);
        Assert.Contains("paused their account: Phished", paused.Text(), StringComparison.Ordinal);
        Assert.Equal("Sign in", (await theirs.GetAsync("/account")).Heading);
        Assert.Equal(
            $"{person.DisplayName}’s account has been resumed.",
            (await (await paused.FollowAsync("Resume account")).SubmitAsync("Resume account")).Banner
        );
        await app.Client().SignInAsync(person.Email);
    }
}
