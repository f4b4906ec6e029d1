using System.Net;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Web;

public sealed class ErrorTests(TheApp app)
{
    [Theory]
    [InlineData("/nowhere", 404, "Page not found")]
    [InlineData("/organisations/not-a-number", 404, "Page not found")]
    [InlineData("/as-if/400", 400, "There is a problem with what was sent")]
    [InlineData("/as-if/403", 403, "You do not have permission to see this page")]
    [InlineData("/as-if/409", 409, "Someone else is changing this")]
    [InlineData("/as-if/429", 429, "Too many attempts")]
    [InlineData("/as-if/500", 500, "Sorry, there is a problem with the service")]
    [InlineData("/as-if/503", 503, "Sorry, the service is unavailable")]
    [InlineData("/as-if/200", 404, "Page not found")]
    [InlineData("/error", 404, "Page not found")]
    [InlineData("/error/500", 404, "Page not found")]
    [InlineData("/error/403", 404, "Page not found")]
    public async Task J12_U20_Every_error_page_is_in_house_style_with_a_next_step(
        string path,
        int status,
        string heading
    )
    {
        foreach (var client in new[] { app.Client(), await app.SupportAsync() })
        {
            var page = await client.GetAsync(path, (HttpStatusCode)status);
            Assert.Equal(heading, page.Heading);
            Assert.True(page.HasLink("Go to the start page"));
        }
    }

    [Theory]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    [InlineData("TRACE")]
    [InlineData("FOO")]
    public async Task Trust61_A_method_that_nothing_answers_is_refused(string method)
    {
        using var response = await app.Client().RawAsync(new(new HttpMethod(method), "/sign-in"));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        if (method != "TRACE") // whose answer has no body
        {
            Assert.Contains(
                "There is no such action on this page",
                await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
                StringComparison.Ordinal
            );
        }
    }

    [Fact]
    public async Task J3_Trust55_A_form_sent_from_another_site_is_refused_even_with_its_token()
    {
        var support = await app.SupportAsync();
        var (path, fields) = (await support.GetAsync("/organisations/create")).Form("Create organisation");
        fields["Name"] = Some.Name("From elsewhere");
        using var crossSite = await support.RawAsync(
            new(HttpMethod.Post, path)
            {
                Content = new FormUrlEncodedContent(fields),
                Headers = { { "Sec-Fetch-Site", "cross-site" } },
            }
        );
        Assert.Equal(HttpStatusCode.BadRequest, crossSite.StatusCode);
        Assert.Equal(
            "none",
            (
                await support.GetAsync("/organisations?search=" + Uri.EscapeDataString(fields["Name"]))
            ).Document.QuerySelector("table")
                is null
                ? "none"
                : "created"
        );
    }

    [Fact]
    public async Task R21_U20_With_the_database_away_every_page_says_so_and_the_service_recovers_by_itself()
    {
        await using var host = await app.StartAsync([]);
        var support = await host.SupportAsync();
        var database = new Npgsql.NpgsqlConnectionStringBuilder(host.Database).Database;
        await app.InDbAsync(db => Task.FromResult(db)); // the shared database goes on
        await AllowAsync(database!, false);
        foreach (var path in new[] { "/organisations", "/account", "/terms" })
        {
            var page = await support.GetAsync(path, HttpStatusCode.ServiceUnavailable);
            Assert.Equal("Sorry, the service is unavailable", page.Heading);
            Assert.Equal("30", page.Response.Headers.RetryAfter!.ToString());
            Assert.DoesNotContain("saved", page.Text(), StringComparison.Ordinal); // nothing was sent that could be
        }
        using (var live = await host.Client().RawAsync(new(HttpMethod.Get, "/health/live")))
        {
            Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        }

        using (var ready = await host.Client().RawAsync(new(HttpMethod.Get, "/health/ready")))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        }

        await AllowAsync(database!, true);
        await support.GetAsync("/organisations");
    }

    [Theory]
    [InlineData("/organisations/create", "Code", "500", 403)]
    [InlineData("/organisations/create", "code", "ABC", 403)]
    [InlineData("/help", "x", "1", 405)]
    [InlineData("/", "x", "1", 405)]
    public async Task J12_The_answer_to_a_form_does_not_depend_on_a_field_that_is_called_code(
        string path,
        string field,
        string value,
        int status
    )
    {
        var client = await app.Client().SignInAsync((await app.Main.MakeUserAsync()).Email);
        var (_, fields) = (await client.GetAsync("/sign-out")).Form("Sign out");
        var page = await client.PostAsync(path, new(fields) { [field] = value }, (HttpStatusCode)status);
        Assert.True(page.HasLink("Go to the start page"));
    }

    [Fact]
    public async Task Trust58_A_form_that_is_far_too_large_gets_an_answer_in_words()
    {
        var support = await app.SupportAsync();
        var (path, fields) = (await support.GetAsync("/organisations/create")).Form("Create organisation");
        fields["Name"] = new('n', 5_000_000);
        Assert.True((await support.PostAsync(path, fields, HttpStatusCode.BadRequest)).HasLink("Go to the start page"));
    }

    private Task<int> AllowAsync(string database, bool allow) =>
        app.InDbAsync(async db =>
        {
            await using var connection = new Npgsql.NpgsqlConnection(app.OwnerOf(app.Main.Database) + ";Pooling=false");
            await connection.OpenAsync();
            await using var command = new Npgsql.NpgsqlCommand(
                $"alter database {database} allow_connections {allow}",
                connection
            );
            await command.ExecuteNonQueryAsync();
            await using var end = new Npgsql.NpgsqlCommand(
                $"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{database}'",
                connection
            );
            return await end.ExecuteNonQueryAsync();
        });
}
