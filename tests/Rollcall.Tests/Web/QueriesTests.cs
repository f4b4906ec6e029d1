using System.Net;
using Rollcall.Model;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Web;

/// <summary>How many statements each page sends to the database, so that one more is seen on any machine.</summary>
public sealed class QueriesTests(TheApp app)
{
    [Fact]
    public async Task Each_page_takes_as_many_statements_as_the_table_says()
    {
        await using var host = await app.StartAsync([]);
        var organisation = await host.MakeOrganisationAsync();
        var admin = await host.AdminOfAsync(organisation);
        var limited = await host.AdminOfAsync(organisation);
        await host.LimitAsync(limited, await host.MakeAreaAsync(organisation, "North"));
        var member = await host.MemberOfAsync(organisation);
        foreach (var name in (string[])["Amy", "Bea", "Cat"])
        {
            await host.MemberOfAsync(organisation, name, registered: false);
        }

        Client[] viewers =
        [
            await host.SupportAsync(),
            await host.Client().SignInAsync(admin.Email),
            await host.Client().SignInAsync(limited.Email),
        ];
        // For support, an admin, and an admin who is limited to a service area; 0 where they may not open it.
        (string Path, int[] Statements)[] table =
        [
            ("/help", [1, 1, 1]),
            ("/account", [3, 3, 3]),
            (Links.Organisations, [3, 3, 3]),
            (Links.Organisation(organisation.Id), [2, 1, 1]),
            (Links.History(organisation.Id), [2, 2, 0]),
            (Links.Users(organisation.Id), [2, 2, 2]),
            (Links.Users(organisation.Id, MembershipStatus.Pending), [2, 2, 2]),
            (Links.Users(organisation.Id, null, "Amy"), [3, 3, 3]),
            (Links.User(organisation.Id, member.Id), [8, 10, 10]),
            (Links.AddUser(organisation.Id), [1, 1, 1]),
            (Links.InviteUsers(organisation.Id), [4, 5, 5]),
            (Links.EditUser(organisation.Id, member.Id), [2, 0, 0]),
            (Links.PauseUser(organisation.Id, member.Id), [3, 5, 0]),
            (Links.RemoveUser(organisation.Id, member.Id), [3, 5, 0]),
            (Links.ReviewAccess(organisation.Id), [3, 3, 3]),
            (Links.Everyone, [2, 0, 0]),
            (Links.Person(member.Id), [5, 0, 0]),
            (Links.SupportUsers, [2, 0, 0]),
        ];
        var found = new List<string>();
        foreach (var (path, _) in table)
        {
            var counts = new List<int>();
            foreach (var viewer in viewers)
            {
                using (await viewer.RawAsync(new(HttpMethod.Get, path))) { } // not the first time
                using var queries = new Queries(host);
                using var answer = await viewer.RawAsync(new(HttpMethod.Get, path));
                counts.Add(answer.StatusCode == HttpStatusCode.Forbidden ? 0 : queries.Count);
                Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.Forbidden, path);
            }

            found.Add($"{path}: {string.Join(", ", counts)}");
        }

        var expected = table.Select(page => $"{page.Path}: {string.Join(", ", page.Statements)}");
        Assert.True(expected.SequenceEqual(found), "The pages take now:\n" + string.Join('\n', found));
    }
}
