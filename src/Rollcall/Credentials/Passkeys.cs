using System.Runtime.ExceptionServices;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Rollcall.Data;
using Rollcall.Model;

namespace Rollcall.Credentials;

/// <summary>A question for the browser to put to an authenticator.</summary>
/// <param name="Challenge">Comes back with the answer; opens nothing by itself.</param>
/// <param name="Json">For <c>navigator.credentials</c>: PublicKeyCredentialCreationOptionsJSON or PublicKeyCredentialRequestOptionsJSON.</param>
internal sealed record PasskeyOptions(Guid Challenge, string Json);

/// <summary>
/// Passkeys (WebAuthn Level 3). The framework's handler checks the answers; the questions are kept here, in the database: any instance can take an
/// answer, and takes it once. The authenticator must have checked its owner, so that a passkey is both factors at once (ASVS 5.0, 6.7.2).
/// </summary>
internal sealed class Passkeys(Db db, NpgsqlDataSource database, IOptions<RollcallOptions> options, IHttpContextAccessor accessor, TimeProvider clock, ILoggerFactory loggers)
{
    /// <summary>How long a question can be answered. The browser is told five minutes, and may take its time.</summary>
    public static readonly TimeSpan ChallengeLasts = TimeSpan.FromMinutes(10);

    private const string Adding = "adding", SigningIn = "signing in";

    private readonly ILogger log = loggers.CreateLogger<Passkeys>();

    private HttpContext Http => accessor.HttpContext!;

    /// <summary>Asks for a new passkey. Those that the person has already are named, so that one device does not get two.</summary>
    public async Task<PasskeyOptions> BeginAddingAsync(Guid user, string email, string displayName, CancellationToken cancellation)
    {
        var made = await Handler().MakeCreationOptionsAsync(new() { Id = PasskeyUsers.Handle(user), Name = email, DisplayName = displayName }, Http);
        return await KeepAsync(Adding, user, made.CreationOptionsJson, made.AttestationState, cancellation);
    }

    /// <summary>The new passkey, for the caller to save; null when the answer is refused.</summary>
    /// <param name="user">Who must have been asked.</param>
    /// <param name="name">What its owner calls it.</param>
    public async Task<Passkey?> FinishAddingAsync(Guid user, Guid challenge, string? credentialJson, string? name, CancellationToken cancellation)
    {
        if (await TakeAsync(Adding, challenge, cancellation) is not { } taken || taken.User != user || string.IsNullOrEmpty(credentialJson))
            return null;
        var result = await Handler().PerformAttestationAsync(new() { HttpContext = Http, CredentialJson = credentialJson, AttestationState = taken.State });
        if (!result.Succeeded)
        {
            Refused(result.Failure);
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
        return await KeepAsync(SigningIn, user, made.RequestOptionsJson, made.AssertionState, cancellation);
    }

    /// <summary>Whose passkey answered; null when the answer is refused. Whether that person may come in is still to be asked.</summary>
    public async Task<User?> FinishSignInAsync(Guid challenge, string? credentialJson, CancellationToken cancellation)
    {
        if (await TakeAsync(SigningIn, challenge, cancellation) is not { } taken || string.IsNullOrEmpty(credentialJson))
            return null;
        var result = await Handler().PerformAssertionAsync(new() { HttpContext = Http, CredentialJson = credentialJson, AssertionState = taken.State });
        if (!result.Succeeded)
        {
            Refused(result.Failure);
            return null;
        }
        // Conditional: it may have been removed, or a copy of it may have answered, since the handler read it.
        var (passkey, count) = (result.Passkey, (long)result.Passkey.SignCount);
        return await db.Passkeys.Where(p => p.CredentialId == passkey.CredentialId && p.UserId == result.User.Id && (p.SignCount < count || (p.SignCount == 0 && count == 0)))
            .ExecuteUpdateAsync(p => p.SetProperty(x => x.SignCount, count).SetProperty(x => x.IsBackedUp, passkey.IsBackedUp).SetProperty(x => x.LastUsedAt, Now), cancellation) == 1
            ? result.User
            : null;
    }

    /// <summary>To the microsecond, which is what the database keeps.</summary>
    private DateTimeOffset Now => new(clock.GetUtcNow().Ticks / 10 * 10, TimeSpan.Zero);

    /// <summary>Made for each request: the address is a setting. Of Identity it needs somebody to ask for people, and nothing else.</summary>
    private PasskeyHandler<User> Handler()
    {
        var address = options.Value.PublicBaseUrl;
        var origin = $"{address.Scheme}://{address.IdnHost}{(address.IsDefaultPort ? "" : $":{address.Port}")}";
        var people = new UserManager<User>(new PasskeyUsers(db), Options.Create(new IdentityOptions()), null!, [], [], null!, new(), null!, loggers.CreateLogger<UserManager<User>>());
        return new(people, Options.Create(new IdentityPasskeyOptions
        {
            ServerDomain = address.IdnHost,
            ValidateOrigin = asked => ValueTask.FromResult(asked.Origin == origin && !asked.CrossOrigin),
            UserVerificationRequirement = "required",
            ResidentKeyRequirement = "required", // found without an email address
            AttestationConveyancePreference = "none",
        }));
    }

    private async Task<PasskeyOptions> KeepAsync(string purpose, Guid? user, string json, string? state, CancellationToken cancellation)
    {
        var id = Guid.CreateVersion7();
        await using var command = database.Command("insert into passkey_challenges (id, purpose, user_id, state, created_at) values ($1, $2, $3, $4, $5)",
            id, purpose, (object?)user ?? DBNull.Value, state!, clock.GetUtcNow());
        await command.ExecuteNonQueryAsync(cancellation);
        return new(id, json);
    }

    /// <summary>Takes the question away, whatever the answer turns out to be: a second answer finds none. On its own connection, so that no caller's rollback brings it back.</summary>
    private async Task<(string State, Guid? User)?> TakeAsync(string purpose, Guid challenge, CancellationToken cancellation)
    {
        await using var command = database.Command("delete from passkey_challenges where id = $1 and purpose = $2 and created_at > $3 returning state, user_id",
            challenge, purpose, clock.GetUtcNow() - ChallengeLasts);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        return await row.ReadAsync(cancellation) ? (row.GetString(0), row.IsDBNull(1) ? null : row.GetGuid(1)) : null;
    }

    /// <summary>The handler takes every failure for a wrong answer; that the database is away is none.</summary>
    private void Refused(PasskeyException failure)
    {
        for (var cause = failure.InnerException; cause is not null; cause = cause.InnerException)
        {
            if (cause is NpgsqlException or TimeoutException)
                ExceptionDispatchInfo.Throw(failure.InnerException!);
        }
        log.LogInformation("A passkey was refused: {Reason}", PlainText.OneLine(failure.Message));
    }
}
