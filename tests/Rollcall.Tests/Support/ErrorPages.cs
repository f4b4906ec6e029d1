using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Hosting;

namespace Rollcall.Tests.Support;

/// <summary>Lets a test look at the page of any failure: from outside its own address leads nowhere.</summary>
internal sealed class ErrorPages : IStartupFilter
{
    public static string At(int code) => $"/as-if/{code}";

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) =>
        app =>
        {
            app.Use(
                (http, go) =>
                {
                    if (http.Request.Path.StartsWithSegments("/as-if", StringComparison.Ordinal, out var code))
                    {
                        http.Features.Set<IStatusCodeReExecuteFeature>(
                            new StatusCodeReExecuteFeature { OriginalPathBase = "", OriginalPath = http.Request.Path }
                        );
                        http.Request.Path = "/error" + code;
                    }

                    return go(http);
                }
            );
            next(app);
        };
}
