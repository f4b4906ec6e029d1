using System.Globalization;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Rollcall.Web;

/// <summary>Every failure that is not the fault of a field. Needs nothing but itself: it is drawn with the database away, and in answer to any method.</summary>
[IgnoreAntiforgeryToken]
internal sealed class ErrorModel : PageModel
{
    public int Code { get; private set; }

    public string Heading => Code switch
    {
        403 => "You do not have permission to see this page",
        404 => "Page not found",
        405 => "There is no such action on this page",
        409 => "Somebody else was changing this",
        413 => "What you sent is too large",
        429 => "Too many attempts",
        503 => "Sorry, the service is unavailable",
        >= 500 => "Sorry, there is a problem with the service",
        _ => "There is a problem with what was sent",
    };

    /// <summary>
    /// Whatever the method was, which is why this is no handler; and the code is read from the route and not bound, because binding reads the
    /// form, and a form that cannot be read may be what went wrong.
    /// </summary>
    public override void OnPageHandlerSelected(PageHandlerSelectedContext context)
    {
        Code = RouteData.Values["code"] is string code ? int.Parse(code, CultureInfo.InvariantCulture)
            : HttpContext.Features.Get<IExceptionHandlerFeature>() is null ? StatusCodes.Status404NotFound : Response.StatusCode;
        if (Code is < 400 or > 599)
            Code = StatusCodes.Status404NotFound;
        Response.StatusCode = Code;
        ModelState.Clear();
    }
}
