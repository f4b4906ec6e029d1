using Rollcall.Model;
using Rollcall.Security;

namespace Rollcall.Operations;

/// <summary>Proves that a second factor works before it counts: the person types a code from it.</summary>
internal sealed class SecondFactorProof(
    SignInCodes codes,
    OneTimeCodes oneTime,
    Authenticators authenticators,
    Throttle throttle
)
{
    public const string Wrong =
        "The security code is incorrect. Check the app and that your device’s time is set automatically";
    public const string WrongMessage = "The security code is incorrect. Check the message and try again";
    public const string Expired = "This security code has expired. Get a new one";

    /// <summary>Sends the code that proves a number or mailbox.</summary>
    public Task<Result> SendCodeAsync(User user, SettingUp what) =>
        codes.SendAsync(user.Id, PurposeOf(what), user, what.Number, what.Since);

    /// <summary>Saves the second factor if the code is right, in the caller's transaction.</summary>
    /// <returns>What is wrong with the code; null when it is right.</returns>
    public async Task<string?> CheckAsync(User user, SettingUp what, string typed, DateTimeOffset now)
    {
        var error = what.Key is { } key
            ? await CheckAuthenticatorAsync(user, key, typed, now)
            : await CheckCodeAsync(user, what, typed, now);
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
            return Wrong;
        }

        await authenticators.SaveAsync(user.Id, key, step, CancellationToken.None);
        return null;
    }

    private async Task<string?> CheckCodeAsync(User user, SettingUp what, string typed, DateTimeOffset now)
    {
        switch (await oneTime.CheckAsync(user.Id, PurposeOf(what), typed, CancellationToken.None))
        {
            case CodeCheck.Right:
                if (what.Number is { } number)
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
                return Expired;
            default:
                return WrongMessage;
        }
    }

    private static string PurposeOf(SettingUp what) => $"set up {what.Way} {what.Number}";
}
