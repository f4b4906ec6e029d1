using Npgsql;

namespace Rollcall.Host;

/// <summary>The database in an embedded server, and the roles that use it.</summary>
internal static class EmbeddedDatabase
{
    private const string Name = "rollcall";

    /// <param name="password">The superuser's.</param>
    public static string OwnerConnection(int port, string password) =>
        Connection(port, PostgresCluster.Superuser, password);

    /// <param name="password">The superuser's.</param>
    public static string ServiceConnection(int port, string password) =>
        Connection(port, PostgresCluster.Worker, PostgresCluster.WorkerPassword(password));

    /// <summary>
    /// Creates the database and the service's role if they do not exist. Data from an older version gets the role here.
    /// </summary>
    public static async Task CreateAsync(int port, string password, CancellationToken ct)
    {
        var toServer = new NpgsqlConnectionStringBuilder(OwnerConnection(port, password))
        {
            Database = "postgres",
            Pooling = false,
        };
        await using var connection = new NpgsqlConnection(toServer.ConnectionString);
        await connection.OpenAsync(ct);
        await using var find = new NpgsqlCommand(
            $"""
            select exists (select from pg_database where datname = '{Name}'),
                   exists (select from pg_roles where rolname = '{PostgresCluster.Worker}')
            """,
            connection
        );
        bool hasDatabase,
            hasWorker;
        await using (var row = await find.ExecuteReaderAsync(ct))
        {
            await row.ReadAsync(ct);
            hasDatabase = row.GetBoolean(0);
            hasWorker = row.GetBoolean(1);
        }
        if (!hasDatabase)
        {
            await RunAsync($"create database {Name}");
        }
        // Safe to quote: the password consists of letters and digits that we generated.
        if (!hasWorker)
        {
            var worker = PostgresCluster.WorkerPassword(password);
            await RunAsync($"create role {PostgresCluster.Worker} login password '{worker}'");
        }

        async Task RunAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync(ct);
        }
    }

    private static string Connection(int port, string role, string password) =>
        new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1",
            Port = port,
            Database = Name,
            Username = role,
            Password = password,
        }.ConnectionString;
}
