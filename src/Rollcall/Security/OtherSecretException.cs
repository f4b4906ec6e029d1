using System.Security.Cryptography;
using Npgsql;

namespace Rollcall.Security;

/// <summary>
/// The database was set up with a different secret, so this instance's links and codes would not work. Checked on every
/// new connection, so that an instance left behind by a change of the secret can neither serve a page nor send an
/// email.
/// </summary>
internal sealed class OtherSecretException() : NpgsqlException(Words)
{
    public const string Words =
        "This database was set up with another Rollcall:Secret. Start with that one, or change it with "
        + "`rotate-secret`: see docs/operating.md.";

    private const string Sql = "select value from secret_check";

    public static void ThrowIf(NpgsqlConnection connection, Secret secret)
    {
        using var ask = new NpgsqlCommand(Sql, connection);
        try
        {
            ThrowIf(ask.ExecuteScalar(), secret);
        }
        catch (PostgresException e) when (IsBeforeTheFirstStart(e)) { }
    }

    public static async Task ThrowIfAsync(NpgsqlConnection connection, Secret secret)
    {
        await using var ask = new NpgsqlCommand(Sql, connection);
        try
        {
            ThrowIf(await ask.ExecuteScalarAsync(), secret);
        }
        catch (PostgresException e) when (IsBeforeTheFirstStart(e)) { }
    }

    /// <summary>The first start creates the table and lets the service's role read it.</summary>
    private static bool IsBeforeTheFirstStart(PostgresException problem) =>
        problem.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InsufficientPrivilege;

    private static void ThrowIf(object? value, Secret secret)
    {
        if (value is byte[] check && !CryptographicOperations.FixedTimeEquals(check, secret.CheckValue))
        {
            throw new OtherSecretException();
        }
    }
}
