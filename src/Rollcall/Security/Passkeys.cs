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

/// <summary>A question for the browser to put to an authenticator.</summary>
/// <param name="Challenge">The question itself, sealed. Comes back with the answer; opens nothing by itself.</param>
/// <param name="Json">For <c>navigator.credentials</c>: PublicKeyCredentialCreationOptionsJSON or
/// PublicKeyCredentialRequestOptionsJSON.</param>
internal sealed record PasskeyOptions(string Challenge, string Json);

/// <summary>
/// Passkeys (WebAuthn Level 3). The framework's handler checks the answers. A question travels sealed with its form:
/// any instance can check the answer, and asking writes nothing. A right answer is written down, so it counts once.
/// The authenticator must have checked its owner, so that a passkey is both factors at once (ASVS 5.0, 6.7.2).
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
    /// <summary>How long a question can be answered. The browser is told five minutes, and may take its time.</summary>
    public static readonly TimeSpan ChallengeLasts = TimeSpan.FromMinutes(10);

    private const string AddMember = "adding",
        SignIns = "signing in",
        SealPurpose = "passkey challenge";

    private readonly ILogger log = loggers.CreateLogger<Passkeys>();

    private HttpContext Http => accessor.HttpContext!;

    /// <summary>
    /// Asks for a new passkey. Those that the person has already are named, so that one device does not get two.
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

    /// <summary>The new passkey, for the caller to save; null when the answer is refused.</summary>
    /// <param name="user">Who must have been asked.</param>
    /// <param name="name">What its owner calls it.</param>
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

    /// <summary>Asks for a passkey of this person; of anybody, where it is not known who comes.</summary>
    public async Task<PasskeyOptions> BeginSignInAsync(Guid? user, CancellationToken cancellation)
    {
        var person = user is null ? null : await db.Users.AsNoTracking().SingleAsync(u => u.Id == user, cancellation);
        var made = await Handler().MakeRequestOptionsAsync(person, Http);
        return new(Seal(SignIns, user, made.AssertionState!), made.RequestOptionsJson);
    }

    /// <summary>
    /// Whose passkey answered; null when the answer is refused. Whether that person may come in is still to be asked.
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
        // Conditional: it may have been removed, or a copy of it may have answered, since the handler read it.
        var (passkey, count) = (result.Passkey, (long)result.Passkey.SignCount);
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

    /// <summary>To the microsecond, which is what the database keeps.</summary>
    private DateTimeOffset Now => new(clock.GetUtcNow().Ticks / 10 * 10, TimeSpan.Zero);

    /// <summary>
    /// Made for each request: the address is a setting. Of Identity it needs somebody to ask for people, and nothing
    /// else.
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
                    ResidentKeyRequirement = "required", // found without an email address
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

    /// <summary>The question; null when it is not ours, for something else, or too old. Costs no query.</summary>
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
    /// False for a second answer to the same question. On its own connection, so that no caller's rollback makes the
    /// question good again.
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

    /// <summary>The handler takes every failure for a wrong answer; that the database is away is none.</summary>
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

    /// <param name="User">The only one who may answer; null: anyone who has a passkey.</param>
    private sealed record Asked(Guid Id, string Purpose, Guid? User, string State, DateTimeOffset At);
}
