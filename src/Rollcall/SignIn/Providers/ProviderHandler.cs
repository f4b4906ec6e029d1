using System.Net.Http.Headers;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OAuth;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rollcall.Operations;

namespace Rollcall.SignIn.Providers;

/// <summary>The framework's options with the provider they are made from.</summary>
internal sealed class ProviderHandlerOptions : OAuthOptions
{
    public ProviderOptions Provider { get; set; } = null!;
}

/// <summary>
/// Sends people to an OpenID Connect provider and checks what they come back with. The framework does OAuth 2.0 (state
/// and the cookie it is bound to, PKCE); this adds what OpenID Connect needs: discovery, nonce, ID token and issuer.
/// What happens next is decided in <see cref="ProviderEvents"/>.
/// </summary>
internal sealed class ProviderHandler(
    IOptionsMonitor<ProviderHandlerOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder,
    Discovery discovery,
    Links links
) : OAuthHandler<ProviderHandlerOptions>(options, logger, encoder)
{
    private const string NonceKey = "nonce";

    /// <summary>
    /// The ticket's properties that hold the proven identity and its token. For this request only: no cookie has them.
    /// </summary>
    public const string IdentityKey = "identity",
        TokenKey = "id_token";

    /// <summary>
    /// Asks the provider to authenticate the person again, and to say when it did (OpenID Connect Core 3.1.2.1).
    /// </summary>
    public const string AgainKey = "again";

    private ProviderMetadata metadata = null!;

    /// <summary>What the state said, once it is known to be this browser's.</summary>
    private AuthenticationProperties? begun;

    private ProviderOptions Provider => Options.Provider;

    /// <summary>From the configured address, never from the request's Host header.</summary>
    private string RedirectUri => links.Absolute(Provider.CallbackPath);

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        metadata = await discovery.AboutAsync(Provider, Context.RequestAborted);
        properties.IssuedUtc = TimeProvider.GetUtcNow();
        properties.Items[NonceKey] = WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(32));
        await base.HandleChallengeAsync(properties);
    }

    protected override string BuildChallengeUrl(AuthenticationProperties properties, string redirectUri)
    {
        var nonce = properties.Items[NonceKey];
        var query = QueryHelpers.ParseQuery(new Uri(base.BuildChallengeUrl(properties, RedirectUri)).Query);
        query["nonce"] = nonce;
        if (properties.Items.ContainsKey(AgainKey))
        {
            (query["prompt"], query["max_age"]) = ("login", "0");
        }

        return QueryHelpers.AddQueryString(metadata.AuthorizationEndpoint, query);
    }

    protected override async Task<HandleRequestResult> HandleRemoteAuthenticateAsync()
    {
        // No parameter may come twice (RFC 6749, 3.1).
        if (!HttpMethods.IsGet(Request.Method) || Request.Query.Any(parameter => parameter.Value.Count > 1))
        {
            return HandleRequestResult.Fail("The answer is not a provider's");
        }

        metadata = await discovery.AboutAsync(Provider, Context.RequestAborted);
        // A provider that says who it is in its answer must be the one that was asked (RFC 9207): no mix-up of two.
        if (
            Request.Query["iss"] is var issuer
            && (issuer.Count > 0 || metadata.SaysIssuer)
            && issuer != Provider.Issuer
        )
        {
            return HandleRequestResult.Fail("The answer is of another issuer");
        }

        try
        {
            return await base.HandleRemoteAuthenticateAsync();
        }
        catch (Exception e)
            when (e is AuthenticationFailureException or HttpRequestException or TaskCanceledException
                && begun is not null
            )
        {
            return HandleRequestResult.Fail(e, begun); // where the person wanted to go is not lost with it
        }
    }

    /// <summary>The code for tokens, with the client's secret as the provider wants it (RFC 6749, 2.3.1).</summary>
    protected override async Task<OAuthTokenResponse> ExchangeCodeAsync(OAuthCodeExchangeContext context)
    {
        begun = context.Properties;
        if (begun.IssuedUtc is not { } left || TimeProvider.GetUtcNow() - left > Options.RemoteAuthenticationTimeout)
        {
            throw new AuthenticationFailureException("It took too long");
        }

        var form = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["grant_type"] = "authorization_code",
            ["code"] = context.Code,
            ["redirect_uri"] = RedirectUri,
            ["code_verifier"] = begun.Items[OAuthConstants.CodeVerifierKey]!,
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, metadata.TokenEndpoint);
        if (metadata.SecretInBody)
        {
            (form["client_id"], form["client_secret"]) = (Options.ClientId, Options.ClientSecret);
        }
        else
        {
            request.Headers.Authorization = new(
                "Basic",
                Convert.ToBase64String(
                    Encoding.UTF8.GetBytes(
                        $"{Uri.EscapeDataString(Options.ClientId)}:{Uri.EscapeDataString(Options.ClientSecret)}"
                    )
                )
            );
        }

        request.Content = new FormUrlEncodedContent(form);
        return OAuthTokenResponse.Success(await discovery.JsonAsync(request, Context.RequestAborted));
    }

    protected override async Task<AuthenticationTicket> CreateTicketAsync(
        ClaimsIdentity identity,
        AuthenticationProperties properties,
        OAuthTokenResponse tokens
    )
    {
        var token =
            tokens.Response!.RootElement.Text("id_token")
            ?? throw new AuthenticationFailureException("The provider sent no ID token");
        if (!IdToken.IsSignedBy(token, metadata.Keys))
        {
            metadata = await discovery.WithNewKeysAsync(Provider, metadata, Context.RequestAborted);
            if (!IdToken.IsSignedBy(token, metadata.Keys))
            {
                throw new AuthenticationFailureException("The ID token is signed by another issuer");
            }
        }
        var claims = IdToken.Claims(
            token,
            Provider.Issuer,
            Options.ClientId,
            properties.Items[NonceKey]!,
            TimeProvider.GetUtcNow()
        );
        if (properties.Items.ContainsKey(AgainKey) && !IdToken.AskedSince(claims, properties.IssuedUtc!.Value))
        {
            throw new AuthenticationFailureException("The provider did not ask again");
        }

        var about =
            claims.Text("email") is null || claims.Text("given_name") is null
                ? await MoreAsync(claims, tokens.AccessToken!) ?? claims
                : claims;
        // An address and whether it was verified are of one and the same statement.
        var mailbox = claims.Text("email") is null ? about : claims;
        properties.SetParameter(TokenKey, token);
        properties.SetParameter(
            IdentityKey,
            new ProviderIdentity(
                Provider.Key,
                Provider.Issuer,
                claims.Text("sub")!,
                mailbox.Text("email"),
                EmailVerified: Provider.VerifiesEmails
                    || (
                        mailbox.TryGetProperty("email_verified", out var verified)
                        && verified.ValueKind == JsonValueKind.True
                    ),
                about.Text("given_name"),
                about.Text("family_name")
            )
        );
        return new(new ClaimsPrincipal(identity), properties, Scheme.Name);
    }

    /// <summary>
    /// Claims from the user info endpoint, which must be about the same subject (OpenID Connect Core 5.3.2).
    /// </summary>
    private async Task<JsonElement?> MoreAsync(JsonElement claims, string accessToken)
    {
        if (metadata.UserInfoEndpoint is null)
        {
            return null;
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, metadata.UserInfoEndpoint);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
        using var document = await discovery.JsonAsync(request, Context.RequestAborted);
        if (document.RootElement.Text("sub") != claims.Text("sub"))
        {
            throw new AuthenticationFailureException("The user info is about another person");
        }

        return document.RootElement.Clone();
    }
}
