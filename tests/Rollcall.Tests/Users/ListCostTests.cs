using System.Data.Common;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Rollcall.Data;
using Rollcall.Tests.Support;
using Rollcall.Users;

namespace Rollcall.Tests.Users;

/// <summary>What a page of an organisation of 10,000 people costs the database.</summary>
public sealed class ListCostTests(TheApp app)
{
    [Theory]
    [InlineData(1)]
    [InlineData(200)]
    [InlineData(400)]
    public async Task I13_A_page_of_ten_thousand_people_takes_five_queries_without_a_sort_or_a_count_of_everybody(int page)
    {
        var seen = new Seen();
        await using var host = await app.StartAsync(new() { ["ROLLCALL_SEED"] = "large" }, services: services => services.ConfigureDbContext<Db>(db => db.AddInterceptors(seen)));
        var trust = await host.InDbAsync(db => db.Organisations.SingleAsync(o => o.Code == "LM0"));
        var support = await host.SupportAsync();
        var list = Links.Users(trust.Id) + $"?page={page}";
        await support.GetAsync(list);

        seen.Commands.Clear();
        using var all = new Queries(new NpgsqlConnectionStringBuilder(host.Database).Database!);
        var shown = await support.GetAsync(list);
        Assert.Equal(25, shown.Texts("tbody tr").Count);
        Assert.Contains("of 10,000 users", shown.Text(), StringComparison.Ordinal);
        Assert.Equal(5, all.Count); // session, viewer, organisation, counts, list
        Assert.Equal(4, seen.Commands.Count); // the session's is the one that is not EF's

        // Asked often, the plan is kept and no longer made for these very values: it must be right for any.
        await host.InDbAsync(async db =>
        {
            for (var again = 0; again < 60; again++)
                Assert.Equal(25, (await People.PageAsync(db, trust.Id, page, 25, null, TestContext.Current.CancellationToken)).Count);
            return 0;
        });

        await using var database = Connection.To(host.Database);
        foreach (var (sql, parameters) in seen.Commands)
        {
            await using var explain = database.CreateCommand("explain (analyze, format json) " + sql);
            foreach (var (name, value) in parameters)
                explain.Parameters.Add(new(name, value));
            using var plan = JsonDocument.Parse((string)(await explain.ExecuteScalarAsync(TestContext.Current.CancellationToken))!);
            var nodes = Nodes(plan.RootElement[0].GetProperty("Plan")).ToList();
            Assert.DoesNotContain(nodes, node => node.GetProperty("Node Type").GetString()!.Contains("Sort", StringComparison.Ordinal));
            Assert.All(nodes, node => Assert.True(node.GetProperty("Actual Rows").GetDouble() <= 1000, $"{node.GetProperty("Node Type")} reads {node.GetProperty("Actual Rows")} rows:\n{plan.RootElement}"));
        }
    }

    private static IEnumerable<JsonElement> Nodes(JsonElement node)
        => node.TryGetProperty("Plans", out var inner) ? inner.EnumerateArray().SelectMany(Nodes).Prepend(node) : [node];

    /// <summary>The queries of EF, with their values.</summary>
    private sealed class Seen : DbCommandInterceptor
    {
        public List<(string Sql, List<(string Name, object? Value)> Parameters)> Commands { get; } = [];

        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            lock (Commands)
                Commands.Add((command.CommandText, [.. command.Parameters.Cast<DbParameter>().Select(p => (p.ParameterName, p.Value))]));
            return ValueTask.FromResult(result);
        }
    }

    /// <summary>Counts what is sent to one database by whatever means.</summary>
    private sealed class Queries : IDisposable
    {
        private readonly ActivityListener listener;
        private int count;

        public int Count => count;

        public Queries(string database)
        {
            listener = new()
            {
                ShouldListenTo = source => source.Name == "Npgsql",
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
                ActivityStopped = activity =>
                {
                    if (activity.TagObjects.Any(tag => (tag.Value as string)?.Contains(database, StringComparison.Ordinal) == true) && Reads(activity))
                        Interlocked.Increment(ref count);
                },
            };
            ActivitySource.AddActivityListener(listener);
        }

        // The loop that delivers emails looks for work in the background; a page does not touch its table.
        private static bool Reads(Activity activity) => !activity.TagObjects.Any(tag => (tag.Value as string)?.Contains("outgoing_messages", StringComparison.Ordinal) == true);

        public void Dispose() => listener.Dispose();
    }
}
