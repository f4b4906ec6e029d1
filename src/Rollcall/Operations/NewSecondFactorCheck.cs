using Rollcall.Model;
using Rollcall.Security;

namespace Rollcall.Operations;

/// <summary>Checks that a new second factor works before it counts: the person types a code from it.</summary>
internal sealed class NewSecondFactorCheck(
    SendCode sendCode,
    OneTimeCodes codes,
    Authenticators authenticators,
    Throttle throttle
)
{
    /// <summary>Sends the code that proves a number or mailbox.</summary>
    public Task<Result> SendCodeAsync(User user, NewSecondFactor factor) =>
        sendCode.SendAsync(user.Id, PurposeOf(factor), user, factor.Number, factor.Since);

    /// <summary>Saves the second factor if the code is right, in the caller's transaction.</summary>
    /// <returns>What is wrong with the code; null if it is right.</returns>
    public async Task<string?> CheckAsync(User user, NewSecondFactor factor, string typed, DateTimeOffset now)
    {
        var error = factor.Key is { } key
            ? await CheckAuthenticatorAsync(user, key, typed, now)
            : await CheckCodeAsync(user, factor, typed, now);
        if (error is null)
        {
            await throttle.ForgiveAsync(Tries.CodesSent, user.Id.ToString(), CancellationToken.None);
        }

        return error;
    }

    private async Task<string?> CheckAuthenticatorAsync(User user, byte[] key, string typed, DateTimeOffset now)
    {
        if (Totp.Step(key, typed, now, null) is not { } step)
        {
            return SecondFactorKind.Authenticator.Wrong;
        }

        await authenticators.SaveAsync(user.Id, key, step, CancellationToken.None);
        return null;
    }

    private async Task<string?> CheckCodeAsync(User user, NewSecondFactor factor, string typed, DateTimeOffset now)
    {
        switch (await codes.CheckAsync(user.Id, PurposeOf(factor), typed, CancellationToken.None))
        {
            case CodeCheck.Right:
                if (factor.Number is { } number)
                {
                    user.Mobile = number;
                    user.MobileConfirmedAt = now;
                }
                else
                {
                    user.EmailCodes = true;
                }

                return null;
            case CodeCheck.TooMany:
                return "You entered too many incorrect codes. Wait an hour before you try again";
            case CodeCheck.Expired:
                return OneTimeCodes.Expired;
            default:
                return factor.Kind.Wrong;
        }
    }

    private static string PurposeOf(NewSecondFactor factor) => $"set up {factor.Way} {factor.Number}";
}
