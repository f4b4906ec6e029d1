using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Rollcall.Web;

/// <summary>The pages that are rendered while the database is away, as for someone who is not signed in.</summary>
internal static class WithoutDatabase
{
    public const string ErrorPage = "/Web/Error";

    private static readonly HashSet<string> Pages = new(StringComparer.Ordinal)
    {
        ErrorPage,
        "/SignIn/SignIn",
        "/Help/Help",
        "/Help/Privacy",
        "/Help/Cookies",
        "/Help/Accessibility",
    };

    /// <summary>A URL that matches no page is answered by the error page, which does not need the database.</summary>
    public static bool Works(HttpContext http) =>
        HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method)
            ? http.GetEndpoint() is not { } endpoint || Page(endpoint) is { } page && Pages.Contains(page)
            : IsErrorPage(http.GetEndpoint());

    public static bool IsErrorPage(Endpoint? endpoint) => endpoint is not null && Page(endpoint) == ErrorPage;

    private static string? Page(Endpoint endpoint) =>
        endpoint.Metadata.GetMetadata<PageActionDescriptor>()?.ViewEnginePath;
}
