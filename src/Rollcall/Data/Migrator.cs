using System.Reflection;
using System.Text;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Rollcall.Data;

/// <summary>
/// Migrates the database to this version. Applies each numbered SQL file in <c>Data/Migrations</c> once, in order, in
/// its own transaction, so that a killed start leaves only whole steps. An advisory lock lets one starting instance
/// migrate while the others wait. From the first release on, migrations only go forward, and
/// must be safe for a running older version.
/// </summary>
internal sealed class Migrator(NpgsqlDataSource database, ILogger<Migrator> log)
{
    public const long Lock = 0x526F6C6C63616C6C; // "Rollcall" in ASCII

    /// <summary>The first version with MERGE, which keeps the counts of the lists.</summary>
    private const int OldestServer = 15;

    public static IReadOnlyList<(string Name, string Sql)> Files { get; } = Read();

    public Task MigrateAsync(CancellationToken cancellation) => MigrateAsync(_ => Task.CompletedTask, cancellation);

    /// <param name="afterwards">Runs under the same lock.</param>
    /// <exception cref="StartException">
    /// The server or the database is too old, or the role may not create tables. Nothing has been changed.
    /// </exception>
    public async Task MigrateAsync(Func<NpgsqlConnection, Task> afterwards, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        RefuseOld(connection.PostgreSqlVersion);
        // Another instance may migrate for longer than a page may wait, and a table may be in use.
        await RunAsync(connection, "set lock_timeout = 0", cancellation);
        await RunAsync(connection, $"select pg_advisory_lock({Lock})", cancellation);
        try
        {
            var applied = await TryAppliedAsync(connection, cancellation);
            var waiting = Files.Where(file => applied?.Contains(file.Name) != true).ToList();
            if (waiting.Count > 0)
            {
                await RefusePowerlessAsync(connection, cancellation);
            }

            if (applied?.Count > 0 && !applied.Contains(Files[0].Name))
            {
                throw new StartException(
                    "The database was made by a version of Rollcall from before the first release, which this one "
                        + "cannot read. Start with an empty database."
                );
            }

            if (applied is null)
            {
                await RunAsync(
                    connection,
                    """
                    create table schema_migrations (
                      name text primary key,
                      applied_at timestamptz not null default now())
                    """,
                    cancellation
                );
            }

            foreach (var (name, sql) in waiting)
            {
                log.LogInformation("Applying {Migration}", name);
                await using var transaction = await connection.BeginTransactionAsync(cancellation);
                await RunAsync(connection, sql, cancellation);
                await RunAsync(connection, $"insert into schema_migrations (name) values ('{name}')", cancellation);
                await transaction.CommitAsync(cancellation);
            }
            await connection.ReloadTypesAsync(cancellation);
            await afterwards(connection);
        }
        finally
        {
            await RunAsync(
                connection,
                $"reset lock_timeout; select pg_advisory_unlock({Lock})",
                CancellationToken.None
            );
        }
    }

    /// <summary>
    /// Whether the database is at this version or newer. Newer is fine: migrations are safe for older versions.
    /// </summary>
    public static async Task<bool> IsCurrentAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await IsCurrentAsync(connection, cancellation);
    }

    public static async Task<bool> IsCurrentAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        var applied = await AppliedAsync(connection, cancellation);
        return Files.All(file => applied.Contains(file.Name));
    }

    internal static void RefuseOld(Version server)
    {
        if (server.Major < OldestServer)
        {
            throw new StartException(
                $"The database server is PostgreSQL {server.Major}, and Rollcall needs PostgreSQL "
                    + $"{OldestServer} or later."
            );
        }
    }

    /// <summary>
    /// Checks the rights that the first migrations need: creating tables in the schema, and the extension pg_trgm or
    /// the right to add it.
    /// </summary>
    private static async Task RefusePowerlessAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var ask = new NpgsqlCommand(
            """
            select current_user::text, current_database()::text, current_schema()::text,
                   current_schema() is not null and has_schema_privilege(current_schema(), 'create'),
                   exists (select from pg_extension where extname = 'pg_trgm')
                     or has_database_privilege(current_database(), 'create'),
                   (select pg_get_userbyid(relowner) from pg_class
                    where oid = to_regclass('organisations') and not pg_has_role(relowner, 'usage'))
            """,
            connection
        );
        await using var row = await ask.ExecuteReaderAsync(cancellation);
        await row.ReadAsync(cancellation);
        var role = row.GetString(0);
        var name = row.GetString(1);
        if (!row.GetBoolean(3))
        {
            throw new StartException(
                $"The role {role} may not make tables in the database {name}. Give it the right "
                    + $"to: `grant create on schema {(row.IsDBNull(2) ? "public" : row.GetString(2))} to {role}`, "
                    + "or name the owner in ConnectionStrings:RollcallOwner."
            );
        }

        if (!row.GetBoolean(4))
        {
            throw new StartException(
                $"The role {role} may not add the extension pg_trgm to the database {name}. Give it the right to: "
                    + $"`grant create on database {name} to {role}`, or add the extension first."
            );
        }

        if (!row.IsDBNull(5))
        {
            throw new StartException(
                $"The role {role} may not change the tables of the database {name}: they belong to {row.GetString(5)}. "
                    + "Name that role in ConnectionStrings:RollcallOwner."
            );
        }
    }

    private static async Task<HashSet<string>?> TryAppliedAsync(
        NpgsqlConnection connection,
        CancellationToken cancellation
    )
    {
        try
        {
            return await AppliedAsync(connection, cancellation);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            return null;
        }
    }

    private static async Task<HashSet<string>> AppliedAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("select name from schema_migrations", connection);
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (await rows.ReadAsync(cancellation))
        {
            names.Add(rows.GetString(0));
        }

        return names;
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        // No time limit: a migration may wait for the lock or rewrite a table.
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private static List<(string, string)> Read()
    {
        const string folder = "Migrations/";
        var assembly = Assembly.GetExecutingAssembly();
        return
        [
            .. assembly
                .GetManifestResourceNames()
                .Where(name => name.StartsWith(folder, StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
                .Select(name =>
                {
                    using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!, Encoding.UTF8);
                    return (name[folder.Length..^".sql".Length], reader.ReadToEnd());
                }),
        ];
    }
}
