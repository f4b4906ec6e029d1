using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Emails;
using Rollcall.Model;
using Rollcall.Security;

namespace Rollcall.Operations;

/// <summary>What is being set up, until a code proves that it works: the number to text to, or the key of an authenticator app.</summary>
internal sealed record SettingUp(Guid UserId, string Way, string? Number, byte[]? Key, DateTimeOffset Since);

/// <summary>What came of it: an error for the field, or how the session counts from now on and, with a first second factor, its recovery codes.</summary>
internal sealed record SetUpOutcome(string? Error, string? Method = null, IReadOnlyList<string>? RecoveryCodes = null);

/// <summary>Sets up and removes second factors.</summary>
internal sealed class SecondFactorSetUp(
    Db db,
    Secret secret,
    SignInCodes codes,
    OneTimeCodes oneTime,
    Authenticators authenticators,
    RecoveryCodes recovery,
    SecondFactors factors,
    Throttle throttle,
    Texts texts,
    AuditLog audit,
    TimeProvider clock
)
{
    private const string Purpose = "second factor set-up";
    private static readonly TimeSpan Lasts = TimeSpan.FromMinutes(30);

    public bool IsPossible(User user, string way) =>
        way switch
        {
            SecondFactors.Text => texts.ArePossible,
            SecondFactors.Email => user.SupportSince is null, // the mailbox can reset the password: it would be all that it takes
            _ => way == SecondFactors.Authenticator,
        };

    public SettingUp NewKey(User user) =>
        new(user.Id, SecondFactors.Authenticator, null, Totp.NewSecret(), clock.GetUtcNow());

    public string Seal(SettingUp what) =>
        WebEncoders.Base64UrlEncode(secret.Protect(Purpose, JsonSerializer.SerializeToUtf8Bytes(what)));

    /// <summary>What the form carries; null when it is somebody else's, of another way, too old or not ours.</summary>
    public SettingUp? Open(User user, string way, string? @sealed)
    {
        try
        {
            var what = JsonSerializer.Deserialize<SettingUp>(
                secret.Unprotect(Purpose, WebEncoders.Base64UrlDecode(@sealed ?? ""))
            )!;
            return what.UserId == user.Id && what.Way == way && what.Since > clock.GetUtcNow() - Lasts ? what : null;
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            return null;
        }
    }

    /// <summary>Sends the code that proves a number or mailbox.</summary>
    /// <returns>What the form carries on; null when a code was sent a moment ago.</returns>
    public async Task<string?> SendCodeAsync(
        User user,
        string way,
        string? number,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        var what = new SettingUp(user.Id, way, number, null, now);
        return await codes.SendAsync(user.Id, PurposeOf(what), user, number, now, cancellation) ? Seal(what) : null;
    }

    /// <summary>With the right code, it counts from now on. The person is told by email, and gets recovery codes with their first second factor.</summary>
    public async Task<SetUpOutcome> FinishAsync(
        Viewer by,
        Guid userId,
        Guid session,
        SettingUp what,
        string? typed,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        if (string.IsNullOrWhiteSpace(typed))
        {
            return new("Enter the security code");
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var user = await db
            .Users.FromSql($"select * from users where id = {userId} for no key update")
            .SingleAsync(cancellation);
        var error = what.Key is { } key
            ? await AddAuthenticatorAsync(user, key, typed, now, cancellation)
            : await AddCodesAsync(user, what, typed, now, cancellation);
        if (error is not null)
        {
            await transaction.CommitAsync(cancellation); // the wrong try counts
            return new(error);
        }
        user.KnownDevicesSince = now;
        await SecondFactors.EndSessionsWithoutAsync(db, user.Id, session, cancellation);
        await throttle.ForgiveAsync(Tries.CodesSent, user.Id.ToString(), cancellation);
        var first =
            await recovery.LeftAsync(user.Id, cancellation) == 0
                ? await recovery.ReplaceAsync(user.Id, cancellation)
                : null;
        audit.Add(AuditKinds.SecondFactorAdded, by, now, null, user.Id, new { way = what.Way });
        if (user.RegisteredAt is not null)
        {
            Outbox.Enqueue(
                db,
                user.Email,
                new SignInChanged(Change(what.Way)) { FirstName = user.FirstName, LastName = user.LastName },
                null,
                now
            );
        }

        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return new(null, Method(what.Way), first);
    }

    /// <summary>Removes one, unless it is the last and one is demanded.</summary>
    public async Task<Refusal?> RemoveAsync(
        Viewer by,
        string way,
        bool demanded,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var user = await db
            .Users.FromSql($"select * from users where id = {by.UserId} for no key update")
            .SingleAsync(cancellation);
        var ways = await factors.OfAsync(user, cancellation);
        var after = way switch
        {
            SecondFactors.Authenticator => ways with { Authenticator = false },
            SecondFactors.Text => ways with { Mobile = null },
            _ => ways with { Email = false },
        };
        if (after == ways)
        {
            return null;
        }

        if (demanded && !after.Any)
        {
            return new(
                null,
                "Your organisation needs you to use a security code. Set up another way to get codes before you remove this one"
            );
        }

        user.KnownDevicesSince = now;
        if (way == SecondFactors.Authenticator)
        {
            await db.Database.ExecuteSqlAsync($"delete from authenticators where user_id = {user.Id}", cancellation);
        }
        else if (way == SecondFactors.Text)
        {
            user.MobileConfirmedAt = null;
        }
        else
        {
            user.EmailCodes = false;
        }

        audit.Add(AuditKinds.SecondFactorRemoved, by, now, null, user.Id, new { way });
        Outbox.Enqueue(
            db,
            user.Email,
            new SignInChanged(SignInChange.SecondFactorRemoved)
            {
                FirstName = user.FirstName,
                LastName = user.LastName,
            },
            null,
            now
        );
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return null;
    }

    private async Task<string?> AddAuthenticatorAsync(
        User user,
        byte[] key,
        string typed,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        if (Totp.Step(key, typed, now, null) is not { } step)
        {
            return "The security code is incorrect. Check the app and that your device’s time is set automatically";
        }

        await authenticators.SaveAsync(user.Id, key, step, cancellation);
        return null;
    }

    private async Task<string?> AddCodesAsync(
        User user,
        SettingUp what,
        string typed,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        switch (await oneTime.CheckAsync(user.Id, PurposeOf(what), typed, cancellation))
        {
            case CodeCheck.Right:
                if (what.Number is { } number)
                {
                    (user.Mobile, user.MobileConfirmedAt) = (number, now);
                }
                else
                {
                    user.EmailCodes = true;
                }

                return null;
            case CodeCheck.TooMany:
                return "You entered too many incorrect codes. Wait an hour before you try again";
            case CodeCheck.Expired:
                return "This security code has expired. Get a new one";
            default:
                return "The security code is incorrect. Check the message and try again";
        }
    }

    private static string PurposeOf(SettingUp what) => $"set up {what.Way} {what.Number}";

    private static string Method(string way) =>
        way switch
        {
            SecondFactors.Authenticator => SignInMethods.PasswordAndAuthenticator,
            SecondFactors.Text => SignInMethods.PasswordAndText,
            _ => SignInMethods.PasswordAndEmail,
        };

    private static SignInChange Change(string way) =>
        way switch
        {
            SecondFactors.Authenticator => SignInChange.AuthenticatorAdded,
            SecondFactors.Text => SignInChange.TextsAdded,
            _ => SignInChange.EmailCodesAdded,
        };
}
