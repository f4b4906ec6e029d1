using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace Rollcall.Dev;

internal static class DevelopmentEndpoints
{
    /// <summary>/dev/mailbox.json: the mailbox for programs, newest first. Not mapped at all outside Development.</summary>
    public static void MapDevelopment(this IEndpointRouteBuilder endpoints)
    {
        if (endpoints.ServiceProvider.GetRequiredService<IHostEnvironment>().IsDevelopment())
            endpoints.MapGet("/dev/mailbox.json", async (NpgsqlDataSource database, CancellationToken cancellation) => Results.Json(await MailboxMessage.NewestAsync(database, cancellation)));
    }
}
