using System.Globalization;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Rollcall.Data;

namespace Rollcall.Web;

/// <summary>
/// Every failure that is not about a form field. Depends on nothing else, because it is also rendered while the
/// database is away, for any method.
/// </summary>
[IgnoreAntiforgeryToken]
internal sealed class ErrorModel(SaveWatch watch) : PageModel
{
    public const string NotSaved = "What you were doing was not saved.";
    public const string Unknown = "We do not know whether what you were doing was saved. Look before you try again.";

    public int Code { get; private set; }

    /// <summary>Someone else is changing the same thing, for longer than a page waits.</summary>
    public bool IsLocked { get; private set; }

    /// <summary>The page that was requested, or that holds the submitted form; null if not known.</summary>
    public string? Again { get; private set; }

    public string Heading =>
        Code switch
        {
            403 => "You do not have permission to see this page",
            404 => "Page not found",
            405 => "There is no such action on this page",
            409 when IsLocked && Again?.StartsWith(Links.Organisations, StringComparison.Ordinal) == true =>
                "Someone else is changing this organisation",
            409 => "Someone else is changing this",
            413 => "What you sent is too large",
            429 => "Too many attempts",
            503 => "Sorry, the service is unavailable",
            >= 500 => "Sorry, there is a problem with the service",
            _ => "There is a problem with what was sent",
        };

    /// <summary>What became of the submitted form; null if there was none.</summary>
    public string? Saved =>
        !HttpMethods.IsPost(Request.Method) ? null
        : watch.MayHaveSaved ? Unknown
        : NotSaved;

    /// <summary>
    /// Runs for every method, so it is not a handler. The code is read from the route without model binding, because
    /// binding reads the form, and an unreadable form may be what failed.
    /// </summary>
    public override void OnPageHandlerSelected(PageHandlerSelectedContext context)
    {
        var failure = HttpContext.Features.Get<IExceptionHandlerPathFeature>();
        var refusal = HttpContext.Features.Get<IStatusCodeReExecuteFeature>();
        // Someone who types the URL of an error page has not met an error.
        Code =
            failure is not null ? Response.StatusCode
            : refusal is not null && RouteData.Values["code"] is string code
                ? int.Parse(code, CultureInfo.InvariantCulture)
            : StatusCodes.Status404NotFound;
        if (Code is < 400 or > 599)
        {
            Code = StatusCodes.Status404NotFound;
        }

        IsLocked =
            Failures.IsLocked(failure?.Error) || HttpContext.Features.Get<ConcurrentChangeLimit.Busy>() is not null;
        Again =
            failure is not null ? Request.PathBase + new PathString(failure.Path) + Request.QueryString
            : refusal is not null
                ? refusal.OriginalPathBase + new PathString(refusal.OriginalPath) + refusal.OriginalQueryString
            : null;
        Response.StatusCode = Code;
        if (Code == StatusCodes.Status503ServiceUnavailable)
        {
            Response.Headers.RetryAfter = "30";
        }

        ModelState.Clear();
    }
}
