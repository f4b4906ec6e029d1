using System.Reflection;
using System.Text;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Rollcall.Data;

/// <summary>
/// Brings the database to this version: applies each numbered SQL file of <c>Data/Migrations</c> once, in order, each in a transaction of its
/// own, so that a killed start leaves whole steps only. An advisory lock lets one of several starting instances do it while the others wait.
/// Files only ever go forward and must be safe for a running older version.
/// </summary>
internal sealed class Migrator(NpgsqlDataSource database, ILogger<Migrator> log)
{
    public const long Lock = 0x526F6C6C63616C6C; // "Rollcall"

    public static IReadOnlyList<(string Name, string Sql)> Files { get; } = Read();

    public async Task MigrateAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        // Another instance may migrate for longer than a page may wait, and a table may be in use.
        await RunAsync(connection, "set lock_timeout = 0", cancellation);
        await RunAsync(connection, $"select pg_advisory_lock({Lock})", cancellation);
        try
        {
            await RunAsync(connection, "create table if not exists schema_migrations (name text primary key, applied_at timestamptz not null default now())", cancellation);
            var applied = await AppliedAsync(connection, cancellation);
            foreach (var (name, sql) in Files.Where(file => !applied.Contains(file.Name)))
            {
                log.LogInformation("Applying {Migration}", name);
                await using var transaction = await connection.BeginTransactionAsync(cancellation);
                await RunAsync(connection, sql, cancellation);
                await RunAsync(connection, $"insert into schema_migrations (name) values ('{name}')", cancellation);
                await transaction.CommitAsync(cancellation);
            }
            await connection.ReloadTypesAsync(cancellation);
        }
        finally
        {
            await RunAsync(connection, $"select pg_advisory_unlock({Lock})", CancellationToken.None);
        }
    }

    /// <summary>Whether the database is at least at this version; a newer one is fine, because migrations are safe for older versions.</summary>
    public static async Task<bool> IsCurrentAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var applied = await AppliedAsync(connection, cancellation);
        return Files.All(file => applied.Contains(file.Name));
    }

    private static async Task<HashSet<string>> AppliedAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("select name from schema_migrations", connection);
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (await rows.ReadAsync(cancellation))
            names.Add(rows.GetString(0));
        return names;
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        // A migration may wait for the lock or rewrite a table: no time limit.
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private static List<(string, string)> Read()
    {
        const string folder = "Migrations/";
        var assembly = Assembly.GetExecutingAssembly();
        return [.. assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(folder, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name =>
            {
                using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!, Encoding.UTF8);
                return (name[folder.Length..^".sql".Length], reader.ReadToEnd());
            })];
    }
}
