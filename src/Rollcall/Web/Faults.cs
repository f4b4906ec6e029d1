using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Rollcall.Web;

internal static class Faults
{
    /// <summary>
    /// What a failure is to the person: our mistake (500), the database being away for the moment (503), or two people
    /// at once (409).
    /// </summary>
    public static int StatusCode(Exception exception) =>
        exception switch
        {
            BadHttpRequestException bad => bad.StatusCode,
            PostgresException
            {
                SqlState: PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure
            } => StatusCodes.Status409Conflict,
            PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable } => StatusCodes.Status409Conflict,
            // it ended the connection, or let none in
            PostgresException { Severity: "FATAL" } => StatusCodes.Status503ServiceUnavailable,
            PostgresException { IsTransient: false } => StatusCodes.Status500InternalServerError,
            NpgsqlException => StatusCodes.Status503ServiceUnavailable,
            TimeoutException => StatusCodes.Status503ServiceUnavailable,
            SocketException => StatusCodes.Status503ServiceUnavailable, // the database's host name does not resolve
            DbUpdateException or InvalidOperationException when exception.InnerException is { } inner => StatusCode(
                inner
            ),
            _ => StatusCodes.Status500InternalServerError,
        };

    /// <summary>Someone else held a lock for longer than a page waits.</summary>
    public static bool IsLocked(Exception? exception) =>
        exception is PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable }
        || (exception?.InnerException is { } inner && IsLocked(inner));

    /// <summary>Whether this says that the database is away, or has no time for now.</summary>
    public static bool IsAway(Exception exception) =>
        exception is OperationCanceledException || StatusCode(exception) == StatusCodes.Status503ServiceUnavailable;
}
