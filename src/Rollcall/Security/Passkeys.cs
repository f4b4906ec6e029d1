using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Model;

namespace Rollcall.Security;

/// <summary>A challenge for the browser's authenticator.</summary>
/// <param name="Challenge">
/// The challenge, protected. It comes back with the answer and grants nothing by itself.
/// </param>
/// <param name="Json">
/// For <c>navigator.credentials</c>: PublicKeyCredentialCreationOptionsJSON or PublicKeyCredentialRequestOptionsJSON.
/// </param>
internal sealed record PasskeyOptions(string Challenge, string Json);

/// <summary>
/// Passkeys (WebAuthn Level 3), checked by the framework's handler. A challenge travels protected in its form, so that
/// any instance can check the answer and issuing one writes nothing. An accepted answer is stored, so that it counts
/// once. The authenticator must verify its user, so that a passkey counts as both factors (ASVS 5.0, 6.7.2).
/// </summary>
internal sealed class Passkeys(
    Db db,
    NpgsqlDataSource database,
    Secret secret,
    IOptions<RollcallOptions> options,
    IHttpContextAccessor accessor,
    TimeProvider clock,
    ILoggerFactory loggers
)
{
    /// <summary>How long a challenge can be answered. The browser is told five minutes, and may take longer.</summary>
    public static readonly TimeSpan ChallengeLasts = TimeSpan.FromMinutes(10);

    private const string AddMember = "adding",
        SignIns = "signing in",
        SealPurpose = "passkey challenge";

    private readonly ILogger log = loggers.CreateLogger<Passkeys>();

    private HttpContext Http => accessor.HttpContext!;

    /// <summary>
    /// Asks for a new passkey. The person's existing ones are excluded, so that one device does not get two.
    /// </summary>
    public async Task<PasskeyOptions> BeginAddingAsync(Guid user, string email, string displayName)
    {
        var made = await Handler()
            .MakeCreationOptionsAsync(
                new()
                {
                    Id = PasskeyUsers.Handle(user),
                    Name = email,
                    DisplayName = displayName,
                },
                Http
            );
        return new(Seal(AddMember, user, made.AttestationState!), made.CreationOptionsJson);
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
        if (Open(AddMember, challenge) is not { } asked || asked.User != user || string.IsNullOrEmpty(credentialJson))
        {
            return null;
        }

        var result = await Handler()
            .PerformAttestationAsync(
                new()
                {
                    HttpContext = Http,
                    CredentialJson = credentialJson,
                    AttestationState = asked.State,
                }
            );
        if (!result.Succeeded)
        {
            Refused(result.Failure);
            return null;
        }
        if (!await AnswerOnceAsync(asked, cancellation))
        {
            return null;
        }

        var passkey = result.Passkey;
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
            CreatedAt = Now,
        };
    }

    /// <summary>Asks for one of this person's passkeys, or for anyone's if the person is not known yet.</summary>
    public async Task<PasskeyOptions> BeginSignInAsync(Guid? user, CancellationToken cancellation)
    {
        var person = user is null ? null : await db.Users.AsNoTracking().SingleAsync(u => u.Id == user, cancellation);
        var made = await Handler().MakeRequestOptionsAsync(person, Http);
        return new(Seal(SignIns, user, made.AssertionState!), made.RequestOptionsJson);
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
        if (Open(SignIns, challenge) is not { } asked || string.IsNullOrEmpty(credentialJson))
        {
            return null;
        }

        var result = await Handler()
            .PerformAssertionAsync(
                new()
                {
                    HttpContext = Http,
                    CredentialJson = credentialJson,
                    AssertionState = asked.State,
                }
            );
        if (!result.Succeeded)
        {
            Refused(result.Failure);
            return null;
        }
        if (!await AnswerOnceAsync(asked, cancellation))
        {
            return null;
        }
        // Conditional: the passkey may have been removed, or a copy of it used, since the handler read it.
        var passkey = result.Passkey;
        var count = (long)result.Passkey.SignCount;
        return
            await db
                .Passkeys.Where(p =>
                    p.CredentialId == passkey.CredentialId
                    && p.UserId == result.User.Id
                    && (p.SignCount < count || (p.SignCount == 0 && count == 0))
                )
                .ExecuteUpdateAsync(
                    p =>
                        p.SetProperty(x => x.SignCount, count)
                            .SetProperty(x => x.IsBackedUp, passkey.IsBackedUp)
                            .SetProperty(x => x.LastUsedAt, Now),
                    cancellation
                ) == 1
            ? result.User
            : null;
    }

    /// <summary>Truncated to microseconds, PostgreSQL's precision.</summary>
    private DateTimeOffset Now => new(clock.GetUtcNow().Ticks / 10 * 10, TimeSpan.Zero);

    /// <summary>
    /// Created for each request, because the host name is a setting. Of Identity, the handler only needs a UserManager
    /// that finds people.
    /// </summary>
    private PasskeyHandler<User> Handler()
    {
        var address = options.Value.PublicBaseUrl;
        var origin = $"{address.Scheme}://{address.IdnHost}{(address.IsDefaultPort ? "" : $":{address.Port}")}";
        var people = new UserManager<User>(
            new PasskeyUsers(db),
            Options.Create(new IdentityOptions()),
            null!,
            [],
            [],
            null!,
            new(),
            null!,
            loggers.CreateLogger<UserManager<User>>()
        );
        return new(
            people,
            Options.Create(
                new IdentityPasskeyOptions
                {
                    ServerDomain = address.IdnHost,
                    ValidateOrigin = asked => ValueTask.FromResult(asked.Origin == origin && !asked.CrossOrigin),
                    UserVerificationRequirement = "required",
                    ResidentKeyRequirement = "required", // can be found without an email address
                    AttestationConveyancePreference = "none",
                }
            )
        );
    }

    private string Seal(string purpose, Guid? user, string state)
    {
        var asked = new Asked(Guid.CreateVersion7(), purpose, user, state, clock.GetUtcNow());
        return WebEncoders.Base64UrlEncode(secret.Protect(SealPurpose, JsonSerializer.SerializeToUtf8Bytes(asked)));
    }

    /// <summary>Opens the challenge; null if it is not ours, for another purpose, or too old. Needs no query.</summary>
    private Asked? Open(string purpose, string? challenge)
    {
        try
        {
            var box = WebEncoders.Base64UrlDecode(challenge ?? "");
            var asked = JsonSerializer.Deserialize<Asked>(secret.Unprotect(SealPurpose, box))!;
            return asked.Purpose == purpose && asked.At > clock.GetUtcNow() - ChallengeLasts ? asked : null;
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            return null;
        }
    }

    /// <summary>
    /// False for a second answer to the same challenge. Uses its own connection, so that a rollback by the caller does
    /// not make the challenge valid again.
    /// </summary>
    private async Task<bool> AnswerOnceAsync(Asked asked, CancellationToken cancellation)
    {
        await using var command = database.Command(
            "insert into answered_passkey_challenges (id, answered_at) values ($1, $2) on conflict do nothing",
            asked.Id,
            clock.GetUtcNow()
        );
        return await command.ExecuteNonQueryAsync(cancellation) == 1;
    }

    /// <summary>
    /// The handler reports every failure as a wrong answer. A database failure must not count as one.
    /// </summary>
    private void Refused(PasskeyException failure)
    {
        for (var cause = failure.InnerException; cause is not null; cause = cause.InnerException)
        {
            if (Connection.IsFailure(cause))
            {
                ExceptionDispatchInfo.Throw(failure.InnerException!);
            }
        }
        log.LogInformation("A passkey was refused: {Reason}", PlainText.OneLine(failure.Message));
    }

    /// <param name="User">The only person who may answer; null for anyone with a passkey.</param>
    private sealed record Asked(Guid Id, string Purpose, Guid? User, string State, DateTimeOffset At);
}
