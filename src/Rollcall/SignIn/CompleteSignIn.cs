using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Security;
using Rollcall.Web;

namespace Rollcall.SignIn;

/// <summary>Begins the session once everything is proved, for every way to sign in but providers.</summary>
internal sealed class CompleteSignIn(Db db, SignIns signIns, Current current, IHttpContextAccessor accessor)
{
    /// <summary>
    /// Whether the person may sign in with a password or passkey. To connect the provider that their organisation
    /// allows they may: the gate keeps the organisation closed until then.
    /// </summary>
    public async Task<bool> IsAllowedAsync(User user, string? returnUrl, CancellationToken cancellation) =>
        returnUrl == Links.Connect || await signIns.IsAllowedAsync(user, SignInMethods.Password, cancellation);

    /// <summary>Begins the session. The gate leads a person on who has not finished registering.</summary>
    /// <returns>Where to go on.</returns>
    public async Task<string> EnterAsync(User user, string method, string? returnUrl, CancellationToken cancellation)
    {
        var paused = SignIns.Refuse(user) is not null;
        if (user.RegisteredAt is not null && !paused)
        {
            await signIns.SignInAsync(user, method, current.Now);
        }

        // A paused person's session opens the page that says so, and nothing else.
        if (await Session.BeginAsync(accessor.HttpContext!, user.Id, method, user.PasswordHash) is not { } session)
        {
            return Links.SignInAgain(Links.Changed, returnUrl);
        }

        if (method == SignInMethods.Password && await HasSecondFactorByNowAsync(user.Id, cancellation))
        {
            await Session.EndAsync(accessor.HttpContext!, session);
            return Links.SignInAgain(Links.Changed, returnUrl);
        }

        return paused ? Links.Paused : returnUrl ?? Links.Home;
    }

    /// <summary>
    /// Setting up a second factor ends the sessions begun without one. A session that begins at that moment must not
    /// slip through.
    /// </summary>
    private async Task<bool> HasSecondFactorByNowAsync(Guid userId, CancellationToken cancellation)
    {
        var user = await db.Users.AsNoTracking().SingleAsync(u => u.Id == userId, cancellation);
        return (await SecondFactors.OfAsync(db, user, cancellation)).Any;
    }
}
