using CsvHelper;
using Microsoft.EntityFrameworkCore;
using Rollcall.History;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Users;

/// <summary>A list as CSV: exactly what the filter and the search show, and no formula.</summary>
public sealed class ExportTests(TheApp app)
{
    private static async Task<List<string[]>> ReadAsync(Page list)
    {
        var path = list
            .Document.QuerySelectorAll("a")
            .Single(a => a.TextContent.Contains("(CSV)", StringComparison.Ordinal))
            .GetAttribute("href")!;
        var response = await list.Client.RawAsync(new(HttpMethod.Get, path));
        Assert.Equal(
            ("text/csv", "users.csv"),
            (response.Content.Headers.ContentType!.MediaType, response.Content.Headers.ContentDisposition!.FileName)
        );
        Assert.True(response.Headers.CacheControl!.NoStore);
        var bytes = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        Assert.Equal([0xEF, 0xBB, 0xBF], bytes[..3]); // or Excel reads it as something else
        using var csv = CsvReader.Create(
            new StreamReader(new MemoryStream(bytes)),
            new CsvReaderOptions { HasHeader = false }
        );
        var rows = new List<string[]>();
        while (csv.Read())
        {
            rows.Add([.. Enumerable.Range(0, csv.FieldCount).Select(csv.GetString)]);
        }

        return rows;
    }

    [Theory]
    [InlineData("")]
    [InlineData("?status=active")]
    [InlineData("?status=inactive")]
    [InlineData("?status=pending")]
    [InlineData("?status=expired")]
    [InlineData("?search=smith+person")]
    [InlineData("?status=pending&search=smith")]
    public async Task I_The_file_holds_the_people_of_every_page_in_their_order_with_the_status_they_are_shown_with(
        string filter
    )
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        var support = await app.SupportAsync();
        foreach (var i in Enumerable.Range(1, 60))
        {
            var user = await app.Main.MakeUserAsync(
                $"Person {i:00}",
                i % 2 == 0 ? "Smith" : "Jones",
                registered: i % 3 == 0
            );
            var membership = await app.Main.JoinAsync(user, organisation);
            await app.InDbAsync(db =>
                db.Memberships.Where(m => m.Id == membership.Id)
                    .ExecuteUpdateAsync(m =>
                        m.SetProperty(x => x.PausedAt, x => i % 5 == 0 ? x.AddedAt : null)
                            .SetProperty(x => x.ExpiresAt, x => i % 4 == 1 ? x.AddedAt : x.AddedAt.AddDays(7))
                    )
            );
        }
        var shown = new List<string>();
        Page list;
        for (var page = 1; ; page++)
        {
            list = await support.GetAsync(
                $"{Links.Users(organisation.Id)}{filter}{(filter.Length == 0 ? "?" : "&")}page={page}"
            );
            var people = list
                .Document.QuerySelectorAll("tbody tr")
                .Select(row =>
                    string.Join('|', row.QuerySelectorAll("td").Take(3).Select(cell => Page.Squish(cell.TextContent)))
                )
                .ToList();
            shown.AddRange(people);
            if (!list.HasLink("Next page"))
            {
                break;
            }
        }
        Assert.NotEmpty(shown);
        var rows = await ReadAsync(list);
        Assert.Equal(
            [
                "First name",
                "Last name",
                "Email address",
                "Status",
                "Role",
                "Service areas",
                "Added",
                "Link works until",
                "Last sign-in",
            ],
            rows[0]
        );
        Assert.Equal(shown, rows.Skip(1).Select(row => $"{row[0]} {row[1]}|{row[2]}|{row[3]}"));
        Assert.All(rows.Skip(1), row => Assert.Equal(row[3] is "Pending" or "Expired", row[7].Length > 0));
    }

    [Fact]
    public async Task Trust63_Trust18_Trust60_No_formula_nothing_of_elsewhere_for_an_admin_and_it_is_written_down()
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        var admin = await app.Main.AdminOfAsync(organisation, "Ann", "Admin");
        var user = await app.Main.MemberOfAsync(organisation, "=1+1", "Zażółć, \"Gęślą\"");
        await app.InDbAsync(db =>
            db.Users.Where(u => u.Id == user.Id)
                .ExecuteUpdateAsync(u => u.SetProperty(x => x.LastSignedInAt, x => x.CreatedAt))
        );
        var rows = await ReadAsync(
            await (await app.Client().SignInAsync(admin.Email)).GetAsync(Links.Users(organisation.Id))
        );
        Assert.DoesNotContain("Last sign-in", rows[0]);
        Assert.Equal(["'=1+1", "Zażółć, \"Gęślą\"", user.Email, "Active", "Member"], rows[1][..5]);
        var record = await app.InDbAsync(db =>
            db.AuditEvents.SingleAsync(e =>
                e.OrganisationId == organisation.Id && e.Kind == Event.KindOf<UsersExported>()
            )
        );
        Assert.Equal(
            (admin.Id, "{\"users\": 2, \"search\": \"\", \"status\": null}"),
            (record.ActorId!.Value, record.Data)
        );
    }

    [Fact]
    public async Task Five_thousand_people_come_in_their_order_without_a_gap()
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        await app.InDbAsync(db =>
            db.Database.ExecuteSqlAsync(
                $"""
                with made as (insert into users (id, email, email_key, first_name, last_name, created_at, registered_at)
                  select gen_random_uuid(), email, email, 'Same', 'Name' || n / 100, now(), now()
                  from generate_series(1, 5000) n,
                    lateral (select 'export' || n || '@' || {organisation.Id.ToString()} || '.example' as email) as a
                  returning id)
                insert into memberships (id, organisation_id, user_id, role, added_at)
                select gen_random_uuid(), {organisation.Id}, id, 'member', now() from made
                """
            )
        );
        var expected = await app.InDbAsync(db =>
            db.Database.SqlQuery<string>(
                    $"""
                    select u.email as "Value"
                    from memberships m join users u
                    on u.id = m.user_id where m.organisation_id = {organisation.Id}
                    order by m.sort_name, m.user_id
                    """
                )
                .ToListAsync()
        );
        var rows = await ReadAsync(await (await app.SupportAsync()).GetAsync(Links.Users(organisation.Id)));
        Assert.Equal(expected, rows.Skip(1).Select(row => row[2]));
    }

    [Theory]
    [InlineData("=1+1")]
    [InlineData("＝1+1")]
    [InlineData("＋1")]
    [InlineData("－1")]
    [InlineData("＠SUM(A1)")]
    [InlineData(" ＝1")]
    public void Trust58_No_cell_is_a_formula_in_full_width_either(string text)
    {
        var csv = new System.Text.StringBuilder();
        Rollcall.Web.Csv.Row(csv, text);
        Assert.StartsWith("\"'", csv.ToString(), StringComparison.Ordinal);
    }
}
