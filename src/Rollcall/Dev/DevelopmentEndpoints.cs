using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Rollcall.Web;

namespace Rollcall.Dev;

internal static class DevelopmentEndpoints
{
    /// <summary>Maps /dev/mailbox.json, the mailbox for programs. Not mapped outside Development.</summary>
    public static void MapDevelopment(this IEndpointRouteBuilder endpoints)
    {
        if (endpoints.ServiceProvider.GetRequiredService<IHostEnvironment>().IsDevelopment())
        {
            endpoints.MapGet("/dev/mailbox.json", MailboxAsync);
        }
    }

    /// <summary>Returns an array of messages. The Link header points to further pages (RFC 8288).</summary>
    private static async Task<IResult> MailboxAsync(HttpContext http, NpgsqlDataSource database)
    {
        if (!Hosts.IsLocal(http.Request.Host))
        {
            return Results.NotFound();
        }

        var page = await MailboxPage.ReadAsync(database, http.Request, http.RequestAborted);
        if (page.Paging.Number < page.Paging.Pages)
        {
            http.Response.Headers.Link = $"<{Paging.Links(http.Request)(page.Paging.Number + 1)}>; rel=\"next\"";
        }

        return Results.Json(page.Messages);
    }
}
