using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.History;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Users;

/// <summary>What happened is told newest first, to everyone in the same order.</summary>
public sealed class HistoryTests(TheApp app)
{
    private async Task<(Organisation Organisation, User User, Client Admin)> StartAsync()
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        var user = await app.Main.MemberOfAsync(organisation);
        var admin = await app.Main.AdminOfAsync(organisation, "Ann", "Admin");
        return (organisation, user, await app.Client().SignInAsync(admin.Email));
    }

    private static IReadOnlyList<string> Told(Page page) => page.Texts("main ul.govuk-list--spaced:last-of-type li");

    [Fact]
    public async Task J6_The_last_sign_in_stands_in_its_place_and_all_viewers_read_one_order()
    {
        var (organisation, user, admin) = await StartAsync();
        var start = user.CreatedAt.AddDays(-10);
        await app.InDbAsync(async db =>
        {
            AuditEvent Row(string kind, int day, int order) =>
                new()
                {
                    Id = new Guid(order, 0, 0, new byte[8]),
                    At = start.AddDays(day),
                    Kind = kind,
                    ActorName = "Bo",
                    OrganisationId = organisation.Id,
                    UserId = user.Id,
                    Data = "{\"reason\":null}",
                };
            var mark = Random.Shared.Next(1_000_000, int.MaxValue - 10);
            db.AddRange(
                Row(Event.KindOf<MemberAdded>(), 0, mark),
                Row(Event.KindOf<MemberPaused>(), 4, mark + 1),
                Row(Event.KindOf<MemberResumed>(), 4, mark + 2)
            );
            await db.SaveChangesAsync();
            return await db
                .Users.Where(u => u.Id == user.Id)
                .ExecuteUpdateAsync(u => u.SetProperty(x => x.LastSignedInAt, start.AddDays(2)));
        });
        string[] expected = ["resumed their access", "paused their access", "added them"];
        void InOrder(IEnumerable<string> told) =>
            Assert.All(told.Zip(expected), pair => Assert.Contains(pair.Second, pair.First, StringComparison.Ordinal));

        var here = Told(await admin.GetAsync(Links.User(organisation.Id, user.Id)));
        Assert.Equal(4, here.Count);
        Assert.Contains("igned in", here[2], StringComparison.Ordinal); // between the pause and the addition
        InOrder(here.Where(what => !what.Contains("igned in", StringComparison.Ordinal)));
        var support = await app.SupportAsync();
        InOrder(Told(await support.GetAsync(Links.User(organisation.Id, user.Id))));
        InOrder(Told(await support.GetAsync(Links.Person(user.Id))));
    }

    [Fact]
    public async Task J6_What_one_request_records_at_one_instant_keeps_its_order()
    {
        var user = await app.Main.MakeUserAsync();
        var now = DateTimeOffset.UtcNow;
        var names = Enumerable.Range(0, 20).Select(i => $"Passkey {i:00}").ToList();
        await app.Main.DoAsync<IServiceProvider, int>(async services =>
        {
            var db = (Db)services.GetService(typeof(Db))!;
            var audit = (AuditLog)services.GetService(typeof(AuditLog))!;
            foreach (var name in names)
            {
                audit.Add(new(null, now), new PasskeyAdded(name), user: user.Id);
            }

            return await db.SaveChangesAsync();
        });
        var rows = await app.InDbAsync(db =>
            db.AuditEvents.Where(e => e.UserId == user.Id).OrderBy(e => e.At).ThenBy(e => e.Id).ToListAsync()
        );
        Assert.Equal(names, rows.Select(row => Assert.IsType<PasskeyAdded>(Event.Read(row)).Name));
    }

    [Fact]
    public async Task J5_S4_12_Inactive_says_who_paused_when_and_why()
    {
        var (organisation, user, admin) = await StartAsync();
        await (await admin.GetAsync(Links.PauseUser(organisation.Id, user.Id))).SubmitAsync(
            "Pause user",
            new() { ["Reason"] = "On leave" }
        );
        var helper = await app.Main.MakeUserAsync("Secret", "Helper", support: true);
        var support = await app.Client().SignInAsync(helper.Email);
        foreach (var client in new[] { admin, support })
        {
            var status = (await client.GetAsync(Links.User(organisation.Id, user.Id))).Value("Status");
            Assert.StartsWith("Inactive Paused by Ann Admin at ", status, StringComparison.Ordinal);
            Assert.EndsWith("Reason: On leave", status, StringComparison.Ordinal);
        }

        // Paused again by support: to the admin, that is the support team.
        var details = Links.User(organisation.Id, user.Id);
        await (await admin.GetAsync($"{details}/resume")).SubmitAsync("Resume user");
        Assert.Equal("Active", (await admin.GetAsync(details)).Value("Status"));
        await (await support.GetAsync($"{details}/pause")).SubmitAsync("Pause user");
        var seen = (await support.GetAsync(details)).Value("Status");
        Assert.StartsWith("Inactive Paused by Secret Helper at ", seen, StringComparison.Ordinal);
        var told = await admin.GetAsync(details);
        Assert.StartsWith("Inactive Paused by the support team at ", told.Value("Status"), StringComparison.Ordinal);
        Assert.DoesNotContain("Reason", told.Value("Status"), StringComparison.Ordinal);

        // The whole account: support's reason may be about another organisation.
        await (await support.GetAsync($"{details}/resume")).SubmitAsync("Resume user");
        await (await support.GetAsync($"{Links.Person(user.Id)}/pause")).SubmitAsync(
            "Pause account",
            new() { ["Reason"] = "Elsewhere’s own" }
        );
        told = await admin.GetAsync(details);
        Assert.StartsWith(
            "Inactive Account paused by the support team at ",
            told.Value("Status"),
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("Elsewhere’s own", told.Text(), StringComparison.Ordinal);
        seen = (await support.GetAsync(details)).Value("Status");
        Assert.EndsWith("Reason: Elsewhere’s own", seen, StringComparison.Ordinal);
        var account = (await support.GetAsync(Links.Person(user.Id))).Value("Account");
        Assert.StartsWith("Paused by Secret Helper at ", account, StringComparison.Ordinal);
        Assert.Contains("Reason: Elsewhere’s own", account, StringComparison.Ordinal);
    }
}
