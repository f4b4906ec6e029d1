using Microsoft.AspNetCore.Http;
using Npgsql;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Security;
using Rollcall.Web;

namespace Rollcall.SignIn.Providers;

/// <summary>Begins the session of a person who came from a provider, or leads to the page that says why not.</summary>
internal sealed class CompleteProviderSignIn(
    ProviderSignIn providerSignIn,
    ProviderIdentities proven,
    SealedTokens tokens,
    Current current
)
{
    /// <returns>Where to go on.</returns>
    public async Task<string> EnterAsync(HttpContext http, PendingProviderSignIn waiting, bool agreed)
    {
        var cancellation = http.RequestAborted;
        var entered = await providerSignIn.EnterAsync(waiting.Identity, waiting.Invitation, agreed, current.Now);
        if (entered.User is { } user)
        {
            // A person who connects another provider signs in with the one they have: what waits for that is kept.
            if (await proven.ReadAsync(cancellation) is not { Outcome: ProviderOutcome.HasAccount })
            {
                await proven.ForgetAsync(cancellation);
            }

            if (
                await Session.BeginAsync(
                    http,
                    user.Id,
                    SignInMethods.Provider(waiting.Identity.Provider),
                    user.PasswordHash
                )
                is not { } session
            )
            {
                return Links.SignInAgain(Links.Changed, waiting.ReturnUrl);
            }

            await tokens.KeepAsync(session, waiting.IdToken, cancellation);
            return entered.IsNew && waiting.Invitation is not null
                ? Links.RegistrationDone
                : waiting.ReturnUrl ?? Links.Home;
        }

        await proven.ForgetAsync(cancellation);
        await proven.KeepAsync(
            waiting with
            {
                Outcome = entered.Outcome,
                Known = entered.Known,
                Invited = entered.Invited,
            },
            cancellation
        );
        return entered.Outcome switch
        {
            ProviderOutcome.Paused => Links.Paused,
            ProviderOutcome.OtherAddress or ProviderOutcome.OtherPerson => Links.UseAddress,
            ProviderOutcome.HasAccount => Links.Connect,
            _ => Links.NotRecognised,
        };
    }
}

/// <summary>
/// Keeps the provider's token of a session, sealed. Signing out at the provider needs it (RP-Initiated Logout 1.0).
/// </summary>
internal sealed class SealedTokens(NpgsqlDataSource database, Secret secret)
{
    private const string Purpose = "id tokens";

    public async Task KeepAsync(Guid session, string token, CancellationToken cancellation)
    {
        await using var command = database.Command(
            "update sessions set id_token = $2 where id = $1",
            session,
            secret.Protect(Purpose, System.Text.Encoding.UTF8.GetBytes(token))
        );
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public async Task<string?> ReadAsync(Guid session, CancellationToken cancellation)
    {
        await using var command = database.Command("select id_token from sessions where id = $1", session);
        return await command.ExecuteScalarAsync(cancellation) is byte[] box
            ? System.Text.Encoding.UTF8.GetString(secret.Unprotect(Purpose, box))
            : null;
    }
}
