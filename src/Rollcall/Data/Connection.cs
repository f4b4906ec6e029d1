using Npgsql;

namespace Rollcall.Data;

internal static class Connection
{
    /// <summary>
    /// The pool to the database. A server that is not there must fail a page in seconds: Npgsql's own defaults let a black-holed query hang for a
    /// minute. Whatever the connection string says itself stays.
    /// </summary>
    /// <param name="secret">The instance's: a database that was set up with another one is refused at every new connection.</param>
    public static NpgsqlDataSource To(string connectionString, Secret? secret = null)
    {
        var given = new NpgsqlConnectionStringBuilder(connectionString);
        void Default(string key, object value)
        {
            if (!given.ShouldSerialize(key))
                given[key] = value;
        }
        Default("Timeout", 3);
        Default("Command Timeout", 5);
        Default("Cancellation Timeout", 1000);
        Default("Keepalive", 30);
        Default("Max Auto Prepare", 100);
        Default("Application Name", "Rollcall");
        var builder = new NpgsqlDataSourceBuilder(given.ConnectionString);
        if (secret is not null)
            builder.UsePhysicalConnectionInitializer(
                connection => OtherSecretException.ThrowIf(connection, secret), connection => OtherSecretException.ThrowIfAsync(connection, secret));
        return builder.Build();
    }

    /// <summary>A command with its values in order: $1, $2, …</summary>
    public static NpgsqlCommand Command(this NpgsqlDataSource database, string sql, params ReadOnlySpan<object> values)
    {
        var command = database.CreateCommand(sql);
        foreach (var value in values)
            command.Parameters.Add(new() { Value = value });
        return command;
    }
}
