using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Rollcall.Tests.Support;
using Rollcall.Web;

namespace Rollcall.Tests.Web;

/// <summary>What people are told when the database goes away, at once or in the middle of what they do.</summary>
public sealed class DatabaseAwayTests(TheApp app)
{
    private async Task<(Instance Host, Wire Wire)> StartAsync(Action<NpgsqlConnectionStringBuilder>? change = null)
    {
        var (wire, connectionString) = Wire.To(await app.NewDatabaseAsync());
        change?.Invoke(connectionString);
        return (await app.StartAsync([], connectionString.ConnectionString), wire);
    }

    /// <summary>A driver that would wait for ever: whatever answers does so by a limit of our own.</summary>
    private Task<(Instance Host, Wire Wire)> StartPatientAsync() =>
        StartAsync(to =>
        {
            to.Timeout = 0;
            to.CommandTimeout = 0;
            to.CancellationTimeout = 0;
        });

    private static void AssertUnavailable(Page page)
    {
        // with its security headers, which every page is checked for
        Assert.Equal("Sorry, the service is unavailable", page.Heading);
        Assert.Equal("30", page.Response.Headers.RetryAfter!.ToString());
    }

    private static Task<int> CountAsync(Instance host, string name) =>
        host.InDbAsync(db => db.Organisations.CountAsync(o => o.Name == name));

    private static async Task<Page> CreateAsync(Client support, string name) =>
        await (await support.GetAsync("/organisations/create")).SubmitAsync(
            "Create organisation",
            new() { ["Name"] = name },
            HttpStatusCode.ServiceUnavailable
        );

    [Fact]
    public async Task R21_A_database_that_goes_away_in_the_middle_of_a_request_is_a_503_that_asks_it_nothing_more()
    {
        var (host, wire) = await StartAsync();
        await using (host)
        await using (wire) // first, so that nothing waits for it when the host ends
        {
            var support = await host.SupportAsync();
            var name = Some.Name("Never saved");
            wire.CutBefore = "INSERT INTO organisations";
            var page = await CreateAsync(support, name);
            AssertUnavailable(page);
            Assert.Contains(ErrorModel.NotSaved, page.Text(), StringComparison.Ordinal);

            wire.CutBefore = null;
            wire.IsCut = false;
            await Wait.UntilAsync(async () => await CountAsync(host, name) == 0, "It was saved");
            Assert.Equal("Organisations", (await support.GetAsync("/organisations")).Heading); // still signed in
        }
    }

    [Fact]
    public async Task R21_A_connection_lost_at_commit_leaves_open_what_was_saved_and_the_page_says_so()
    {
        var (host, wire) = await StartAsync();
        await using (host)
        await using (wire) // first, so that nothing waits for it when the host ends
        {
            var support = await host.SupportAsync();
            var name = Some.Name("Saved after all");
            wire.CutAfter = ("INSERT INTO organisations", "COMMIT\0"); // not the READ COMMITTED of its beginning
            var page = await CreateAsync(support, name);
            AssertUnavailable(page);
            Assert.Contains(ErrorModel.Unknown, page.Text(), StringComparison.Ordinal);
            Assert.DoesNotContain(ErrorModel.NotSaved, page.Text(), StringComparison.Ordinal);

            wire.CutAfter = null;
            wire.IsCut = false;
            await Wait.UntilAsync(async () => await CountAsync(host, name) == 1, "The database did not commit");
        }
    }

    [Fact]
    public async Task R21_A_single_statement_needs_no_commit_and_is_as_unknown()
    {
        var (host, wire) = await StartAsync();
        await using (host)
        await using (wire) // first, so that nothing waits for it when the host ends
        {
            var support = await host.SupportAsync();
            var organisation = await host.MakeOrganisationAsync();
            var form = await support.GetAsync(Links.AddUser(organisation.Id));
            wire.CutAfter = ("INSERT INTO drafts", "INSERT INTO drafts");
            var page = await form.SubmitAsync(
                "Continue",
                new()
                {
                    ["FirstName"] = "Ada",
                    ["LastName"] = "Lovelace",
                    ["Email"] = Some.Email(),
                },
                HttpStatusCode.ServiceUnavailable
            );
            Assert.Contains(ErrorModel.Unknown, page.Text(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("/help", 200)]
    [InlineData("/sign-in", 200)]
    [InlineData("/privacy", 200)]
    [InlineData("/cookies", 200)]
    [InlineData("/accessibility", 200)]
    [InlineData("/nowhere", 404)]
    public async Task R21_Pages_that_need_no_database_are_there_while_it_is_away_and_while_it_hangs(
        string path,
        int status
    )
    {
        var (host, wire) = await StartPatientAsync();
        await using (host)
        await using (wire) // first, so that nothing waits for it when the host ends
        {
            var support = await host.SupportAsync();
            wire.Silence();
            // as for someone who is not signed in
            Assert.True((await support.GetAsync(path, (HttpStatusCode)status)).HasLink("Sign in"));
            wire.IsCut = true;
            wire.Speak();
            Assert.True((await support.GetAsync(path, (HttpStatusCode)status)).HasLink("Sign in"));
            wire.IsCut = false;
            await Wait.UntilAsync(
                async () => (await support.GetAsync(path, (HttpStatusCode)status)).HasLink("Sign out"),
                "The session is gone"
            );
        }
    }

    [Fact]
    public async Task R19_Readiness_answers_while_the_database_hangs()
    {
        var (host, wire) = await StartPatientAsync();
        await using (host)
        await using (wire) // first, so that nothing waits for it when the host ends
        {
            using var probe = host.Client();
            Assert.Equal("ready", await ReadyAsync(probe));
            wire.Silence();
            // over a connection that was open
            Assert.Equal("not ready: the database does not answer", await ReadyAsync(probe));
            // and over one that is being opened
            Assert.Equal("not ready: the database does not answer", await ReadyAsync(probe));
            wire.Speak();
            await Wait.UntilAsync(async () => await ReadyAsync(probe) == "ready", "It does not recover");
        }
    }

    [Fact]
    public async Task R19_Readiness_does_not_wait_for_a_connection_of_a_pool_that_is_used_up()
    {
        var database = new NpgsqlConnectionStringBuilder(await app.NewDatabaseAsync()) { MaxPoolSize = 5, Timeout = 0 };
        await using var host = await app.StartAsync([], database.ConnectionString);
        var pool = host.Services.GetRequiredService<NpgsqlDataSource>();
        // More than there are: whatever another part of the service gives back is taken at once.
        using var enough = new CancellationTokenSource();
        var taken = Enumerable.Range(0, 10).Select(_ => pool.OpenConnectionAsync(enough.Token).AsTask()).ToList();
        await Wait.UntilAsync(
            () => Task.FromResult(taken.Count(t => t.IsCompletedSuccessfully) >= 3),
            "The pool gives out nothing"
        );
        Assert.Equal("ready", await ReadyAsync(host.Client()));
        await enough.CancelAsync();
        foreach (var connection in taken)
        {
            await connection
                .ContinueWith(
                    t => t.IsCompletedSuccessfully ? t.Result.DisposeAsync().AsTask() : Task.CompletedTask,
                    TaskScheduler.Default
                )
                .Unwrap();
        }
    }

    private static async Task<string> ReadyAsync(Client client)
    {
        using var response = await client.RawAsync(new(HttpMethod.Get, "/health/ready"));
        return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }
}
