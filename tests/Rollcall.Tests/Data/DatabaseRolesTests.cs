using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Rollcall.Data;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Data;

/// <summary>The service works with a role that owns nothing; another one migrates.</summary>
public sealed class DatabaseRolesTests(TheApp app)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("alter table audit_events disable trigger all")]
    [InlineData("drop trigger append_only on audit_events")]
    [InlineData("drop trigger kept_long_enough on audit_events")]
    [InlineData(
        "create or replace function refuse_change() returns trigger language plpgsql as 'begin return null; end'"
    )]
    [InlineData("set session_replication_role = replica")]
    [InlineData("truncate audit_events")]
    [InlineData("delete from audit_events")]
    [InlineData("update audit_events set kind = 'x'")]
    [InlineData("delete from terms_acceptances")]
    [InlineData("update terms_versions set markdown = 'x'")]
    [InlineData("update audit_retention set days = null")]
    [InlineData("insert into audit_retention values (false, 90)")]
    [InlineData("update secret_check set value = ''")]
    [InlineData("delete from schema_migrations")]
    [InlineData("truncate users cascade")]
    [InlineData("drop table users cascade")]
    [InlineData("create table public.mine ()")]
    [InlineData("create trigger mine after insert on users execute function refuse_change()")]
    public async Task Trust60_Trust62_The_service_cannot_take_away_what_protects_the_record(string sql)
    {
#pragma warning disable EF1002 // one of the above
        var refused = await Assert.ThrowsAsync<PostgresException>(() =>
            app.InDbAsync(db => db.Database.ExecuteSqlRawAsync(sql))
        );
#pragma warning restore EF1002
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    [Fact]
    public async Task Trust62_The_service_owns_nothing_and_has_the_rights_that_it_needs_on_every_table()
    {
        var tables = await app.InDbAsync(db =>
            db.Database.SqlQuery<Rights>(
                    $"""
                    select relname::text as "Table", pg_get_userbyid(relowner) = current_user as "Owns",
                           has_table_privilege(oid, 'select') as "Reads", has_table_privilege(oid, 'insert') as "Adds",
                           has_table_privilege(oid, 'update, delete') as "Changes",
                           has_table_privilege(oid, 'truncate, references, trigger') as "Other"
                    from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
                    """
                )
                .ToListAsync(Stop)
        );
        Assert.True(tables.Count > 25);
        Assert.All(tables, t => Assert.Equal((false, true, false), (t.Owns, t.Reads, t.Other)));
        Assert.Equal(
            ["audit_retention", "schema_migrations", "secret_check"],
            tables.Where(t => !t.Adds).Select(t => t.Table).Order(StringComparer.Ordinal)
        );
        Assert.Equal(
            [
                "audit_events",
                "audit_retention",
                "schema_migrations",
                "secret_check",
                "terms_acceptances",
                "terms_versions",
            ],
            tables.Where(t => !t.Changes).Select(t => t.Table).Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public async Task A_role_that_could_help_itself_to_more_is_refused_in_a_sentence()
    {
        await using var host = await app.StartAsync([]);
        foreach (
            var (grant, words) in new[]
            {
                (
                    $"create role mighty_1 superuser login password 'x'",
                    "The role mighty_1, which ConnectionStrings:Rollcall names, could change the record"
                ),
                (
                    $"create role mighty_2 login password 'x' in role rollcall",
                    "The role mighty_2, which ConnectionStrings:Rollcall names, could change the record"
                ),
            }
        )
        {
            await host.AsOwnerAsync(grant);
            var role = grant.Split(' ')[2];
            var mighty = new NpgsqlConnectionStringBuilder(host.Database)
            {
                Username = role,
                Password = "x",
            }.ConnectionString;
            await using var pool = Connection.To(app.OwnerOf(host.Database));
            await using var owner = await pool.OpenConnectionAsync(Stop);
            var refused = await Assert.ThrowsAsync<StartException>(() => DatabaseRoles.GrantAsync(owner, role, Stop));
            Assert.StartsWith(words, refused.Message, StringComparison.Ordinal);
            Assert.NotEmpty(mighty);
        }
    }

    [Fact]
    public async Task Tables_that_the_services_role_made_before_it_lost_them_are_to_be_given_to_the_owner_first()
    {
        await using var host = await app.StartAsync([]);
        var service = new NpgsqlConnectionStringBuilder(host.Database).Username!;
        await host.AsOwnerAsync($"alter table audit_events owner to {service}");
        await using var pool = Connection.To(app.OwnerOf(host.Database));
        await using var owner = await pool.OpenConnectionAsync(Stop);
        var refused = await Assert.ThrowsAsync<StartException>(() => DatabaseRoles.GrantAsync(owner, service, Stop));
        Assert.Contains($"`reassign owned by {service} to rollcall`", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_role_that_does_both_still_works()
    {
        var database = app.OwnerOf(await app.NewDatabaseAsync());
        await using var host = await app.StartAsync(new() { ["ConnectionStrings:RollcallOwner"] = null }, database);
        Assert.Equal("Organisations", (await (await host.SupportAsync()).GetAsync("/organisations")).Heading);
        Assert.Contains(
            "append-only",
            (
                await Assert.ThrowsAsync<PostgresException>(() =>
                    host.InDbAsync(db => db.Database.ExecuteSqlAsync($"delete from audit_events"))
                )
            ).Message,
            StringComparison.Ordinal
        );
        Assert.True(
            await host.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync(Stop) is { } open
                && await Migrator.IsCurrentAsync(open, Stop)
        );
    }

    private sealed record Rights(string Table, bool Owns, bool Reads, bool Adds, bool Changes, bool Other);
}
