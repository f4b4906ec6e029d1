using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Core.Infrastructure;
using Microsoft.AspNetCore.Mvc.Filters;

namespace Rollcall.Web;

/// <summary>
/// For forms left open in a tab after the person signed in or out in another tab. The form is refused as usual, and the
/// current page explains where things are.
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
