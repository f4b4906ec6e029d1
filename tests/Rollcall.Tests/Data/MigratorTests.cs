using Microsoft.Extensions.Logging.Abstractions;
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
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => new Migrator(pool, NullLogger<Migrator>.Instance).MigrateAsync(TestContext.Current.CancellationToken)));
        Assert.True(await Migrator.IsCurrentAsync(pool, TestContext.Current.CancellationToken));
        await using var count = pool.Command("select count(*) from schema_migrations");
        Assert.Equal((long)Migrator.Files.Count, await count.ExecuteScalarAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public void The_files_are_numbered_in_order_without_gaps()
        => Assert.Equal(Enumerable.Range(1, Migrator.Files.Count).Select(n => $"{n:0000}"), Migrator.Files.Select(file => file.Name[..4]));
}
