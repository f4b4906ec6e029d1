using System.Diagnostics;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Rollcall.Model;

namespace Rollcall.Bench;

/// <summary>
/// Inviting a list: from the click to the result page beside the bare insert of the same rows, the trips to the
/// database, and the memory.
/// </summary>
internal static class Invitations
{
    private static int made;

    public static async Task MeasureAsync()
    {
        await using var running = await Running.StartAsync(people: 0);
        using var browser = await running.SignedInAsync();
        await running.Db.Database.ExecuteSqlAsync(
            $"alter table outgoing_messages disable trigger outgoing_messages_inserted"
        ); // no sender wakes up: this measures the list
        await running.Db.Database.ExecuteSqlAsync(
            $"""
            insert into outbox_pause (until, reason) values (now() + interval '1 day', 'Measuring')
            on conflict (only_row) do update set until = excluded.until
            """
        );

        const int People = 1_000;
        var previews = new List<double>();
        var results = new List<double>();
        var triggered = new List<double>();
        var bare = new List<double>();
        for (var round = -2; round < 11; round++) // the first two only warm up
        {
            var begun = Stopwatch.GetTimestamp();
            var preview = await PasteAsync(running, browser, People);
            var pasted = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
            begun = Stopwatch.GetTimestamp();
            await ConfirmAsync(browser, preview, People);
            var sent = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
            var withTriggers = await BareAsync(running, People, triggers: true);
            var alone = await BareAsync(running, People, triggers: false);
            if (round >= 0)
            {
                previews.Add(pasted);
                results.Add(sent);
                triggered.Add(withTriggers);
                bare.Add(alone);
            }
        }

        Console.WriteLine($"{People:N0} addresses pasted");
        Print("the bare insert of the same rows, without triggers", bare);
        Print("the same with triggers", triggered);
        Print("from the click on \"Send\" to the result page", results);
        Print("from pasting to the page that checks them", previews);
        Console.WriteLine();

        foreach (var people in new[] { 10, 1_000, 10_000 })
        {
            using var trips = new Trips();
            var preview = await PasteAsync(running, browser, people);
            var first = trips.Count;
            await ConfirmAsync(browser, preview, people);
            Console.WriteLine(
                $"{people, 6:N0} addresses: {first} trips to the database for the page that checks them, "
                    + $"{trips.Count - first} from the click on \"Send\" to the result page"
            );
        }
        Console.WriteLine();

        // The loop that sends takes part again: what stays in memory when ten thousand have gone through, and the most
        // there was on the way.
        await running.Db.Database.ExecuteSqlAsync($"delete from outbox_pause");
        await running.Db.Database.ExecuteSqlAsync(
            $"alter table outgoing_messages enable trigger outgoing_messages_inserted"
        );
        await SentAsync(running);
        foreach (var people in new[] { 1_000, 10_000, 10_000, 10_000 })
        {
            using var memory = new Memory();
            await ConfirmAsync(browser, await PasteAsync(running, browser, people), people);
            await SentAsync(running);
            Console.WriteLine(
                $"{people, 6:N0} addresses: {memory.MostMegabytes, 4} MB in use at most on the way, "
                    + $"{Memory.HeldMegabytes} MB held when all emails had left"
            );
        }
        Console.WriteLine();

        void Print(string name, List<double> times) =>
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"  {name, -52} {Median(times), 8:0.0} ms  × {Median(times.Zip(bare, (t, b) => t / b)), 6:0.00}"
                )
            );
    }

    private static async Task<(Uri Address, string Page)> PasteAsync(Running running, HttpClient browser, int people)
    {
        var organisation = new Organisation
        {
            Name = $"Bench {++made}",
            CreatedAt = DateTimeOffset.UtcNow,
            BulkInvitationsADay = 1_000_000,
        };
        running.Db.Add(organisation);
        await running.Db.SaveChangesAsync();
        var form = await browser.GetStringAsync(Links.InviteUsers(organisation.Id));
        using var content = new MultipartFormDataContent
        {
            {
                new StringContent(
                    string.Join('\n', Enumerable.Range(0, people).Select(i => $"person{i}.{made}@invited.example"))
                ),
                "Addresses"
            },
            { new StringContent("member"), "Role" },
            { new StringContent(Running.Value(form, Running.Token)), Running.Token },
        };
        using var answer = await browser.PostAsync(Links.InviteUsers(organisation.Id), content);
        return (answer.RequestMessage!.RequestUri!, await ReadAsync(answer, $"Send {people:N0} invitations"));
    }

    private static async Task ConfirmAsync(HttpClient browser, (Uri Address, string Page) preview, int people)
    {
        using var form = new FormUrlEncodedContent([new(Running.Token, Running.Value(preview.Page, Running.Token))]);
        using var answer = await browser.PostAsync(preview.Address, form);
        await ReadAsync(answer, $"{people:N0} invitations sent");
    }

    private static async Task<string> ReadAsync(HttpResponseMessage answer, string expected)
    {
        var page = await answer.Content.ReadAsStringAsync();
        var words = string.Join(' ', page.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return words.Contains(expected, StringComparison.Ordinal)
            ? page
            : throw new InvalidOperationException($"{answer.RequestMessage!.RequestUri} does not say “{expected}”");
    }

    /// <summary>The rows that a list leaves, with their indexes and keys, made by the database alone.</summary>
    private static async Task<double> BareAsync(Running running, int people, bool triggers)
    {
        var organisation = new Organisation { Name = $"Bench {++made}", CreatedAt = DateTimeOffset.UtcNow };
        running.Db.Add(organisation);
        await running.Db.SaveChangesAsync();
        var tables = new[] { "users", "memberships", "invitations", "outgoing_messages", "audit_events" };
        var switches = triggers
            ? ""
            : string.Concat(tables.Select(table => $"alter table {table} disable trigger user;\n"));
        await using var connection = await running.Database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var prepare = new NpgsqlCommand(
            $"""
            {switches}
            create temp table bare on commit drop as
              select gen_random_uuid() as id, gen_random_uuid() as membership, gen_random_uuid() as invitation, i,
                     'bare' || i || '.{made}@invited.example' as e
              from generate_series(1, {people}) i;
            """,
            connection,
            transaction
        );
        await prepare.ExecuteNonQueryAsync();
        var begun = Stopwatch.GetTimestamp();
        await using var command = new NpgsqlCommand(
            $"""
            insert into users (id, email, email_key, created_at) select id, e, e, now() from bare;
            insert into memberships (id, organisation_id, user_id, role, added_at, expires_at, sort_name)
              select membership, '{organisation.Id}', id, 'member', now(), now() + interval '7 days', e from bare;
            insert into invitations (
                id, organisation_id, user_id, membership_id, email, token_hash, sent_at, expires_at)
              select invitation, '{organisation.Id}', id, membership, e, sha256(invitation::text::bytea), now(),
                     now() + interval '7 days'
              from bare;
            insert into outgoing_messages (id, kind, data, to_address, membership_id, priority, created_at)
              select gen_random_uuid(), 'added',
                     jsonb_build_object(
                       'organisationId', '{organisation.Id}', 'organisation', 'Bench', 'invitationId', invitation),
                     e, membership, 30, now()
              from bare;
            insert into audit_events (id, at, kind, actor_name, organisation_id, user_id, data)
              select gen_random_uuid(), now(), 'added', 'Bench', '{organisation.Id}', id,
                     jsonb_build_object('email', e, 'role', 'member')
              from bare;
            {switches.Replace("disable", "enable", StringComparison.Ordinal)}
            """,
            connection,
            transaction
        );
        await command.ExecuteNonQueryAsync();
        await transaction.CommitAsync();
        return Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
    }

    private static async Task SentAsync(Running running)
    {
        while (
            await running.Db.OutgoingMessages.AnyAsync(m =>
                m.SentAt == null && m.FailedAt == null && m.SupersededAt == null
            )
        )
        {
            await Task.Delay(100);
        }
    }

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(values.Count() / 2);

    /// <summary>Counts the commands that requests send to the database.</summary>
    private sealed class Trips : IDisposable
    {
        private readonly ActivityListener listener;
        private int count;

        public int Count => count;

        public Trips()
        {
            listener = new()
            {
                ShouldListenTo = source => source.Name is "Npgsql" or "Microsoft.AspNetCore",
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
                ActivityStopped = activity =>
                {
                    // Opening a connection has no text.
                    if (activity.GetTagItem("db.query.text") is not null && activity.Parent is not null)
                    {
                        Interlocked.Increment(ref count);
                    }
                },
            };
            ActivitySource.AddActivityListener(listener);
        }

        public void Dispose() => listener.Dispose();
    }

    /// <summary>Looks at the managed heap fifty times a second.</summary>
    private sealed class Memory : IDisposable
    {
        private readonly Timer timer;
        private long most;

        public Memory() =>
            timer = new(_ => most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: false)), null, 0, 20);

        public long MostMegabytes => most / 1_000_000;

        public static long HeldMegabytes => GC.GetTotalMemory(forceFullCollection: true) / 1_000_000;

        public void Dispose() => timer.Dispose();
    }
}
