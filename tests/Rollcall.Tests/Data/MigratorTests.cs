using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Rollcall.Data;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Data;

public sealed class MigratorTests(TheApp app)
{
    [Fact]
    public async Task Several_instances_that_start_at_once_apply_each_file_once()
    {
        var connectionString = app.OwnerOf(await app.NewDatabaseAsync());
        await using (var empty = Connection.To(connectionString))
        {
            await using var command = empty.Command("drop schema public cascade; create schema public");
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }
        await using var pool = Connection.To(connectionString + ";Maximum Pool Size=20");
        await Task.WhenAll(
            Enumerable
                .Range(0, 8)
                .Select(_ =>
                    new Migrator(pool, NullLogger<Migrator>.Instance).MigrateAsync(
                        TestContext.Current.CancellationToken
                    )
                )
        );
        Assert.True(await Migrator.IsCurrentAsync(pool, TestContext.Current.CancellationToken));
        await using var count = pool.Command("select count(*) from schema_migrations");
        Assert.Equal((long)Migrator.Files.Count, await count.ExecuteScalarAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_connection_that_migrated_waits_for_locks_as_long_as_any_other()
    {
        var connectionString = app.OwnerOf(await app.NewDatabaseAsync());
        await using var pool = Connection.To(
            new NpgsqlConnectionStringBuilder(connectionString)
            {
                MaxPoolSize = 1,
                Options = "-c lock_timeout=2s",
            }.ConnectionString
        );
        await new Migrator(pool, NullLogger<Migrator>.Instance).MigrateAsync(TestContext.Current.CancellationToken);
        await using var show = pool.Command("show lock_timeout");
        Assert.Equal("2s", await show.ExecuteScalarAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_instance_waits_for_another_one_that_migrates_for_longer_than_a_page_would()
    {
        var connectionString = app.OwnerOf(await app.NewDatabaseAsync());
        await using var pool = Connection.To(
            new NpgsqlConnectionStringBuilder(connectionString) { Options = "-c lock_timeout=1ms" }.ConnectionString
        );
        await using var other = await pool.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var locks = new NpgsqlCommand($"select pg_advisory_lock({Migrator.Lock})", other);
        await locks.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        var migrating = new Migrator(pool, NullLogger<Migrator>.Instance).MigrateAsync(
            TestContext.Current.CancellationToken
        );
        await using var waits = new NpgsqlCommand(
            """
            select count(*) from pg_stat_activity
            where datname = current_database() and wait_event = 'advisory'
              and now() - query_start > interval '20 ms'
            """,
            other
        );
        await Wait.UntilAsync(
            async () => migrating.IsFaulted || (long)(await waits.ExecuteScalarAsync())! == 1,
            "It does not wait"
        );
        await using var unlocks = new NpgsqlCommand($"select pg_advisory_unlock({Migrator.Lock})", other);
        await unlocks.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        await migrating;
    }

    [Fact]
    public async Task A_database_from_before_the_first_release_is_refused_and_left_as_it_is()
    {
        await using var pool = Connection.To(app.OwnerOf(await app.NewDatabaseAsync()));
        await using var older = pool.Command(
            "delete from schema_migrations; insert into schema_migrations (name) values ('0001_organisations')"
        );
        await older.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        var refused = await Assert.ThrowsAsync<StartException>(() =>
            new Migrator(pool, NullLogger<Migrator>.Instance).MigrateAsync(TestContext.Current.CancellationToken)
        );
        Assert.Contains("from before the first release", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_files_are_numbered_in_order_without_gaps() =>
        Assert.Equal(
            Enumerable.Range(1, Migrator.Files.Count).Select(n => $"{n:0000}"),
            Migrator.Files.Select(file => file.Name[..4])
        );
}
