using System.Net.Sockets;
using Npgsql;
using Rollcall.Security;

namespace Rollcall.Data;

internal static class Connection
{
    /// <summary>
    /// The connection pool. With Npgsql's defaults, a query to an unreachable server hangs for a minute, so the
    /// timeouts here are short. The pool leaves room for other instances: PostgreSQL allows 100 connections in all by
    /// default. Values in the connection string take precedence. <c>docs/operating.md</c> explains each one.
    /// </summary>
    /// <param name="secret">
    /// This instance's secret. Every new connection is refused if the database was set up with another one.
    /// </param>
    /// <param name="configure">What else to set, such as tracing.</param>
    public static NpgsqlDataSource To(
        string connectionString,
        Secret? secret = null,
        Action<NpgsqlDataSourceBuilder>? configure = null
    )
    {
        var given = new NpgsqlConnectionStringBuilder(connectionString);
        Default(given, "Timeout", 3);
        Default(given, "Command Timeout", 5);
        Default(given, "Cancellation Timeout", 1000);
        Default(given, "Keepalive", 30);
        Default(given, "Maximum Pool Size", 25);
        Default(given, "Max Auto Prepare", 100);
        // Nothing sets anything for longer than its transaction, so a connection needs no reset, which would send six
        // more statements with the next query.
        Default(given, "No Reset On Close", true);
        Default(given, "Application Name", "Rollcall");
        // Sent at connect time, so that it needs no statement of its own.
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

        configure?.Invoke(builder);
        return builder.Build();
    }

    /// <summary>
    /// A separate pool for health checks, so that an exhausted or hanging main pool does not delay them.
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

    /// <summary>A command with positional parameters: $1, $2, …</summary>
    public static NpgsqlCommand Command(this NpgsqlDataSource database, string sql, params ReadOnlySpan<object> values)
    {
        var command = database.CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }

        return command;
    }

    public static T? OrNull<T>(this NpgsqlDataReader row, int column)
        where T : class => row.IsDBNull(column) ? null : row.GetFieldValue<T>(column);

    /// <summary>
    /// Whether the database returned an error or could not be reached. Npgsql does not wrap the system's error for a
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
