using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Rollcall.Web;

internal static class Failures
{
    /// <summary>
    /// The status code for a failure: our mistake (500), the database is away (503), or two people at once (409).
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
            // the server ended the connection or refused it
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

    /// <summary>Whether the failure means that the database is away or overloaded.</summary>
    public static bool IsAway(Exception exception) =>
        exception is OperationCanceledException || StatusCode(exception) == StatusCodes.Status503ServiceUnavailable;
}
