using System.Diagnostics;
using Microsoft.Extensions.Options;
using Npgsql;
using Rollcall.Data;
using Rollcall.Operations;
using Rollcall.Security;

namespace Rollcall.Host;

/// <summary>Moves the database from the old secret to the one in the settings. See docs/operating.md.</summary>
internal static class RotateSecretCommand
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Skips the secret check that every other connection makes, because the database still has the old secret.
    /// </summary>
    public static NpgsqlDataSource Connect(DatabaseAddress database) =>
        Connection.To(database.Owner ?? database.Service);

    /// <returns>0 when the database has the new secret, 1 when something has to be corrected first.</returns>
    public static async Task<int> RunAsync(
        IServiceProvider services,
        DatabaseAddress database,
        string? oldSecret,
        TextWriter output
    )
    {
        var old = new RollcallOptions { Secret = oldSecret ?? "" };
        if (!Secret.IsValid(old.Secret))
        {
            throw new StartException(
                "Set ROLLCALL_OLD_SECRET to the secret that the database was set up with, and "
                    + "Rollcall:Secret to the new one."
            );
        }

        await using var scope = services.CreateAsyncScope();
        var provider = scope.ServiceProvider;
        await provider.GetRequiredService<DatabaseClock>().ReadAsync(CancellationToken.None);
        if (!await Migrator.IsCurrentAsync(provider.GetRequiredService<NpgsqlDataSource>(), CancellationToken.None))
        {
            throw new StartException(
                "The database is at an older version. Start this version once with the old secret first."
            );
        }

        var rotated = await provider
            .GetRequiredService<SecretRotation>()
            .RunAsync(
                new Secret(Options.Create(old)),
                (except, before) => EndOthersAsync(database.Service, except, before)
            );
        await output.WriteLineAsync(
            rotated.Value is { } done
                ? $"The database has the new secret. Invitations sent again: {done.Invitations}. "
                    + "Everyone has to sign in again. Start every instance with the new secret."
                : "The database has this secret already. Nothing was changed."
        );
        return 0;
    }

    /// <summary>
    /// Ends the other connections of the service's role, so that no instance goes on with the old secret. When an
    /// instance reconnects, it is refused.
    /// </summary>
    private static async Task EndOthersAsync(string connectionString, int except, DateTimeOffset before)
    {
        await using var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString
        );
        await connection.OpenAsync();
        for (var waiting = Stopwatch.StartNew(); ; await Task.Delay(20))
        {
            await using var end = new NpgsqlCommand(
                """
                select count(pg_terminate_backend(pid)) from pg_stat_activity
                where datname = current_database() and usename = current_user
                  and pid <> pg_backend_pid() and pid <> $1 and backend_start <= $2
                """,
                connection
            )
            {
                Parameters =
                {
                    new() { Value = except },
                    new() { Value = before },
                },
            };
            if (await end.ExecuteScalarAsync() is 0L)
            {
                return;
            }

            if (waiting.Elapsed > TimeLimit)
            {
                throw new StartException(
                    "Other instances are still connected to the database. Stop them, and run this again. "
                        + "Nothing was changed."
                );
            }
        }
    }
}
