using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Core.Infrastructure;
using Microsoft.AspNetCore.Mvc.Filters;

namespace Rollcall.Web;

/// <summary>
/// For the forms that someone finds open in an old tab after they signed in or out in another one: the form is refused
/// as ever, and the page as it is now says how things stand.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class BackToPageWhenStaleAttribute : Attribute, IAlwaysRunResultFilter
{
    public void OnResultExecuting(ResultExecutingContext context)
    {
        if (context.Result is IAntiforgeryValidationFailedResult)
        {
            context.Result = new LocalRedirectResult(context.HttpContext.Request.GetEncodedPathAndQuery());
        }
    }

    public void OnResultExecuted(ResultExecutedContext context) { }
}
