using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Security;
using Rollcall.Web;

namespace Rollcall.SignIn;

/// <summary>A sign-in that waits for its second factor.</summary>
internal sealed record WaitingSignIn(PendingSignIn Pending, User Person, SecondFactorMethods Ways);

/// <summary>Leads from a right password to the second factor, and ends the wait for it.</summary>
internal sealed class SecondFactorStep(
    Db db,
    PendingSignIns pending,
    SecondFactors factors,
    SecondFactorCodes codes,
    CompleteSignIn completeSignIn
)
{
    /// <summary>The password was right: asks for the person's second factor, or signs them in without one.</summary>
    /// <returns>Where to go on.</returns>
    public async Task<string> AfterPasswordAsync(User user, string? returnUrl, CancellationToken cancellation)
    {
        var ways = await factors.OfAsync(user, cancellation);
        if (!ways.Any)
        {
            return await completeSignIn.EnterAsync(user, SignInMethods.Password, returnUrl, cancellation);
        }

        var waiting = new WaitingSignIn(await pending.BeginAsync(user.Id, returnUrl, cancellation), user, ways);
        var way = First(waiting);
        var sent = SecondFactors.IsSent(way) && (await codes.SendAsync(waiting, way)).IsDone;
        return Links.SecondFactor(way, sent);
    }

    /// <summary>The sign-in that waits in this browser.</summary>
    /// <returns>Or where to begin again.</returns>
    public async Task<(WaitingSignIn? Waiting, string StartAgain)> FindAsync(CancellationToken cancellation)
    {
        if (pending.Cookie is null)
        {
            return (null, Links.SignIn());
        }

        var found = await pending.FindAsync(cancellation);
        if (found is null or { Expired: true })
        {
            return (null, Links.SignInAgain(Links.TooSlow, found?.ReturnUrl));
        }

        var user = await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Id == found.UserId, cancellation);
        return user is null
            ? (null, Links.SignIn())
            : (new(found, user, await factors.OfAsync(user, cancellation)), Links.SignIn());
    }

    /// <returns>Whether this call ended it: of two answers at once, one signs in.</returns>
    public Task<bool> EndAsync(WaitingSignIn waiting, CancellationToken cancellation) =>
        pending.EndAsync(waiting.Pending, cancellation);

    /// <summary>The way that is asked for first: the strongest that the person has.</summary>
    public static string First(WaitingSignIn waiting) =>
        waiting.Ways.Authenticator ? SecondFactors.Authenticator
        : waiting.Ways.Mobile is not null ? SecondFactors.Text
        : waiting.Ways.Email && waiting.Person.PasswordResetAt is null ? SecondFactors.Email
        : waiting.Ways.Passkeys > 0 ? SecondFactors.Passkey
        : SecondFactors.Recovery;
}

/// <summary>Sends a code to the number or mailbox of a person whose password was right.</summary>
internal sealed class SecondFactorCodes(SignInCodes codes, KnownDevice device, Current current)
{
    public Task<Result> SendAsync(WaitingSignIn waiting, string way) =>
        codes.SendAsync(
            waiting.Pending.Id,
            way,
            waiting.Person,
            way == SecondFactors.Text ? waiting.Ways.Mobile : null,
            current.Now,
            device.Of(waiting.Person, signedIn: true)
        );
}
