using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Organisations;

/// <summary>
/// Joins a signed-in user to an organisation that they have been added to since, when they first visit it. Their access
/// is checked again before any of it is used, so the request starts over. Runs after <see cref="Gate"/>.
/// </summary>
internal sealed class JoinOnFirstVisit(SignIns signIns, Current current) : IAsyncAuthorizationFilter
{
    public async Task OnAuthorizationAsync(AuthorizationFilterContext context)
    {
        if (
            context.Result is not null
            || current.OrganisationIfAny is not { } organisation
            || !current.AddedSince.Contains(organisation.Id)
        )
        {
            return;
        }

        var http = context.HttpContext;
        await signIns.JoinAsync(current.Actor, organisation.Id);
        context.Result = new RedirectResult(
            HttpMethods.IsPost(http.Request.Method)
                ? Links.Organisation(organisation.Id)
                : http.Request.Path + http.Request.QueryString
        );
    }
}
