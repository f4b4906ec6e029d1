using Microsoft.EntityFrameworkCore;
using Rollcall.Model;
using Rollcall.Tests.Support;
using Rollcall.Users;

namespace Rollcall.Tests.Model;

public sealed class MembershipStatusTests(TheApp app)
{
    private static readonly DateTimeOffset Now = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    /// <summary>
    /// Paused here, paused everywhere, registered, and seconds until the link expires; and the resulting status.
    /// </summary>
    private static IEnumerable<(
        bool Paused,
        bool AccountPaused,
        bool Registered,
        int? Expires,
        string Status
    )> Facts() =>
        from paused in new[] { false, true }
        from accountPaused in new[] { false, true }
        from registered in new[] { false, true }
        from expires in new int?[] { null, -1, 0, 1 }
        select (
            paused,
            accountPaused,
            registered,
            expires,
            paused || accountPaused ? "Inactive"
            : registered ? "Active"
            : expires is null or > 0 ? "Pending"
            : "Expired"
        );

    [Fact]
    public async Task E_S4_13_S4_14_S4_16_S4_17_Every_combination_of_facts_has_one_status_in_code_and_in_every_query()
    {
        static DateTimeOffset? When(bool happened) => happened ? Now.AddDays(-1) : null;
        var stop = TestContext.Current.CancellationToken;
        var organisation = await app.Main.MakeOrganisationAsync();
        var expected = new Dictionary<Guid, string>();
        foreach (var (paused, accountPaused, registered, expires, status) in Facts())
        {
            var until = expires is { } seconds ? Now.AddSeconds(seconds) : (DateTimeOffset?)null;
            Assert.Equal(
                status,
                MembershipStatuses.Of(When(paused), When(accountPaused), When(registered), until, Now).ToString()
            );
            var user = await app.Main.MakeUserAsync("Truth", "Table", registered: false);
            var membership = await app.Main.JoinAsync(user, organisation);
            await app.InDbAsync(db =>
                db.Users.Where(u => u.Id == user.Id)
                    .ExecuteUpdateAsync(u =>
                        u.SetProperty(x => x.PausedAt, When(accountPaused))
                            .SetProperty(x => x.RegisteredAt, When(registered))
                    )
            );
            await app.InDbAsync(db =>
                db.Memberships.Where(m => m.Id == membership.Id)
                    .ExecuteUpdateAsync(m =>
                        m.SetProperty(x => x.PausedAt, When(paused)).SetProperty(x => x.ExpiresAt, until)
                    )
            );
            expected.Add(user.Id, status);
        }
        Assert.Equal(32, expected.Count);

        // As the clock moves forward and back, every query agrees with the function.
        foreach (var now in new[] { Now, Now.AddSeconds(1), Now.AddSeconds(-2), Now })
        {
            var counts = await app.InDbAsync(db => MemberCounts.ReadAsync(db, organisation.Id, now, stop));
            var found = await app.InDbAsync(db => MemberList.FindAsync(db, organisation.Id, "truth table", stop));
            Assert.Equal(32, found.Count);
            foreach (var status in Enum.GetValues<MembershipStatus>())
            {
                var (same, page) = await MemberList.PageAsync(
                    app.Main.Pool,
                    organisation.Id,
                    1,
                    100,
                    status,
                    now,
                    stop
                );
                Assert.Equal(counts, same);
                var export = await app.InDbAsync(db =>
                    MemberList.ExportAsync(db, organisation.Id, status, null, null, 100, now, stop)
                );
                var those = found
                    .Where(person => person.Status(now) == status)
                    .Select(person => person.UserId)
                    .Order()
                    .ToList();
                if (now == Now)
                {
                    Assert.Equal(expected.Where(e => e.Value == status.ToString()).Select(e => e.Key).Order(), those);
                }

                Assert.Equal(those, page.Select(person => person.UserId).Order());
                Assert.Equal(those, export.Select(person => person.UserId).Order());
                Assert.Equal(those.Count, counts.Of(status));
            }
        }
    }
}
