using System.Net;
using Npgsql;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Tests.Support;
using Rollcall.Tests.Users;

namespace Rollcall.Tests.Web;

/// <summary>Changing one organisation does not hold up another, and no one waits for long.</summary>
public sealed class ConcurrentChangeLimitTests(TheApp app)
{
    private static async Task<NpgsqlConnection> LockAsync(Instance host, Organisation organisation)
    {
        var connection = new NpgsqlConnection(host.Database + ";Pooling=false");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(
            $"begin; select from organisations where id = '{organisation.Id}' for update",
            connection
        );
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        return connection;
    }

    private static async Task<Instance> StartAsync(TheApp app, Action<NpgsqlConnectionStringBuilder> change)
    {
        var database = new NpgsqlConnectionStringBuilder(await app.NewDatabaseAsync());
        change(database);
        return await app.StartAsync([], database.ConnectionString);
    }

    [Fact]
    public async Task R20_A_lock_that_is_not_to_be_had_is_a_page_that_leads_back_to_what_was_entered()
    {
        await using var host = await StartAsync(app, to => to.Options = "-c lock_timeout=20ms");
        var support = await host.SupportAsync();
        var organisation = await host.MakeOrganisationAsync();
        var email = Some.Email();
        var check = await support.CheckUserAsync(organisation, AddPages.Person("Ada", "Lovelace", email));
        Page page;
        await using (await LockAsync(host, organisation))
        {
            page = await check.SubmitAsync("Add user", expected: HttpStatusCode.Conflict);
        }

        Assert.Equal("Someone else is changing this organisation", page.Heading);
        Assert.Contains("Your changes have not been saved", page.Text(), StringComparison.Ordinal);
        var again = await page.FollowAsync("Try again");
        Assert.Equal(email, again.Value("Email address"));
        Assert.Contains("Ada Lovelace", (await again.SubmitAsync("Add user")).Banner, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R20_Many_requests_for_one_locked_organisation_leave_connections_for_every_other()
    {
        await using var host = await StartAsync(app, to => to.MaxPoolSize = 10);
        var support = await host.SupportAsync();
        var locked = await host.MakeOrganisationAsync();
        var other = await host.MakeOrganisationAsync();
        var (path, fields) = (await support.GetAsync(Links.SignInRules(locked.Id))).Form("Save");
        var waiting = new List<Task<HttpResponseMessage>>();
        await using (var holder = await LockAsync(host, locked))
        {
            waiting.AddRange(
                Enumerable
                    .Range(0, 40)
                    .Select(_ =>
                        support.RawAsync(new(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(fields) })
                    )
            );
            await using var count = new NpgsqlCommand(
                "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
                holder
            );
            await Wait.UntilAsync(
                async () => (long)(await count.ExecuteScalarAsync())! > 0,
                "No request waits for the lock"
            );
            for (var i = 0; i < 20; i++)
            {
                Assert.Equal(other.Name, (await support.GetAsync(Links.Organisation(other.Id))).Heading);
                Assert.InRange((long)(await count.ExecuteScalarAsync(TestContext.Current.CancellationToken))!, 0, 4);
            }
        }

        foreach (var response in await Task.WhenAll(waiting))
        {
            Assert.Equal(HttpStatusCode.Found, response.StatusCode);
            response.Dispose();
        }
    }

    [Fact]
    public async Task R20_A_change_that_waits_too_long_for_others_is_told_so()
    {
        // A change waits for others as long as the command timeout.
        await using var host = await StartAsync(app, to => to.CommandTimeout = 1);
        var support = await host.SupportAsync();
        var locked = await host.MakeOrganisationAsync();
        var form = await support.GetAsync(Links.SignInRules(locked.Id));
        await using (await LockAsync(host, locked))
        {
            var pages = await Task.WhenAll(
                Enumerable
                    .Range(0, 12)
                    .Select(async _ =>
                    {
                        var (path, fields) = form.Form("Save");
                        using var response = await support.RawAsync(
                            new(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(fields) }
                        );
                        return (
                            response.StatusCode,
                            Text: await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)
                        );
                    })
            );
            Assert.Contains(
                pages,
                page =>
                    page.StatusCode == HttpStatusCode.Conflict
                    && page.Text.Contains("Someone else is changing this organisation", StringComparison.Ordinal)
            );
        }
    }

    [Fact]
    public void R20_The_pool_leaves_room_for_other_instances_and_no_lock_is_waited_for_long()
    {
        var given = new NpgsqlConnectionStringBuilder(Connection.To("Host=db").ConnectionString);
        Assert.Equal(
            (25, "-c lock_timeout=2s", 3, 5),
            (given.MaxPoolSize, given.Options, given.Timeout, given.CommandTimeout)
        );
        const string Own = "Host=db;Maximum Pool Size=7;Options=-c lock_timeout=1s -c search_path=x;Command Timeout=9";
        var own = new NpgsqlConnectionStringBuilder(Connection.To(Own).ConnectionString);
        Assert.Equal((7, "-c lock_timeout=1s -c search_path=x", 9), (own.MaxPoolSize, own.Options, own.CommandTimeout));
        Assert.Equal(
            "-c search_path=x -c lock_timeout=2s",
            new NpgsqlConnectionStringBuilder(
                Connection.To("Host=db;Options=-c search_path=x").ConnectionString
            ).Options
        );
    }
}
