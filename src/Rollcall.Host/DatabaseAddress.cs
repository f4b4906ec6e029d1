using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Npgsql;
using Rollcall.Data;

namespace Rollcall.Host;

/// <summary>The configured database connections, and the wait for a server that is still starting.</summary>
/// <param name="Service">Connection string of the role that the service uses.</param>
/// <param name="Owner">Connection string of the role that owns the tables; null if it is the same role.</param>
internal sealed record DatabaseAddress(string Service, string? Owner)
{
    private const string ServiceKey = "Rollcall",
        OwnerKey = "RollcallOwner";

    private const string Example = "Write it as Host=db.example.com;Database=rollcall;Username=rollcall;Password=…";

    /// <summary>Reads the settings; null when they name no server.</summary>
    /// <exception cref="StartException">A setting is not a valid connection string.</exception>
    public static DatabaseAddress? In(IConfiguration configuration)
    {
        foreach (var key in configuration.GetSection("ConnectionStrings").GetChildren().Select(section => section.Key))
        {
            if (
                SpellingSuggestion.For(key, [ServiceKey, OwnerKey]) is { } meant
                && !meant.Equals(key, StringComparison.OrdinalIgnoreCase)
            )
            {
                throw new StartException(
                    $"ConnectionStrings:{key} is not a setting. Did you mean ConnectionStrings:{meant}?"
                );
            }
        }

        var service = configuration.GetConnectionString(ServiceKey);
        var owner = configuration.GetConnectionString(OwnerKey);
        if (service is null && owner is not null)
        {
            throw new StartException(
                $"ConnectionStrings:{OwnerKey} is set, and ConnectionStrings:{ServiceKey} is not. Set both, or neither."
            );
        }

        return service is null ? null : new(Read(ServiceKey, service), owner is null ? null : Read(OwnerKey, owner));
    }

    /// <summary>How long to wait for a server that is still starting.</summary>
    public static TimeSpan TimeLimit(IConfiguration configuration) =>
        int.TryParse(
            configuration["ROLLCALL_DATABASE_WAIT"] ?? "60",
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out var seconds
        )
            ? TimeSpan.FromSeconds(seconds)
            : throw new StartException(
                $"ROLLCALL_DATABASE_WAIT must be a number of seconds, not {configuration["ROLLCALL_DATABASE_WAIT"]}"
            );

    /// <summary>
    /// Waits until the server accepts connections. Other failures, such as a wrong password, are not retried.
    /// </summary>
    public async Task WaitAsync(TimeSpan timeLimit, TextWriter output)
    {
        var waiting = Stopwatch.StartNew();
        foreach (var connectionString in new[] { Service, Owner }.OfType<string>())
        {
            var settings = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false };
            var where = string.Create(CultureInfo.InvariantCulture, $"{settings.Host}:{settings.Port}");
            for (var told = false; ; await Task.Delay(TimeSpan.FromMilliseconds(200)))
            {
                try
                {
                    await using var connection = new NpgsqlConnection(settings.ConnectionString);
                    await connection.OpenAsync();
                    Migrator.RefuseOld(connection.PostgreSqlVersion);
                    break;
                }
                catch (Exception e) when (MayPass(e))
                {
                    var why = e.InnerException?.Message ?? (e as PostgresException)?.MessageText ?? e.Message;
                    if (waiting.Elapsed > timeLimit)
                    {
                        throw new StartException(
                            $"The database at {where} did not answer within {timeLimit.TotalSeconds:0} seconds: {why}.",
                            e
                        );
                    }

                    if (!told)
                    {
                        await output.WriteLineAsync(
                            $"Waiting up to {timeLimit.TotalSeconds:0} seconds for the database at {where}: {why}."
                        );
                    }

                    told = true;
                }
                catch (NpgsqlException e)
                {
                    throw new StartException(
                        $"The database at {where} did not let Rollcall in: "
                            + $"{(e as PostgresException)?.MessageText ?? e.InnerException?.Message ?? e.Message}.",
                        e
                    );
                }
            }
        }
    }

    /// <summary>
    /// Npgsql reports a host name that does not resolve yet as something other than an NpgsqlException.
    /// </summary>
    private static bool MayPass(Exception problem) =>
        problem switch
        {
            PostgresException server => server.SqlState
                is PostgresErrorCodes.CannotConnectNow
                    or PostgresErrorCodes.AdminShutdown
                    or PostgresErrorCodes.CrashShutdown
                    or PostgresErrorCodes.TooManyConnections,
            NpgsqlException => problem.InnerException is SocketException or TimeoutException or IOException,
            _ => problem is SocketException or TimeoutException,
        };

    private static string Read(string key, string value)
    {
        var name = $"ConnectionStrings:{key}";
        if (string.IsNullOrWhiteSpace(value))
        {
            throw new StartException(
                $"{name} is empty. Leave it out for the database that comes with Rollcall. {Example}"
            );
        }

        try
        {
            var settings =
                value.StartsWith("postgres://", StringComparison.Ordinal)
                || value.StartsWith("postgresql://", StringComparison.Ordinal)
                    ? FromUri(name, value)
                    : new NpgsqlConnectionStringBuilder(value);
            return settings.Host is { Length: > 0 }
                ? settings.ConnectionString
                : throw new StartException($"{name} names no Host. {Example}");
        }
        catch (Exception e)
            when (e is ArgumentException or FormatException or InvalidCastException or OverflowException)
        {
            // The exception's message may repeat the value, including the password.
            var wrong =
                e.Message.Contains("Couldn't set", StringComparison.Ordinal)
                || e.Message.StartsWith("Keyword", StringComparison.Ordinal)
                    ? $" ({e.Message.Split(" (Parameter")[0]})"
                    : "";
            throw new StartException($"{name} is not a connection string{wrong}. {Example}", e);
        }
    }

    /// <summary>Reads a postgres:// URI, the form that other programs and most hosting services use.</summary>
    private static NpgsqlConnectionStringBuilder FromUri(string name, string value)
    {
        if (!Uri.TryCreate(value, UriKind.Absolute, out var uri) || uri.Host.Length == 0)
        {
            throw new StartException(
                $"{name} is not an address such as postgres://user:password@host:5432/database. {Example}"
            );
        }

        var settings = new NpgsqlConnectionStringBuilder { Host = uri.Host };
        if (uri.Port > 0)
        {
            settings.Port = uri.Port;
        }

        if (uri.AbsolutePath.Length > 1)
        {
            settings.Database = Uri.UnescapeDataString(uri.AbsolutePath[1..]);
        }

        var user = uri.UserInfo.Split(':', 2);
        if (user[0].Length > 0)
        {
            settings.Username = Uri.UnescapeDataString(user[0]);
        }

        if (user.Length > 1)
        {
            settings.Password = Uri.UnescapeDataString(user[1]);
        }

        foreach (
            var (key, said) in uri
                .Query.TrimStart('?')
                .Split('&', StringSplitOptions.RemoveEmptyEntries)
                .Select(pair => pair.Split('=', 2) is [var k, var v] ? (k, Uri.UnescapeDataString(v)) : (pair, ""))
        )
        {
            settings[
                key switch
                {
                    "sslmode" => "SSL Mode",
                    "sslrootcert" => "Root Certificate",
                    "application_name" => "Application Name",
                    "connect_timeout" => "Timeout",
                    _ => key,
                }
            ] = key == "sslmode" ? said.Replace("-", "", StringComparison.Ordinal) : said;
        }
        return settings;
    }
}
