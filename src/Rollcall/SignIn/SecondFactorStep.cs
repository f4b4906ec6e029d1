using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Security;
using Rollcall.Web;

namespace Rollcall.SignIn;

/// <summary>Leads from a right password to the second factor.</summary>
internal sealed class SecondFactorStep(
    PendingSignIns pendingSignIns,
    CompleteSignIn completeSignIn,
    SendCode sendCode,
    KnownDevice device,
    Current current
)
{
    /// <summary>The password was right: asks for the person's second factor, or signs them in without one.</summary>
    /// <returns>Where to go on.</returns>
    public async Task<string> AfterPasswordAsync(User user, string? returnUrl, CancellationToken cancellation)
    {
        var pending = await pendingSignIns.BeginAsync(user, returnUrl, cancellation);
        if (pending is null)
        {
            return await completeSignIn.EnterAsync(user, SignInMethods.Password, returnUrl, cancellation);
        }

        var kind = pending.First;
        var sent = kind.IsSent && (await SendCodeAsync(pending, kind)).IsDone;
        return Links.SecondFactor(kind, sent);
    }

    /// <summary>Sends a code to the person's number or mailbox.</summary>
    public Task<Result> SendCodeAsync(PendingSignIn pending, SecondFactorKind kind) =>
        sendCode.SendAsync(
            pending.Id,
            kind.Key,
            pending.User,
            kind == SecondFactorKind.Text ? pending.Factors.Mobile : null,
            current.Now,
            device.Of(pending.User, signedIn: true)
        );
}
