using Microsoft.EntityFrameworkCore;
using Npgsql;
using Rollcall.Model;
using Rollcall.Tests.Support;
using Rollcall.Users;

namespace Rollcall.Tests.Users;

public sealed class ListTests(TheApp app)
{
    private async Task<Organisation> OrganisationOfAsync(int people)
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        foreach (var i in Enumerable.Range(1, people))
        {
            await app.Main.MemberOfAsync(organisation, $"Person {i:000}", "Smith");
        }

        return organisation;
    }

    [Fact]
    public async Task S1_3_I1_The_order_is_first_name_then_last_name_as_a_person_sorts()
    {
        (string First, string Last)[] people =
        [
            ("Adam", "Able"),
            ("Ádám", "Brown"),
            ("adam", "O’Neil"),
            ("Adam", "ONeil"),
            ("adam", "Zed"),
            ("Ann", "Zoo"),
            ("Ann Marie", "Able"),
            ("Anna", "Able"),
            ("de", "Souza"),
            ("Zoë", "Adams"),
            ("Zoe", "Brown"),
            ("Zoë", "Clarke"),
        ];
        var organisation = await app.Main.MakeOrganisationAsync();
        foreach (var (first, last) in people.Reverse())
        {
            await app.Main.MemberOfAsync(organisation, first, last);
        }

        var list = await (await app.SupportAsync()).GetAsync(Links.Users(organisation.Id));
        Assert.Equal(people.Select(p => $"{p.First} {p.Last}"), list.Texts("tbody td:nth-child(1)"));
    }

    [Fact]
    public async Task I1_People_of_one_name_are_in_order_of_their_address_and_people_without_a_name_stand_at_theirs()
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        foreach (var email in new[] { "zz@same.example", "aa@same.example", "mm@same.example" })
        {
            await app.Main.MemberOfAsync(organisation, "Same", "Name", email);
        }

        var nameless = await app.Main.MakeUserAsync(email: "sally@same.example", registered: false);
        await app.InDbAsync(db =>
            db.Users.Where(u => u.Id == nameless.Id)
                .ExecuteUpdateAsync(u =>
                    u.SetProperty(x => x.FirstName, (string?)null).SetProperty(x => x.LastName, (string?)null)
                )
        );
        await app.Main.JoinAsync(nameless, organisation);
        var list = await (await app.SupportAsync()).GetAsync(Links.Users(organisation.Id));
        Assert.Equal(
            ["sally@same.example", "Same Name", "Same Name", "Same Name"],
            list.Texts("tbody td:nth-child(1)")
        );
        Assert.Equal(
            ["sally@same.example", "aa@same.example", "mm@same.example", "zz@same.example"],
            list.Texts("tbody td:nth-child(2)")
        );
    }

    [Fact]
    public async Task S1_4_S3_2_Each_row_has_one_link_with_the_full_name_and_the_address_and_the_status()
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        var user = await app.Main.MemberOfAsync(organisation, "Ada", "Lovelace");
        var list = await (await app.SupportAsync()).GetAsync(Links.Users(organisation.Id));
        var row = list.Document.QuerySelector("tbody tr")!;
        var link = Assert.Single(row.QuerySelectorAll("td:first-child a"));
        Assert.Equal(
            ("Ada Lovelace", Links.User(organisation.Id, user.Id)),
            (link.TextContent, link.GetAttribute("href"))
        );
        Assert.Equal(
            [user.Email, "Active"],
            row.QuerySelectorAll("td").Skip(1).Take(2).Select(td => td.TextContent.Trim())
        );
    }

    [Fact]
    public async Task S1_5_I2_Twenty_five_are_one_page_and_twenty_six_are_two()
    {
        var organisation = await OrganisationOfAsync(25);
        var support = await app.SupportAsync();
        var one = await support.GetAsync(Links.Users(organisation.Id));
        Assert.Equal(25, one.Texts("tbody tr").Count);
        Assert.Null(one.Document.QuerySelector(".govuk-pagination"));

        await app.Main.MemberOfAsync(organisation, "Person 026", "Smith");
        var first = await support.GetAsync(Links.Users(organisation.Id));
        Assert.Equal(25, first.Texts("tbody tr").Count);
        Assert.Contains("(page 1 of 2)", first.Document.Title, StringComparison.Ordinal);
        Assert.Contains("Showing 1 to 25 of 26 users", first.Text(), StringComparison.Ordinal);
        var second = await support.GetAsync(
            first.Document.QuerySelector(".govuk-pagination__next a")!.GetAttribute("href")!
        );
        Assert.Equal(["Person 026 Smith"], second.Texts("tbody td:nth-child(1)"));
        Assert.Contains("Showing 26 to 26 of 26 users", second.Text(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0", "Person 001 Smith")]
    [InlineData("-1", "Person 001 Smith")]
    [InlineData("abc", "Person 001 Smith")]
    [InlineData("", "Person 001 Smith")]
    [InlineData("1.5", "Person 001 Smith")]
    [InlineData("2", "Person 026 Smith")]
    [InlineData("3", "Person 026 Smith")]
    [InlineData("999999999999", "Person 026 Smith")]
    [InlineData("2147483647", "Person 026 Smith")]
    public async Task I2_Any_page_number_shows_a_page(string page, string first)
    {
        var organisation = await Shared26Async();
        var list = await (await app.SupportAsync()).GetAsync($"{Links.Users(organisation.Id)}?page={page}");
        Assert.Equal(first, list.Texts("tbody td:nth-child(1)")[0]);
    }

    [Fact]
    public async Task I3_Removing_the_only_user_of_the_last_page_shows_the_page_before()
    {
        var organisation = await OrganisationOfAsync(26);
        var support = await app.SupportAsync();
        var last = await support.GetAsync($"{Links.Users(organisation.Id)}?page=2");
        await (
            await (await last.FollowAsync("Person 026 Smith")).FollowAsync("Remove user Person 026 Smith")
        ).SubmitAsync("Remove user");
        Assert.Equal(25, (await support.GetAsync(last.Path)).Texts("tbody tr").Count);
    }

    [Fact]
    public async Task S2_6_S3_2_An_organisations_own_list_has_fifty_a_page()
    {
        var organisation = await OrganisationOfAsync(49);
        var admin = await app.Main.AdminOfAsync(organisation, "Zara", "Admin");
        var client = await app.Client().SignInAsync(admin.Email);
        Assert.Null((await client.GetAsync(Links.Users(organisation.Id))).Document.QuerySelector(".govuk-pagination"));
        await app.Main.MemberOfAsync(organisation);
        Assert.NotNull(
            (await client.GetAsync(Links.Users(organisation.Id))).Document.QuerySelector(".govuk-pagination")
        );
    }

    [Fact]
    public async Task I8_An_organisation_without_users_says_so_and_how_to_begin()
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        var list = await (await app.SupportAsync()).GetAsync(Links.Users(organisation.Id));
        Assert.Contains($"{organisation.Name} has no users yet.", list.Text(), StringComparison.Ordinal);
        Assert.True(list.HasLink("Add user"));
        Assert.Null(list.Document.QuerySelector("table"));
    }

    /// <summary>
    /// Pages and counts against the plain way, over random people who come, go, are paused, register and change names.
    /// </summary>
    [Fact]
    public async Task I14_Every_page_is_what_sorting_all_members_would_give_whatever_happened_before()
    {
        await using var host = await app.StartAsync([]);
        var organisation = await host.MakeOrganisationAsync();
        var random = new Random(20261120);
        const string Letters = "abcdeéÁZ’ -";
        string Word() =>
            "N" + string.Concat(Enumerable.Range(0, 3).Select(_ => Letters[random.Next(Letters.Length)])) + "x";
        for (var round = 0; round < 12; round++)
        {
            await host.InDbAsync(async db =>
            {
                var users = Enumerable
                    .Range(0, round == 0 ? 1500 : random.Next(1, 200))
                    .Select(_ => new User
                    {
                        Email = Some.Email(),
                        EmailKey = Some.Email(),
                        FirstName = Word(),
                        LastName = Word(),
                        CreatedAt = organisation.CreatedAt,
                    })
                    .ToList();
                db.AddRange(users);
                db.AddRange(
                    users.Select(u => new Membership
                    {
                        OrganisationId = organisation.Id,
                        UserId = u.Id,
                        Role = Roles.Member,
                        AddedAt = organisation.CreatedAt,
                    })
                );
                await db.SaveChangesAsync();
                await db.Database.ExecuteSqlAsync(
                    $"""
                    update users set first_name = first_name || 'q' where id in (select id from users
                      order by md5(id::text || {round}) limit 40)
                    """
                );
                await db.Database.ExecuteSqlAsync(
                    $"""
                    update memberships set removed_at = now() where id in (select id from memberships
                      where removed_at is null order by md5(id::text || {round}) limit {random.Next(300)})
                    """
                );
                await db.Database.ExecuteSqlAsync(
                    $"""
                    update users set registered_at = now() where id in (select id from users
                      order by md5(id::text || 'r' || {round}) limit 60)
                    """
                );
                await db.Database.ExecuteSqlAsync(
                    $"""
                    update users set paused_at = case when paused_at is null then now() end where id
                      in (select id from users order by md5(id::text || 'p' || {round}) limit 30)
                    """
                );
                await db.Database.ExecuteSqlAsync(
                    $"""
                    update memberships set paused_at = case when paused_at is null then now() end where id
                      in (select id from memberships order by md5(id::text || 'm' || {round}) limit 30)
                    """
                );
                await db.Database.ExecuteSqlAsync(
                    $"""
                    update memberships set expires_at = {organisation.CreatedAt.AddDays(round % 3 - 1)} where id
                      in (select id from memberships order by md5(id::text || 'e' || {round}) limit 100)
                    """
                );
                await db.Database.ExecuteSqlAsync(
                    $"""
                    update memberships set removed_at = null where id in (select id from memberships
                      where removed_at is not null order by md5(id::text || {round}) limit 20)
                    """
                );
                return 0;
            });
            await PagesAreRightAsync(host, organisation, size: 50);
        }
        await host.InDbAsync(db =>
            db.Memberships.Where(m => m.OrganisationId == organisation.Id)
                .ExecuteUpdateAsync(m => m.SetProperty(x => x.RemovedAt, DateTimeOffset.UtcNow))
        );
        await PagesAreRightAsync(host, organisation, size: 50);
    }

    private static async Task PagesAreRightAsync(Instance host, Organisation organisation, int size)
    {
        var everyone = await host.InDbAsync(db =>
            db.Database.SqlQuery<Guid>(
                    $"""
                    select user_id as "Value" from memberships m join users u on u.id = m.user_id
                      where organisation_id = {organisation.Id} and removed_at is null order by u.sort_name, u.id
                    """
                )
                .ToListAsync()
        );
        for (var page = 1; page <= everyone.Count / size + 2; page++)
        {
            var (counts, people) = await MemberList.PageAsync(
                host.Pool,
                organisation.Id,
                page,
                size,
                null,
                organisation.CreatedAt,
                TestContext.Current.CancellationToken
            );
            var number = Math.Min(page, Math.Max(1, (everyone.Count + size - 1) / size));
            Assert.Equal(everyone.Skip((number - 1) * size).Take(size), people.Select(p => p.UserId));
            Assert.Equal(everyone.Count, counts.All);
        }
        await StatusesAreRightAsync(host, organisation, size);
    }

    /// <summary>E, I4: counts, pages and labels of every status against the predicate.</summary>
    private static async Task StatusesAreRightAsync(Instance host, Organisation organisation, int size)
    {
        var now = organisation.CreatedAt;
        var stop = TestContext.Current.CancellationToken;
        var rows = await host.InDbAsync(db =>
            (
                from m in db.Memberships
                where m.OrganisationId == organisation.Id && m.RemovedAt == null
                join u in db.Users on m.UserId equals u.Id
                orderby EF.Property<string>(u, "SortName"), u.Id
                select new { Membership = m, User = u }
            ).ToListAsync()
        );
        var by = rows.ToLookup(
            r =>
                MembershipStatuses.Of(
                    r.Membership.PausedAt,
                    r.User.PausedAt,
                    r.User.RegisteredAt,
                    r.Membership.ExpiresAt,
                    now
                ),
            r => r.User.Id
        );
        var counts = await host.InDbAsync(db => MemberCounts.ReadAsync(db, organisation.Id, now, stop));
        foreach (var status in Enum.GetValues<MembershipStatus>())
        {
            var expected = by[status].ToList();
            Assert.Equal(expected.Count, counts.Of(status));
            var shown = new List<Guid>();
            for (var page = 1; page <= (expected.Count + size - 1) / size; page++)
            {
                var (same, people) = await MemberList.PageAsync(
                    host.Pool,
                    organisation.Id,
                    page,
                    size,
                    status,
                    now,
                    stop
                );
                Assert.Equal(counts, same);
                Assert.All(people, p => Assert.Equal(status, p.Status(now)));
                shown.AddRange(people.Select(p => p.UserId));
            }
            Assert.Equal(expected, shown);
        }
        Assert.Equal(rows.Count, counts.All);
    }

    [Fact]
    public async Task R15_A_list_that_is_only_read_waits_for_no_lock_and_writes_nothing()
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        foreach (var name in (string[])["Amy", "Bea", "Cat"])
        {
            await app.Main.MemberOfAsync(organisation, name, "Late", registered: false);
        }

        var support = await app.SupportAsync();
        await app.InDbAsync(db =>
            db.Database.ExecuteSqlAsync(
                $"""
                update memberships m
                set expires_at = now()
                  + case when u.first_name = 'Amy' then interval '1 day' else - interval '1 second' end
                from users u where u.id = m.user_id and m.organisation_id = {organisation.Id}
                """
            )
        );
        // Someone is changing the organisation for as long as this test looks; two invitations have just expired.
        await using var data = NpgsqlDataSource.Create(app.Main.Database);
        await using var connection = await data.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using (
            var change = new NpgsqlCommand("select from organisations where id = $1 for no key update", connection)
            {
                Parameters = { new() { Value = organisation.Id } },
            }
        )
        {
            await change.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        Task<List<string>> RowsAsync() =>
            app.InDbAsync(db =>
                db.Database.SqlQuery<string>(
                        $"""
                        select xmin::text as "Value" from memberships where organisation_id = {organisation.Id}
                          order by id
                        """
                    )
                    .ToListAsync()
            );
        var before = await RowsAsync();
        foreach (
            var (status, names) in new (MembershipStatus, string[])[]
            {
                (MembershipStatus.Pending, ["Amy Late"]),
                (MembershipStatus.Expired, ["Bea Late", "Cat Late"]),
                (MembershipStatus.Active, []),
            }
        )
        {
            var list = await support.GetAsync(Links.Users(organisation.Id, status));
            Assert.Equal(names, list.Texts("tbody td:nth-child(1)"));
            Assert.Equal(
                ["All (3)", "Active (0)", "Pending (1)", "Expired (2)", "Inactive (0)"],
                list.Texts(".rollcall-filters a")
            );
        }
        Assert.Contains(
            "2 people",
            (await support.GetAsync(Links.ResendExpired(organisation.Id))).Text(),
            StringComparison.Ordinal
        );
        Assert.Equal(before, await RowsAsync());
        await transaction.RollbackAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task S4_13_I4_I7_Filters_count_stay_in_the_address_and_survive_paging()
    {
        var organisation = await OrganisationOfAsync(0);
        foreach (
            var (status, count) in new[]
            {
                (MembershipStatus.Active, 27),
                (MembershipStatus.Inactive, 1),
                (MembershipStatus.Pending, 2),
                (MembershipStatus.Expired, 3),
            }
        )
        {
            for (var i = 0; i < count; i++)
            {
                var user = await app.Main.MakeUserAsync(
                    $"{status}{i:00}",
                    "Person",
                    registered: status is MembershipStatus.Active or MembershipStatus.Inactive
                );
                var membership = await app.Main.JoinAsync(user, organisation);
                await app.InDbAsync(db =>
                    db.Memberships.Where(m => m.Id == membership.Id)
                        .ExecuteUpdateAsync(m =>
                            m.SetProperty(
                                    x => x.PausedAt,
                                    status == MembershipStatus.Inactive ? DateTimeOffset.UtcNow : null
                                )
                                .SetProperty(
                                    x => x.ExpiresAt,
                                    status == MembershipStatus.Expired
                                        ? DateTimeOffset.UtcNow.AddMinutes(-1)
                                        : DateTimeOffset.UtcNow.AddDays(1)
                                )
                        )
                );
            }
        }

        var support = await app.SupportAsync();
        var list = await support.GetAsync(Links.Users(organisation.Id));
        Assert.Equal(
            ["All (33)", "Active (27)", "Pending (2)", "Expired (3)", "Inactive (1)"],
            list.Texts(".rollcall-filters a")
        );
        Assert.Equal("All (33)", list.Text(".rollcall-filters [aria-current=page]"));
        var expired = await list.FollowAsync("Expired (3)");
        Assert.Equal(["Expired", "Expired", "Expired"], expired.Texts("tbody td:nth-child(3)"));
        Assert.Contains("3 users with an expired invitation", expired.Text(), StringComparison.Ordinal);
        var active = await list.FollowAsync("Active (27)");
        Assert.Contains("Showing 1 to 25 of 27 active users", active.Text(), StringComparison.Ordinal);
        Assert.Equal(
            ["Active25 Person", "Active26 Person"],
            (await active.FollowAsync("Next page")).Texts("tbody td:nth-child(1)")
        );
        var found = await support.GetAsync(Links.Users(organisation.Id, MembershipStatus.Active, "person ACTIVE1"));
        Assert.Equal(10, found.Texts("tbody tr").Count);
        Assert.Equal(
            ["All (10)", "Active (10)", "Pending (0)", "Expired (0)", "Inactive (0)"],
            found.Texts(".rollcall-filters a")
        );
        Assert.Equal("person ACTIVE1", found.Document.QuerySelector("#search")!.GetAttribute("value"));
        Assert.Contains(
            "No pending users match “person ACTIVE1”.",
            (await found.FollowAsync("Pending (0)")).Text(),
            StringComparison.Ordinal
        );
        Assert.Equal(
            "All (33)",
            (await support.GetAsync(Links.Users(organisation.Id) + "?status=nonsense")).Text(
                ".rollcall-filters [aria-current=page]"
            )
        );
    }

    [Theory]
    [InlineData("smith zoe", "Zoë O’Brien-Smith")]
    [InlineData("OBRIEN", "Zoë O’Brien-Smith")]
    [InlineData("nguyen", "Nguyễn Thị Li")]
    [InlineData("100%_sure", "100%_sure Person")]
    [InlineData("li@findme", "Nguyễn Thị Li")]
    public async Task I6_A_search_finds_parts_of_names_in_any_order_and_of_addresses(string search, string name)
    {
        var organisation = await OrganisationOfAsync(0);
        foreach (
            var (first, last, mailbox) in new[]
            {
                ("Zoë", "O’Brien-Smith", "zob"),
                ("Nguyễn", "Thị Li", "li"),
                ("100%_sure", "Person", "sure"),
                ("Someone", "Else", "other"),
            }
        )
        {
            await app.Main.JoinAsync(
                await app.Main.MakeUserAsync(first, last, $"{mailbox}@findme{Guid.NewGuid():N}.example"),
                organisation
            );
        }

        var support = await app.SupportAsync();
        Assert.Equal(
            [name],
            (await support.GetAsync(Links.Users(organisation.Id, null, search))).Texts("tbody td:nth-child(1)")
        );
        var none = await support.GetAsync(Links.Users(organisation.Id, null, search + " zzz"));
        Assert.Contains($"No users match “{search} zzz”.", none.Text(), StringComparison.Ordinal);
        Assert.Equal(4, (await none.FollowAsync("Show all users")).Texts("tbody tr").Count);
    }

    [Theory]
    [InlineData("%")]
    [InlineData("_")]
    [InlineData("\\")]
    [InlineData("a")]
    [InlineData("😀")]
    [InlineData("[")]
    public async Task I6_A_character_that_means_something_to_a_pattern_means_itself(string search)
    {
        var organisation = await OrganisationOfAsync(0);
        await app.Main.JoinAsync(
            await app.Main.MakeUserAsync("Xyz", "Qrst", $"{Guid.NewGuid().ToString("N").Replace('a', 'b')}@xyz.info"),
            organisation
        );
        var list = await (await app.SupportAsync()).GetAsync(Links.Users(organisation.Id, null, search));
        Assert.Empty(list.Texts("tbody tr"));
        await (await app.SupportAsync()).GetAsync(
            Links.Users(organisation.Id, null, string.Concat(Enumerable.Repeat(search + " ", 250)))
        );
    }

    private async Task<Organisation> Shared26Async()
    {
        const string Name = "Twenty-six people";
        await Making.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            if (await app.InDbAsync(db => db.Organisations.SingleOrDefaultAsync(o => o.Name == Name)) is { } made)
            {
                return made;
            }

            var organisation = await OrganisationOfAsync(26);
            await app.InDbAsync(db =>
                db.Organisations.Where(o => o.Id == organisation.Id)
                    .ExecuteUpdateAsync(o => o.SetProperty(x => x.Name, Name))
            );
            return organisation;
        }
        finally
        {
            Making.Release();
        }
    }

    private static readonly SemaphoreSlim Making = new(1);
}
