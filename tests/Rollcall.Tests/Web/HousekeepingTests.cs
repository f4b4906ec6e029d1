using Microsoft.EntityFrameworkCore;
using Npgsql;
using Rollcall.Data;
using Rollcall.Tests.Support;
using Rollcall.Web;

namespace Rollcall.Tests.Web;

/// <summary>How long each kind of record is kept.</summary>
public sealed class HousekeepingTests(TheApp app)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>How old each was made, in days; what is left afterwards.</summary>
    private const string Messages = "outgoing_messages",
        Mailbox = "mailbox",
        Sessions = "sessions",
        Drafts = "drafts",
        Lists = "invitation_lists";

    [Theory]
    [InlineData("Messages", Messages, 30, new[] { 29, 31 }, 1)]
    [InlineData("Messages", Mailbox, 30, new[] { 29, 31 }, 1)]
    [InlineData("Messages", "password_resets", 30, new[] { 29, 31 }, 1)]
    [InlineData("Messages", "address_changes", 30, new[] { 29, 31 }, 1)]
    [InlineData("Sessions", Sessions, 3, new[] { 2, 4 }, 1)]
    [InlineData("Drafts", Drafts, 5, new[] { 4, 6 }, 1)]
    [InlineData("Drafts", Lists, 5, new[] { 4, 6 }, 1)]
    [InlineData("Lists", Lists + " confirmed", 20, new[] { 19, 21 }, 1)]
    public async Task Each_kind_of_record_is_kept_for_as_many_days_as_its_setting_says(
        string setting,
        string what,
        int days,
        int[] ages,
        int left
    )
    {
        await using var host = await app.StartAsync(new() { [$"Rollcall:Retention:{setting}"] = $"{days}" });
        var user = await host.MakeUserAsync();
        var organisation = await host.MakeOrganisationAsync();
        foreach (var age in ages)
        {
            await host.AsOwnerAsync(Insert(what, user.Id, organisation.Id, age));
        }

        await host.CleanUpAsync();
        await host.CleanUpAsync();
        Assert.Equal(left, await CountAsync(host, what.Split(' ')[0]));
    }

    [Fact]
    public async Task A_message_that_still_waits_is_never_deleted()
    {
        await using var host = await app.StartAsync([]);
        await host.AsOwnerAsync(
            """
            insert into outgoing_messages (id, kind, data, to_address, priority, created_at, available_at)
            values (gen_random_uuid(), 'unknown', '{}', 'a@example.org', 1, now() - interval '9 years', now())
            """
        );
        await host.CleanUpAsync();
        Assert.Equal(1, await CountAsync(host, Messages));
    }

    [Fact]
    public async Task Many_are_deleted_a_few_at_a_time_and_instances_share_the_work()
    {
        await using var host = await app.StartAsync([]);
        await using var other = await app.StartAsync([], host.Database);
        var user = await host.MakeUserAsync();
        await host.AsOwnerAsync(
            $"""
            insert into sessions (id_hash, user_id, created_at, seen_at)
            select int8send(i), '{user.Id}', now() - interval '3 days', now()
            from generate_series(1, {Housekeeping.AtOnce * 2 + 1}) i
            """
        );
        await host.AsOwnerAsync(
            $"""
            insert into audit_events (id, at, kind, actor_name)
            select gen_random_uuid(), now() - interval '8 years', 'x', 'x'
            from generate_series(1, {Housekeeping.AtOnce * 2 + 1}) i
            """
        );
        await Task.WhenAll(host.CleanUpAsync(), other.CleanUpAsync());
        await host.CleanUpAsync();
        Assert.Equal((0, 0), (await CountAsync(host, Sessions), await CountAsync(host, "audit_events")));
    }

    [Fact]
    public async Task Trust60_The_record_ends_when_its_time_is_over_and_no_one_can_end_it_sooner()
    {
        await using var host = await app.StartAsync(new() { ["Rollcall:Retention:Audit"] = "100" });
        foreach (var days in new[] { 99, 101, 300 })
        {
            await host.AsOwnerAsync(
                $"""
                insert into audit_events (id, at, kind, actor_name)
                values (gen_random_uuid(), now() - interval '{days} days', 'x', 'x')
                """
            );
        }

        await host.CleanUpAsync();
        Assert.Equal(1, await CountAsync(host, "audit_events"));
        await host.InDbAsync(db => db.Database.ExecuteSqlAsync($"select forget_audit_events(10)"));
        Assert.Equal(1, await CountAsync(host, "audit_events"));

        // The owner too deletes only what is old; and a table of the same name in front of the real one shortens
        // nothing.
        Assert.Contains(
            "append-only",
            (await Assert.ThrowsAsync<PostgresException>(() => host.AsOwnerAsync("delete from audit_events"))).Message,
            StringComparison.Ordinal
        );
        await using var pool = Connection.To(host.Database);
        await using var connection = await pool.OpenConnectionAsync(Stop);
        await using var trick = new NpgsqlCommand(
            "create temp table audit_retention as select true as only_row, 0 as days; select forget_audit_events(10)",
            connection
        );
        await trick.ExecuteNonQueryAsync(Stop);
        Assert.Equal(1, await CountAsync(host, "audit_events"));
    }

    [Fact]
    public async Task The_record_is_kept_for_ever_where_the_setting_says_so()
    {
        await using var host = await app.StartAsync(new() { ["Rollcall:Retention:Audit"] = "" });
        await host.AsOwnerAsync(
            """
            insert into audit_events (id, at, kind, actor_name)
            values (gen_random_uuid(), now() - interval '90 years', 'x', 'x')
            """
        );
        await host.CleanUpAsync();
        Assert.Equal(1, await CountAsync(host, "audit_events"));
    }

    [Fact]
    public async Task A_table_that_fails_does_not_stop_the_others()
    {
        await using var host = await app.StartAsync([]);
        var user = await host.MakeUserAsync();
        await host.AsOwnerAsync(Insert(Sessions, user.Id, default, 90));
        // The first table and one in the middle are not as they should be.
        await host.AsOwnerAsync("alter table drafts rename to drafts_away; alter table mailbox rename to mailbox_away");
        await host.AsOwnerAsync(
            """
            insert into audit_events (id, at, kind, actor_name)
            values (gen_random_uuid(), now() - interval '90 years', 'x', 'x')
            """
        );
        await host.CleanUpAsync();
        Assert.Equal((0, 0), (await CountAsync(host, Sessions), await CountAsync(host, "audit_events")));
    }

    private static string Insert(string what, Guid user, Guid organisation, int age)
    {
        var at = $"now() - interval '{age} days'";
        return what switch
        {
            Messages => $$"""
                insert into outgoing_messages (id, kind, data, to_address, priority, created_at, sent_at)
                values (gen_random_uuid(), 'removed', '{}', 'a@example.org', 1, {{at}}, {{at}})
                """,
            Mailbox => $"""
                insert into mailbox (id, message_id, to_address, from_address, reply_to, subject, text_body, html_body,
                  sent_at)
                values (gen_random_uuid(), '{age}', 'a', 'b', 'c', 'd', 'e', 'f', {at})
                """,
            Sessions =>
                $"insert into sessions (id_hash, user_id, created_at, seen_at) values ('{age}', '{user}', {at}, {at})",
            Drafts => $$"""
                insert into drafts (id, kind, viewer_id, answers, created_at)
                values (gen_random_uuid(), 'x', '{{user}}', '{}', {{at}})
                """,
            "password_resets" => $"""
                insert into password_resets (id, user_id, token_hash, created_at)
                values (gen_random_uuid(), '{user}', '{age}', {at})
                """,
            "address_changes" => $"""
                insert into address_changes (id, user_id, email, token_hash, created_at)
                values (gen_random_uuid(), '{user}', 'a@example.org', '{age}', {at})
                """,
            _ => $"""
                insert into invitation_lists (id, organisation_id, by_user, role, created_at, confirmed_at)
                values (gen_random_uuid(), '{organisation}', '{user}', 'member', {at}, {(what == Lists ? "null" : at)})
                """,
        };
    }

#pragma warning disable EF1002 // names of tables above
    private static Task<int> CountAsync(Instance host, string table) =>
        host.InDbAsync(db =>
            db.Database.SqlQueryRaw<int>($"select count(*)::int as \"Value\" from {table}").SingleAsync(Stop)
        );
#pragma warning restore EF1002
}
