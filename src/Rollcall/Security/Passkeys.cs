using System.Runtime.ExceptionServices;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Model;

namespace Rollcall.Security;

/// <summary>What the browser's authenticator is asked.</summary>
/// <param name="Challenge">The challenge, sealed: see <see cref="PasskeyChallenges"/>.</param>
/// <param name="Json">
/// For <c>navigator.credentials</c>: PublicKeyCredentialCreationOptionsJSON or PublicKeyCredentialRequestOptionsJSON.
/// </param>
internal sealed record PasskeyOptions(string Challenge, string Json);

/// <summary>
/// Passkeys (WebAuthn Level 3), checked by the framework's handler. The authenticator must verify its user, so that a
/// passkey counts as both factors (ASVS 5.0, 6.7.2).
/// </summary>
internal sealed class Passkeys(
    Db db,
    IPasskeyHandler<User> handler,
    PasskeyChallenges challenges,
    IHttpContextAccessor accessor,
    ILogger<Passkeys> log
)
{
    private HttpContext Http => accessor.HttpContext!;

    /// <summary>
    /// Asks for a new passkey. The person's existing ones are excluded, so that one device does not get two.
    /// </summary>
    public async Task<PasskeyOptions> BeginAddingAsync(Guid user, string email, string displayName)
    {
        var entity = new PasskeyUserEntity
        {
            Id = PasskeyUsers.Handle(user),
            Name = email,
            DisplayName = displayName,
        };
        var made = await handler.MakeCreationOptionsAsync(entity, Http);
        return new(challenges.Seal(PasskeyChallenges.Adding, user, made.AttestationState!), made.CreationOptionsJson);
    }

    /// <summary>Returns the new passkey for the caller to save; null if the answer is refused.</summary>
    /// <param name="user">The person that the challenge was issued to.</param>
    /// <param name="name">The name its owner gives it.</param>
    public async Task<Passkey?> FinishAddingAsync(
        Guid user,
        string? challenge,
        string? credentialJson,
        string? name,
        CancellationToken cancellation
    )
    {
        var asked = challenges.Open(PasskeyChallenges.Adding, challenge);
        if (asked is null || asked.User != user || string.IsNullOrEmpty(credentialJson))
        {
            return null;
        }

        var result = await handler.PerformAttestationAsync(
            new()
            {
                HttpContext = Http,
                CredentialJson = credentialJson,
                AttestationState = asked.State,
            }
        );
        if (await AcceptAsync(asked, result.Failure, cancellation) is not { } now)
        {
            return null;
        }

        var passkey = result.Passkey!;
        return new()
        {
            UserId = user,
            CredentialId = passkey.CredentialId,
            PublicKey = passkey.PublicKey,
            SignCount = passkey.SignCount,
            Transports = passkey.Transports ?? [],
            IsBackupEligible = passkey.IsBackupEligible,
            IsBackedUp = passkey.IsBackedUp,
            Name = Passkey.CheckName(name).Name ?? "Passkey",
            CreatedAt = now,
        };
    }

    /// <summary>Asks for one of this person's passkeys, or for anyone's if the person is not known yet.</summary>
    public async Task<PasskeyOptions> BeginSignInAsync(Guid? user, CancellationToken cancellation)
    {
        var person = user is null ? null : await db.Users.AsNoTracking().SingleAsync(u => u.Id == user, cancellation);
        var made = await handler.MakeRequestOptionsAsync(person, Http);
        return new(challenges.Seal(PasskeyChallenges.SigningIn, user, made.AssertionState!), made.RequestOptionsJson);
    }

    /// <summary>
    /// Returns the passkey's owner; null if the answer is refused. The caller still checks whether they may sign in.
    /// </summary>
    public async Task<User?> FinishSignInAsync(
        string? challenge,
        string? credentialJson,
        CancellationToken cancellation
    )
    {
        var asked = challenges.Open(PasskeyChallenges.SigningIn, challenge);
        if (asked is null || string.IsNullOrEmpty(credentialJson))
        {
            return null;
        }

        var result = await handler.PerformAssertionAsync(
            new()
            {
                HttpContext = Http,
                CredentialJson = credentialJson,
                AssertionState = asked.State,
            }
        );
        if (await AcceptAsync(asked, result.Failure, cancellation) is not { } now)
        {
            return null;
        }

        // Conditional: the passkey may have been removed, or a copy of it used, since the handler read it.
        var user = result.User!;
        var passkey = result.Passkey!;
        var count = (long)passkey.SignCount;
        var updated = await db
            .Passkeys.Where(p =>
                p.CredentialId == passkey.CredentialId
                && p.UserId == user.Id
                && (p.SignCount < count || (p.SignCount == 0 && count == 0))
            )
            .ExecuteUpdateAsync(
                p =>
                    p.SetProperty(x => x.SignCount, count)
                        .SetProperty(x => x.IsBackedUp, passkey.IsBackedUp)
                        .SetProperty(x => x.LastUsedAt, now),
                cancellation
            );
        return updated == 1 ? user : null;
    }

    /// <summary>
    /// Counts a right answer once. The handler reports every failure as a wrong answer; a database failure is rethrown,
    /// because it must not count as one.
    /// </summary>
    /// <returns>When it was accepted; null if it is refused.</returns>
    private async Task<DateTimeOffset?> AcceptAsync(
        PasskeyChallenge asked,
        PasskeyException? failure,
        CancellationToken cancellation
    )
    {
        if (failure is null)
        {
            return await challenges.AnswerAsync(asked, cancellation);
        }

        for (var cause = failure.InnerException; cause is not null; cause = cause.InnerException)
        {
            if (Connection.IsFailure(cause))
            {
                ExceptionDispatchInfo.Throw(failure.InnerException!);
            }
        }

        log.LogInformation("A passkey was refused: {Reason}", PlainText.OneLine(failure.Message));
        return null;
    }
}
