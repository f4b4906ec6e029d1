using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Security;
using Rollcall.Tests.Support;
using Rollcall.Users;

namespace Rollcall.Tests.Users;

/// <summary>What the pages cost the database where an organisation has a million people.</summary>
public sealed class MillionTests(TheApp app)
{
    private const int People = 1_000_000;
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>What is as long as there are people, and is never read as a whole.</summary>
    private static readonly string[] Long = ["users", "memberships", "audit_events", "invitations"];

    private sealed record Visit(string Path, string Says, bool Searches = false);

    [Fact]
    public async Task I13_No_page_reads_all_people_and_each_takes_as_many_queries_as_at_fifty_people()
    {
        var seen = new Seen();
        var database = await app.NewDatabaseAsync();
        await using var host = await app.StartAsync(
            new() { ["ROLLCALL_SEED"] = "million" },
            database,
            services =>
                services.AddSingleton(provider =>
                    Connection.To(
                        database,
                        provider.GetRequiredService<Secret>(),
                        pool => pool.ConfigureTracing(seen.Listen)
                    )
                )
        );
        Task<Organisation> OfAsync(string code) =>
            host.InDbAsync(db => db.Organisations.AsNoTracking().SingleAsync(o => o.Code == code));
        var trust = await OfAsync("LM0");
        var school = await OfAsync("LM1");
        var support = await host.SupportAsync();
        var person = await host.InDbAsync(db =>
            db.Users.AsNoTracking().SingleAsync(u => u.Email == "person500000.0@longmeadow.example")
        );
        var pupil = await host.InDbAsync(db =>
            db.Users.AsNoTracking().SingleAsync(u => u.Email == "person20.1@longmeadow.example")
        );
        await RecordAsync(host, trust);
        var wrong = new List<string>();
        foreach (var (at, small) in Visits(trust, person).Zip(Visits(school, pupil)))
        {
            await support.GetAsync(at.Path);
            await support.GetAsync(small.Path);
            var few = (await VisitAsync(small)).Queries;
            var (queries, plans) = await VisitAsync(at);
            if (at.Path.Contains("page=", StringComparison.Ordinal))
            {
                Assert.Equal(2, queries); // the session with its person and organisation, and the list
            }

            if (queries != few)
            {
                wrong.Add($"{at.Path}: {queries} queries, and {few} where there are fifty people");
            }

            wrong.AddRange(
                plans.SelectMany(plan =>
                    Mistakes(plan, at).Select(mistake => $"{at.Path}: {mistake}\n{plan.RootElement}")
                )
            );
        }
        Assert.True(wrong.Count == 0, string.Join("\n\n", wrong));

        // Asked often, a plan is kept and no longer made for these very values: it must be right for any.
        seen.Commands.Clear();
        for (var again = 0; again < 60; again++)
        {
            var (_, people) = await MemberList.PageAsync(
                host.Pool,
                trust.Id,
                again * 500 + 1,
                25,
                null,
                trust.CreatedAt,
                Stop
            );
            Assert.Equal(25, people.Count);
        }

        // Nor must a plan be kept for a search: it could not know which words are rare.
        Task<long> ReadAsync() =>
            host.InDbAsync(db =>
                db.Database.SqlQuery<long>(
                        $"""
                        select seq_tup_read + idx_tup_fetch as "Value" from pg_stat_user_tables where relname = 'users'
                        """
                    )
                    .SingleAsync()
            );
        var before = await ReadAsync();
        for (var again = 0; again < 30; again++)
        {
            await support.GetAsync($"{Links.Users(trust.Id)}?search=zoe+brien");
        }

        var read = 0L;
        await Wait.UntilAsync(
            async () => (read = await ReadAsync() - before) >= 30 * 500,
            "The statistics never told of the searches"
        );
        Assert.InRange(read, 30 * 500, 30 * 5000);

        async Task<(int Queries, List<JsonDocument> Plans)> VisitAsync(Visit visit)
        {
            seen.Commands.Clear();
            using var all = new Queries(host);
            var page = await support.GetAsync(visit.Path);
            Assert.Contains(visit.Says, page.Text(), StringComparison.Ordinal);
            var count = all.Count;
            Assert.InRange(count, 1, 12);
            return (count, await PlansAsync(host, [.. seen.Commands]));
        }
    }

    private static IEnumerable<Visit> Visits(Organisation organisation, User person)
    {
        var list = Links.Users(organisation.Id);
        var large = organisation.Code == "LM0";
        string Of(int people) => large ? $"of {people:N0} " : "user";
        yield return new(list, Of(People));
        yield return new($"{list}?page={(large ? 20_000 : 2)}", Of(People));
        yield return new($"{list}?page={(large ? 40_000 : 2)}", Of(People));
        foreach (
            var (status, share) in new[]
            {
                ("active", 550_000),
                ("inactive", 50_000),
                ("pending", 200_000),
                ("expired", 200_000),
            }
        )
        {
            yield return new($"{list}?status={status}", Of(share));
            yield return new($"{list}?status={status}&page={(large ? share / 50 : 1)}", Of(share));
        }
        yield return new($"{list}?search={person.Email}", person.Email, Searches: true);
        yield return new($"{list}?search=smith", "smith", Searches: true); // many
        yield return new($"{list}?search=zoe+brien+9&status=pending", "zoe brien 9", Searches: true);
        yield return new($"{list}?search=xq", "xq", Searches: true); // no one, and fewer than three letters
        yield return new(Links.User(organisation.Id, person.Id), person.Email);
        yield return new(Links.ReviewAccess(organisation.Id), "Review access");
        yield return new(Links.ReviewAccess(organisation.Id, months: 1), "Review access");
        yield return new(Links.Organisation(organisation.Id), organisation.Name);
        yield return new(Links.History(organisation.Id), "History");
        yield return new(Links.Organisations, "Organisations");
        yield return new(Links.Everyone, "All users");
        yield return new($"{Links.Everyone}?after={person.Id}", "All users");
        yield return new($"{Links.Everyone}?search={person.Email}", person.Email, Searches: true);
        yield return new($"{Links.Everyone}?search=smith", "smith", Searches: true);
        yield return new(Links.Person(person.Id), person.Email);
        yield return new(Links.SupportUsers, "Support users");
    }

    /// <summary>Many events of people, as adding them one by one would have written.</summary>
    private static async Task RecordAsync(Instance host, Organisation organisation)
    {
        await host.InDbAsync(db =>
            db.Database.ExecuteSqlAsync(
                $"""
                insert into audit_events (id, at, kind, actor_name, organisation_id, user_id)
                select gen_random_uuid(), {organisation.CreatedAt} + n * interval '1 second', 'added', 'Ann Admin',
                  {organisation.Id}, gen_random_uuid()
                from generate_series(1, 100000) n
                """
            )
        );
        await host.AsOwnerAsync("analyze audit_events");
    }

    private static async Task<List<JsonDocument>> PlansAsync(
        Instance host,
        IReadOnlyList<(string Sql, List<(string Name, object? Value)> Parameters)> commands
    )
    {
        var plans = new List<JsonDocument>();
        await using var database = Connection.To(host.Database);
        foreach (var (sql, parameters) in commands)
        {
            await using var explain = database.CreateCommand("explain (analyze, format json) " + sql);
            foreach (var (name, value) in parameters)
            {
                explain.Parameters.Add(new() { ParameterName = name, Value = value });
            }

            plans.Add(JsonDocument.Parse((string)(await explain.ExecuteScalarAsync(Stop))!));
        }
        return plans;
    }

    /// <summary>
    /// Nothing reads everyone. A page further on steps over the entries of an index, from the nearer end, and reads no
    /// table on the way. A search reads until it has found a thousand, and its index may know of more.
    /// </summary>
    private static IEnumerable<string> Mistakes(JsonDocument plan, Visit visit)
    {
        var most = visit.Searches ? 50_000 : 1_000;
        var entries = visit.Path.Contains("page=", StringComparison.Ordinal) ? People / 2 : most;
        foreach (var node in Nodes(plan.RootElement[0].GetProperty("Plan")))
        {
            var type = node.GetProperty("Node Type").GetString()!;
            double Of(string name) => node.TryGetProperty(name, out var value) ? value.GetDouble() : 0;
            var read =
                (Of("Actual Rows") + Of("Rows Removed by Filter") + Of("Rows Removed by Index Recheck"))
                * Of("Actual Loops");
            if (type == "Seq Scan" && Long.Contains(node.GetProperty("Relation Name").GetString()) && read > 1000)
            {
                yield return $"reads all of {node.GetProperty("Relation Name")}";
            }

            if (read > (type == "Index Only Scan" ? entries : most) && type != "Bitmap Index Scan")
            {
                yield return $"{type} reads {read:N0} rows";
            }
        }
    }

    private static IEnumerable<JsonElement> Nodes(JsonElement node) =>
        node.TryGetProperty("Plans", out var inner) ? inner.EnumerateArray().SelectMany(Nodes).Prepend(node) : [node];

    /// <summary>Every query for a request, with its values, while something counts them.</summary>
    private sealed class Seen
    {
        public ConcurrentQueue<(string Sql, List<(string Name, object? Value)> Parameters)> Commands { get; } = [];

        public void Listen(NpgsqlTracingOptionsBuilder tracing) =>
            tracing.ConfigureCommandEnrichmentCallback(
                (activity, command) =>
                {
                    var isQuery = !command.CommandText.StartsWith("set ", StringComparison.Ordinal);
                    if (isQuery && Queries.ForARequest(activity.Parent))
                    {
                        var parameters = command.Parameters.Select(p => (p.ParameterName, p.Value)).ToList();
                        Commands.Enqueue((command.CommandText, parameters));
                    }
                }
            );
    }
}
