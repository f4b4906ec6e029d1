using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Security;
using Rollcall.Web;

namespace Rollcall.SignIn;

/// <summary>From the first proof to a session, for every way to sign in.</summary>
internal sealed class CompleteSignIn(
    Db db,
    SignIns signIns,
    SecondFactors factors,
    SignInCodes codes,
    PendingSignIns pending,
    KnownDevice device,
    Current current,
    IHttpContextAccessor accessor
)
{
    /// <summary>The password was right. Where to go on: to the second factor where there is one, else in.</summary>
    public async Task<string> AfterPasswordAsync(User user, string? returnUrl, CancellationToken cancellation)
    {
        var ways = await factors.OfAsync(user, cancellation);
        if (!ways.Any)
        {
            return await EnterAsync(user, SignInMethods.Password, returnUrl, cancellation);
        }

        var waiting = await pending.BeginAsync(user.Id, returnUrl, cancellation);
        var way = First(ways, user);
        var mobile = way == SecondFactors.Text ? ways.Mobile : null;
        var known = device.Of(user, signedIn: true);
        var sent =
            way is SecondFactors.Text or SecondFactors.Email
            && await codes.SendAsync(waiting.Id, way, user, mobile, current.Now, cancellation, known);
        return Links.SecondFactor(way, sent);
    }

    /// <summary>Everything was proved: begins the session. Somebody who has not finished registering is led on by the gate.</summary>
    public async Task<string> EnterAsync(User user, string method, string? returnUrl, CancellationToken cancellation)
    {
        var paused = SignIns.Refuse(user) is not null;
        if (user.RegisteredAt is not null && !paused)
        {
            await signIns.SignInAsync(user, method, current.Now, cancellation);
        }
        // Of somebody who is paused the session opens the page that says so, and nothing else.
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

    /// <summary>Somebody who sets up a second factor ends the sessions that were begun without; one that begins at the same moment must not slip through.</summary>
    private async Task<bool> HasSecondFactorByNowAsync(Guid user, CancellationToken cancellation) =>
        (
            await factors.OfAsync(
                await db.Users.AsNoTracking().SingleAsync(u => u.Id == user, cancellation),
                cancellation
            )
        ).Any;

    /// <summary>The way that is asked for first: the strongest that the person has.</summary>
    public static string First(SecondFactorMethods ways, User user) =>
        ways.Authenticator ? SecondFactors.Authenticator
        : ways.Mobile is not null ? SecondFactors.Text
        : ways.Email && user.PasswordResetAt is null ? SecondFactors.Email
        : ways.Passkeys > 0 ? SecondFactors.Passkey
        : SecondFactors.Recovery;
}
