using System.Net.Sockets;
using Npgsql;
using Rollcall.Security;

namespace Rollcall.Data;

internal static class Connection
{
    /// <summary>
    /// The pool to the database. A server that is not there must fail a page in seconds: Npgsql's own defaults let a
    /// black-holed query hang for a minute. A pool must leave room for other instances: by default PostgreSQL has 100
    /// connections in all. Whatever the connection string says itself stays. <c>docs/operating.md</c> explains each.
    /// </summary>
    /// <param name="secret">The instance's: a database that was set up with another one is refused at every new
    /// connection.</param>
    public static NpgsqlDataSource To(string connectionString, Secret? secret = null)
    {
        var given = new NpgsqlConnectionStringBuilder(connectionString);
        Default(given, "Timeout", 3);
        Default(given, "Command Timeout", 5);
        Default(given, "Cancellation Timeout", 1000);
        Default(given, "Keepalive", 30);
        Default(given, "Maximum Pool Size", 25);
        Default(given, "Max Auto Prepare", 100);
        Default(given, "Application Name", "Rollcall");
        // Said when connecting, not by SET: the pool resets a connection to what it began with.
        if (given.Options?.Contains("lock_timeout", StringComparison.Ordinal) != true)
        {
            given.Options = $"{given.Options} -c lock_timeout=2s".TrimStart();
        }

        var builder = new NpgsqlDataSourceBuilder(given.ConnectionString);
        if (secret is not null)
        {
            builder.UsePhysicalConnectionInitializer(
                connection => OtherSecretException.ThrowIf(connection, secret),
                connection => OtherSecretException.ThrowIfAsync(connection, secret)
            );
        }

        return builder.Build();
    }

    /// <summary>
    /// A pool of its own for asking whether the database answers: one that is used up, or hangs, must not make that
    /// wait.
    /// </summary>
    public static NpgsqlDataSource ToProbe(string connectionString) =>
        To(
            new NpgsqlConnectionStringBuilder(connectionString)
            {
                Timeout = 1,
                CommandTimeout = 1,
                MaxPoolSize = 2,
                MinPoolSize = 0,
                ApplicationName = "Rollcall readiness",
            }.ConnectionString
        );

    /// <summary>A command with its values in order: $1, $2, …</summary>
    public static NpgsqlCommand Command(this NpgsqlDataSource database, string sql, params ReadOnlySpan<object> values)
    {
        var command = database.CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }

        return command;
    }

    /// <summary>
    /// Whether the database gave an error or could not be asked. Npgsql passes on as it is what the system says about a
    /// host name that does not resolve.
    /// </summary>
    public static bool IsFailure(Exception exception) =>
        exception is NpgsqlException or SocketException or TimeoutException;

    private static void Default(NpgsqlConnectionStringBuilder given, string key, object value)
    {
        if (!given.ShouldSerialize(key))
        {
            given[key] = value;
        }
    }
}
