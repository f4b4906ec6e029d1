using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Rollcall.Security;

namespace Rollcall.Data;

/// <summary>
/// The first step of a start: checks that this instance fits the database, and migrates the database to this version.
/// </summary>
internal sealed class DatabaseSetUp(
    NpgsqlDataSource database,
    Secret secret,
    DatabaseClock clock,
    IOptions<RollcallOptions> options,
    ILogger<Migrator> log
)
{
    /// <param name="ownerConnectionString">The role that owns the tables; null if the service's own role does.</param>
    /// <exception cref="StartException">The database and this instance do not fit together.</exception>
    public async Task RunAsync(string? ownerConnectionString, CancellationToken cancellation)
    {
        string worker;
        await using (var connection = await database.OpenConnectionAsync(cancellation))
        {
            worker = await CurrentUserAsync(connection, cancellation);
        }

        await clock.ReadAsync(cancellation);
        if (clock.Difference is { } difference && difference.Duration() > DatabaseClock.MostDifference)
        {
            throw new StartException(
                $"This machine’s clock is {DatabaseClock.InWords(difference)} the database’s. Correct it, "
                    + "then start again."
            );
        }

        await using var owner = ownerConnectionString is null ? null : Connection.To(ownerConnectionString);
        await new Migrator(owner ?? database, log).MigrateAsync(
            async connection =>
            {
                if (await CurrentUserAsync(connection, cancellation) != worker)
                {
                    await DatabaseRoles.GrantAsync(connection, worker, cancellation);
                }

                await KeepTheRecordAsync(connection, cancellation);
                await KeepTheSecretAsync(connection, cancellation);
            },
            cancellation
        );
        await using var types = await database.OpenConnectionAsync(cancellation);
        await types.ReloadTypesAsync(cancellation);
    }

    /// <summary>Stores the audit log's retention. A role that does not own the table leaves it unchanged.</summary>
    private async Task KeepTheRecordAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var keep = new NpgsqlCommand(
            "update audit_retention set days = $1 where days is distinct from $1",
            connection
        )
        {
            Parameters =
            {
                new()
                {
                    Value = (object?)options.Value.Retention.Audit ?? DBNull.Value,
                    NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Integer,
                },
            },
        };
        try
        {
            await keep.ExecuteNonQueryAsync(cancellation);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            log.LogInformation(
                "How long the record is kept stays as the owner of the database set it: "
                    + "ConnectionStrings:RollcallOwner is not set"
            );
        }
    }

    /// <summary>
    /// Stores the check value of the first instance's secret. If two instances with different secrets start at once,
    /// one wins.
    /// </summary>
    private async Task KeepTheSecretAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var find = new NpgsqlCommand("select value from secret_check", connection);
        if (await find.ExecuteScalarAsync(cancellation) is null)
        {
            await using var keep = new NpgsqlCommand(
                "insert into secret_check (value) values ($1) on conflict do nothing",
                connection
            )
            {
                Parameters = { new() { Value = secret.CheckValue } },
            };
            await keep.ExecuteNonQueryAsync(cancellation);
        }

        if (
            await find.ExecuteScalarAsync(cancellation) is not byte[] value
            || !CryptographicOperations.FixedTimeEquals(value, secret.CheckValue)
        )
        {
            throw new StartException(OtherSecretException.Words);
        }
    }

    private static async Task<string> CurrentUserAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var ask = new NpgsqlCommand("select current_user", connection);
        return (string)(await ask.ExecuteScalarAsync(cancellation))!;
    }
}
