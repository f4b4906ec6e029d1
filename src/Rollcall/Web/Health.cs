using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using Rollcall.Data;

namespace Rollcall.Web;

internal static class Health
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>
    /// /health/live: the process answers, and asks nothing else. /health/ready: the database answers within a second, has this version's schema
    /// and this instance's secret, and its clock agrees with the machine's.
    /// </summary>
    public static void MapHealth(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/health/live", () => "live");
        endpoints.MapGet("/health/ready", async (NpgsqlDataSource database, Secret secret, DatabaseClock clock, HttpContext http) =>
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
            limit.CancelAfter(Patience);
            try
            {
                await using var connection = await database.OpenConnectionAsync(limit.Token);
                if (!await Migrator.IsCurrentAsync(connection, limit.Token))
                    return NotReady("the database is at an older version");
                await OtherSecretException.ThrowIfAsync(connection, secret);
                await clock.ReadAsync(connection, limit.Token);
                return clock.Difference is { } difference && difference.Duration() > DatabaseClock.MostDifference
                    ? NotReady($"this machine’s clock is {DatabaseClock.InWords(difference)} the database’s")
                    : Results.Text("ready");
            }
            catch (OtherSecretException)
            {
                return NotReady("the database was set up with another secret");
            }
            catch (Exception e) when (e is NpgsqlException or OperationCanceledException or TimeoutException)
            {
                return NotReady("the database does not answer");
            }
        });
    }

    private static IResult NotReady(string why) => Results.Text($"not ready: {why}", statusCode: StatusCodes.Status503ServiceUnavailable);
}
