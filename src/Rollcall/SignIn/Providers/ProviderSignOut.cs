using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Rollcall.Model;
using Rollcall.Web;

namespace Rollcall.SignIn.Providers;

/// <summary>
/// Signs people out of their provider too (OpenID Connect RP-Initiated Logout 1.0). Our session ends first, whatever
/// the provider does.
/// </summary>
internal sealed class ProviderSignOut(
    Discovery discovery,
    SealedTokens tokens,
    Links links,
    IOptions<RollcallOptions> options
)
{
    /// <summary>
    /// The provider's sign-out page. Call it before the session ends. Null if they signed in another way, or the
    /// provider has no such page or does not answer.
    /// </summary>
    public async Task<string?> AddressAsync(SessionFacts session, CancellationToken cancellation)
    {
        if (
            options.Value.SignIn.Providers.FirstOrDefault(p => SignInMethods.Provider(p.Key) == session.Method)
            is not { } provider
        )
        {
            return null;
        }

        try
        {
            if (
                (await discovery.AboutAsync(provider, cancellation)).EndSessionEndpoint is not { } end
                || await tokens.ReadAsync(session.Id, cancellation) is not { } token
            )
            {
                return null;
            }

            return QueryHelpers.AddQueryString(
                end,
                new Dictionary<string, string?>(StringComparer.Ordinal)
                {
                    ["id_token_hint"] = token,
                    ["client_id"] = provider.ClientId,
                    ["post_logout_redirect_uri"] = links.Absolute(Links.SignOut),
                }
            );
        }
        catch (Exception e)
            when (e
                    is HttpRequestException
                        or AuthenticationFailureException
                        or TaskCanceledException
                        or System.Security.Cryptography.CryptographicException
            )
        {
            return null;
        }
    }
}
