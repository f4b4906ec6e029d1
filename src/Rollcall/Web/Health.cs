using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using Rollcall.Data;

namespace Rollcall.Web;

internal static class Health
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>/health/live: the process answers, and asks nothing else. /health/ready: the database answers within a second and has this version's schema.</summary>
    public static void MapHealth(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/health/live", () => "live");
        endpoints.MapGet("/health/ready", async (Migrator migrator, HttpContext http) =>
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
            limit.CancelAfter(Patience);
            try
            {
                return await migrator.IsCurrentAsync(limit.Token) ? Results.Text("ready") : NotReady("the database is at an older version");
            }
            catch (Exception e) when (e is NpgsqlException or OperationCanceledException or TimeoutException)
            {
                return NotReady("the database does not answer");
            }
        });
    }

    private static IResult NotReady(string why) => Results.Text($"not ready: {why}", statusCode: StatusCodes.Status503ServiceUnavailable);
}
