using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Rollcall.Data;

namespace Rollcall.Web;

internal static class Health
{
    /// <summary>
    /// /health/live: the process answers; checks nothing else. /health/ready: see <see cref="Readiness"/>.
    /// </summary>
    public static void MapHealth(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/health/live", () => "live");
        endpoints.MapGet(
            "/health/ready",
            async (Readiness readiness, HttpContext http) =>
                await readiness.ProblemAsync(http.RequestAborted) is { } problem
                    ? Results.Text($"not ready: {problem}", statusCode: StatusCodes.Status503ServiceUnavailable)
                    : Results.Text("ready")
        );
    }
}
