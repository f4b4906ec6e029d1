using System.Runtime.ExceptionServices;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Model;

namespace Rollcall.Web;

/// <summary>
/// Runs before every page: finds the viewer and the organisation in the URL, and refuses what <see cref="Permissions"/>
/// does not allow. Pages that are not listed are refused.
/// </summary>
internal sealed class Gate(Db db, Current current, IHostEnvironment environment) : IAsyncAuthorizationFilter
{
    private SignedIn? signedIn;

    public async Task OnAuthorizationAsync(AuthorizationFilterContext context)
    {
        var http = context.HttpContext;
        var descriptor = (CompiledPageActionDescriptor)context.ActionDescriptor;
        var page = descriptor.ViewEnginePath;
        if (!Permissions.Pages.TryGetValue(page, out var permission))
        {
            context.Result = new StatusCodeResult(StatusCodes.Status403Forbidden);
            return;
        }
        if (permission == Permission.Development && !(environment.IsDevelopment() && Hosts.IsLocal(http.Request.Host)))
        {
            context.Result = new NotFoundResult();
            return;
        }
        await FindViewerAsync(http);
        if (permission is Permission.Anyone or Permission.Development)
        {
            context.Result = WrongMethod(http, descriptor) ?? await Forms.RefuseAsync(http);
            return;
        }
        var belongs =
            permission
            is Permission.Belong
                or Permission.SeeOrganisation
                or Permission.ManageUsers
                or Permission.ManageOrganisation;
        if (current.ViewerIfSignedIn is not { } viewer)
        {
            context.Result = new RedirectResult(
                current.Paused is not null ? Links.Paused : Links.SignIn(http.Request.Path + http.Request.QueryString)
            );
        }
        else if (NextStep(http, page) is { } next)
        {
            context.Result = new RedirectResult(next);
        }
        // The same for every organisation in the URL, so that nothing is revealed about any.
        else if (belongs && viewer is { IsSupport: false, Memberships: [] })
        {
            context.Result = new RedirectResult(current.Paused is not null ? Links.Paused : Links.NoOrganisation);
        }
        else if (permission == Permission.Support && !viewer.IsSupport)
        {
            context.Result = new StatusCodeResult(StatusCodes.Status403Forbidden);
        }
        else if (http.Request.RouteValues.ContainsKey("organisationId"))
        {
            context.Result = await RefusedAsync(http, viewer, permission, page);
        }

        context.Result ??= WrongMethod(http, descriptor) ?? await Forms.RefuseAsync(http);
    }

    /// <summary>Finds out who asks, from what was read together with the session.</summary>
    private async Task FindViewerAsync(HttpContext http)
    {
        if (current.IsViewerKnown)
        {
            return;
        }

        var session = await http.AuthenticateAsync(Session.Scheme);
        // The session could not be read. A page that works without the database is drawn as for someone not signed in.
        if (session.Failure is { } failure)
        {
            var isDrawn =
                WithoutDatabase.IsErrorPage(http.GetEndpoint())
                || (WithoutDatabase.Works(http) && Failures.IsAway(failure));
            if (!isDrawn)
            {
                ExceptionDispatchInfo.Throw(failure);
            }

            return;
        }

        signedIn = session.Properties?.GetParameter<SignedIn>(nameof(SignedIn));
        current.ViewerIfSignedIn = ViewerOf(signedIn);
        current.IsViewerKnown = true;
    }

    /// <summary>
    /// What the viewer must do before they can open this page; null if nothing. One step at a time, in this order.
    /// </summary>
    private string? NextStep(HttpContext http, string page)
    {
        var returnUrl = HttpMethods.IsGet(http.Request.Method) ? http.Request.Path + http.Request.QueryString : null;
        return current.NeedsSecondFactor ? Unless(Permissions.ToSetUpASecondFactor, Links.SetUpSecondFactor(returnUrl))
            : current.NeedsTerms ? Unless(Permissions.ToAcceptTheTerms, Links.AcceptTerms(returnUrl))
            : current.HasUnfinishedRegistration ? Unless(Permissions.ToFinishRegistration, Links.FinishRegistration)
            : null;
        string? Unless(IReadOnlySet<string> pages, string step) => pages.Contains(page) ? null : step;
    }

    /// <summary>
    /// Refuses a form posted to a page that takes none. Without this, Razor Pages would render the page as for GET.
    /// </summary>
    private static StatusCodeResult? WrongMethod(HttpContext http, CompiledPageActionDescriptor page)
    {
        if (
            !HttpMethods.IsPost(http.Request.Method)
            || page.ViewEnginePath == WithoutDatabase.ErrorPage
            || page.HandlerMethods.Any(handler => HttpMethods.IsPost(handler.HttpMethod))
        )
        {
            return null;
        }

        http.Response.Headers.Allow = "GET, HEAD";
        return new(StatusCodes.Status405MethodNotAllowed);
    }

    private async Task<IActionResult?> RefusedAsync(HttpContext http, Viewer viewer, Permission permission, string page)
    {
        var id = Guid.Parse((string)http.Request.RouteValues["organisationId"]!);
        if (!viewer.MaySee(id))
        {
            return await WasTheirsAsync(http, viewer, id)
                ? new RedirectResult(Links.OrganisationsAfter(id))
                : new NotFoundResult();
        }

        var organisation = signedIn?.Organisation;
        // A host that routes after authentication has no organisation in the address by then.
        current.OrganisationIfAny =
            organisation?.Id == id
                ? organisation
                : await db.Organisations.AsNoTracking().SingleOrDefaultAsync(o => o.Id == id, http.RequestAborted);
        if (current.OrganisationIfAny is null)
        {
            return new NotFoundResult();
        }

        if (current.AskForAnotherWay.Contains(id) && page != "/SignIn/AnotherWay")
        {
            return new RedirectResult(Links.AnotherWay(id));
        }

        var may = permission switch
        {
            Permission.ManageUsers => viewer.MayManageUsersOf(id),
            Permission.ManageOrganisation => viewer.MayManageAllOf(id),
            _ => true,
        };
        return may ? null : new StatusCodeResult(StatusCodes.Status403Forbidden);
    }

    /// <summary>
    /// Someone who is removed while they look at an organisation is told so, and can go on to another one. To everyone
    /// else it does not exist.
    /// </summary>
    private Task<bool> WasTheirsAsync(HttpContext http, Viewer viewer, Guid organisation) =>
        db.Memberships.AnyAsync(
            m => m.UserId == viewer.UserId && m.OrganisationId == organisation && m.RemovedAt != null,
            http.RequestAborted
        );

    /// <summary>
    /// The viewer, and in <see cref="Current"/> what they must do first. Null if no one is signed in, or their account
    /// is paused.
    /// </summary>
    private Viewer? ViewerOf(SignedIn? person)
    {
        if (person is null)
        {
            return null;
        }

        var memberships = person.Memberships.Where(m => !m.IsPaused).ToList();
        if (person.IsPaused || (!person.IsSupport && person.Memberships.Count > 0 && memberships.Count == 0))
        {
            current.Paused = person.Email;
        }

        if (person.IsPaused)
        {
            return null;
        }

        current.Session = person.Session;
        // Someone in several organisations is held to the strictest of them.
        current.SecondFactorIsDemanded = person.IsSupport || memberships.Exists(m => m.DemandsSecondFactor);
        current.NeedsSecondFactor =
            current.SecondFactorIsDemanded && !SignInMethods.HasSecondFactor(person.Session.Method, person.IsSupport);
        current.AskForAnotherWay = person.IsSupport
            ? []
            : [.. Organisations(m => !SignInMethods.IsAmong(person.Session.Method, m.SignInMethods))];
        current.AddedSince = person.IsRegistered ? [.. Organisations(m => m.IsAwaited)] : [];
        current.NeedsTerms = person.NeedsTerms;
        current.HasUnfinishedRegistration = !person.IsRegistered;
        return new(
            person.Session.UserId,
            PersonName.FullName(person.FirstName, person.LastName, person.Email),
            person.Email,
            person.IsSupport && person.IsRegistered,
            [
                .. memberships
                    .Where(_ => person.IsRegistered)
                    .Select(m => new ViewerMembership(
                        m.OrganisationId,
                        m.Role,
                        current.Roles.ManagesUsers(m.Role),
                        m.Areas
                    )),
            ]
        );

        IEnumerable<Guid> Organisations(Func<SignedInMembership, bool> which) =>
            memberships.Where(which).Select(m => m.OrganisationId);
    }
}
