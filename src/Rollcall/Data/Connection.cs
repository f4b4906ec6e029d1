using Npgsql;

namespace Rollcall.Data;

internal static class Connection
{
    /// <summary>
    /// The pool to the database. A server that is not there must fail a page in seconds: Npgsql's own defaults let a black-holed query hang for a
    /// minute. Whatever the connection string says itself stays.
    /// </summary>
    public static NpgsqlDataSource To(string connectionString)
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
        return new NpgsqlDataSourceBuilder(given.ConnectionString).Build();
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
