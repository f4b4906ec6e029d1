using System.Runtime.ExceptionServices;
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
internal sealed class Gate(Db db, Current current, Patience patience, IHostEnvironment environment)
    : IAsyncAuthorizationFilter
{
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
        await MeetAsync(http, page);
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

    /// <summary>Finds the viewer.</summary>
    private async Task MeetAsync(HttpContext http, string page)
    {
        // The page about a failure does not ask again: whatever failed may fail again, or hang.
        if (
            current.IsViewerKnown
            || (
                page == WithoutDatabase.ErrorPage
                && http.Response.StatusCode >= StatusCodes.Status500InternalServerError
            )
        )
        {
            return;
        }

        var canDoWithout = WithoutDatabase.Works(http);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        if (canDoWithout)
        {
            limit.CancelAfter(patience.ForTheViewer);
        }

        try
        {
            http.Features.Get<ExceptionDispatchInfo>()?.Throw(); // the session could not be read
            current.ViewerIfSignedIn = await ViewerAsync(http, limit.Token);
            current.IsViewerKnown = true;
        }
        catch (Exception e) when (canDoWithout && Faults.IsAway(e) && !http.RequestAborted.IsCancellationRequested)
        {
            // rendered as for someone who is not signed in
        }
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

        current.OrganisationIfAny = await db
            .Organisations.AsNoTracking()
            .SingleOrDefaultAsync(o => o.Id == id, http.RequestAborted);
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

    private async Task<Viewer?> ViewerAsync(HttpContext http, CancellationToken cancellation)
    {
        if (Session.Facts(http.User) is not { } session)
        {
            return null;
        }

        var terms = db.CurrentTerms;
        var rows = await (
            from u in db.Users
            where u.Id == session.UserId
            from m in db.Memberships.Where(m => m.UserId == u.Id && m.RemovedAt == null).DefaultIfEmpty()
            from o in db.Organisations.Where(o => o.Id == m!.OrganisationId).DefaultIfEmpty()
            select new
            {
                u.FirstName,
                u.LastName,
                u.Email,
                u.SupportSince,
                u.RegisteredAt,
                AccountPaused = u.PausedAt,
                OrganisationId = (Guid?)m!.OrganisationId,
                m.Role,
                m.PausedAt,
                Awaited = (bool?)m.Awaited,
                IsLimited = db.AccessGrants.Any(g => g.MembershipId == m.Id),
                Ways = o!.SignInMethods,
                Demands = (bool?)o!.SecondFactorRequired,
                NeedsTerms = terms.Any(t => !db.TermsAcceptances.Any(a => a.UserId == u.Id && a.VersionId == t.Id)),
            }
        ).ToListAsync(cancellation);
        if (rows is not [var first, ..])
        {
            return null;
        }

        var support = first.SupportSince is not null;
        if (first.AccountPaused is not null || (!support && rows.All(r => r.PausedAt is not null)))
        {
            current.Paused = first.Email;
        }

        if (first.AccountPaused is not null)
        {
            return null;
        }

        rows.RemoveAll(r => r.OrganisationId is null || r.PausedAt is not null);
        current.Session = session;
        // Someone in several organisations must meet the strictest rules.
        current.SecondFactorIsDemanded = support || rows.Any(r => r.Demands == true);
        current.NeedsSecondFactor =
            current.SecondFactorIsDemanded && !SignInMethods.HasSecondFactor(session.Method, support);
        current.AskForAnotherWay = support
            ? []
            : [.. rows.Where(r => !SignInMethods.IsAmong(session.Method, r.Ways)).Select(r => r.OrganisationId!.Value)];
        current.AddedSince =
        [
            .. rows.Where(r => r.Awaited == true && first.RegisteredAt is not null)
                .Select(r => r.OrganisationId!.Value),
        ];
        current.NeedsTerms = first.NeedsTerms;
        current.HasUnfinishedRegistration = first.RegisteredAt is null;
        return new(
            session.UserId,
            PersonName.FullName(first.FirstName, first.LastName, first.Email),
            first.Email,
            support && first.RegisteredAt is not null,
            [
                .. rows.Where(r => r.RegisteredAt is not null)
                    .Select(r => new ViewerMembership(
                        r.OrganisationId!.Value,
                        r.Role,
                        current.Roles.ManagesUsers(r.Role),
                        r.IsLimited
                    )),
            ]
        );
    }
}
