using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Rollcall.Web;

/// <summary>
/// Refuses forms that the browser says come from another site, as a second defence behind form tokens (ASVS 5.0,
/// 3.5.3), and methods that nothing here answers.
/// </summary>
internal sealed class SameSite(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext http)
    {
        // Not for other pages of the host application, and not for the error page.
        if (
            http.GetEndpoint()?.Metadata.GetMetadata<PageActionDescriptor>() is not { AreaName: "Rollcall" }
            || http.Features.Get<IStatusCodeReExecuteFeature>() is not null
        )
        {
            return next(http);
        }

        var method = http.Request.Method;
        var reads = HttpMethods.IsGet(method) || HttpMethods.IsHead(method);
        if (!reads && !HttpMethods.IsPost(method))
        {
            http.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            http.Response.Headers.Allow = "GET, HEAD, POST";
            return Task.CompletedTask;
        }
        if (!reads && http.Request.Headers["Sec-Fetch-Site"] is ["cross-site"])
        {
            http.Response.StatusCode = StatusCodes.Status400BadRequest;
            return Task.CompletedTask;
        }
        return next(http);
    }
}
