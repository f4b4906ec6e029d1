using Microsoft.AspNetCore.Routing;

namespace Rollcall.Dev;
internal static class DevelopmentEndpoints
{
    public static void MapDevelopment(this IEndpointRouteBuilder endpoints) { }
}
