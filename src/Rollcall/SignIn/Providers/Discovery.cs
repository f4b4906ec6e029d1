using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;

namespace Rollcall.SignIn.Providers;

/// <summary>What a provider says of itself (OpenID Connect Discovery 1.0), and the keys that it signs with.</summary>
internal sealed record ProviderMetadata(
    string AuthorizationEndpoint,
    string TokenEndpoint,
    string? UserInfoEndpoint,
    string? EndSessionEndpoint,
    Uri KeysAddress,
    bool SecretInBody,
    bool SaysIssuer,
    IReadOnlyList<SigningKey> Keys,
    DateTimeOffset At
);

/// <summary>
/// Reads a provider's metadata and keys: at the first sign-in, not at startup, and again after an hour or when a token
/// names an unknown key.
/// </summary>
internal sealed class Discovery(TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan Fresh = TimeSpan.FromHours(1);
    private const int LongestAnswer = 1024 * 1024;
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    private readonly ConcurrentDictionary<string, ProviderMetadata> known = new(StringComparer.Ordinal);

    /// <summary>Follows no redirects: only the configured address may answer.</summary>
    public HttpClient Http { get; } =
        new(
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseCookies = false,
                ConnectTimeout = TimeSpan.FromSeconds(3),
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            }
        )
        {
            Timeout = TimeSpan.FromSeconds(5),
            MaxResponseContentBufferSize = LongestAnswer,
        };

    /// <exception cref="HttpRequestException">It does not answer.</exception>
    /// <exception cref="AuthenticationFailureException">It answers nonsense.</exception>
    public async Task<ProviderMetadata> AboutAsync(ProviderOptions provider, CancellationToken cancellation)
    {
        if (known.TryGetValue(provider.Issuer, out var metadata) && clock.GetUtcNow() - metadata.At < Fresh)
        {
            return metadata;
        }

        try
        {
            return known[provider.Issuer] = await AskAsync(provider, cancellation);
        }
        catch (Exception e)
            when (metadata is not null
                && e is HttpRequestException or TaskCanceledException
                && !cancellation.IsCancellationRequested
            )
        {
            return metadata; // what it said an hour ago is better than nothing
        }
    }

    /// <summary>The same with its keys asked for again: it may have begun to use a new one.</summary>
    public async Task<ProviderMetadata> WithNewKeysAsync(
        ProviderOptions provider,
        ProviderMetadata metadata,
        CancellationToken cancellation
    ) => known[provider.Issuer] = metadata with { Keys = await KeysAsync(metadata.KeysAddress, cancellation) };

    private async Task<ProviderMetadata> AskAsync(ProviderOptions provider, CancellationToken cancellation)
    {
        using var document = await JsonAsync(
            new HttpRequestMessage(HttpMethod.Get, provider.Issuer.TrimEnd('/') + "/.well-known/openid-configuration"),
            cancellation
        );
        var root = document.RootElement;
        if (root.Text("issuer") != provider.Issuer) // Discovery 4.3
        {
            throw new AuthenticationFailureException("The provider's issuer is not the one that is configured");
        }

        var https = provider.Issuer.StartsWith("https:", StringComparison.Ordinal);
        string? Address(string name) =>
            root.Text(name) is { } text
            && Uri.TryCreate(text, UriKind.Absolute, out var uri)
            && (uri.Scheme == Uri.UriSchemeHttps || (!https && uri.Scheme == Uri.UriSchemeHttp))
                ? text
                : null;
        string Needed(string name) =>
            Address(name) ?? throw new AuthenticationFailureException($"The provider names no {name}");
        var ways =
            root.TryGetProperty("token_endpoint_auth_methods_supported", out var supported)
            && supported.ValueKind == JsonValueKind.Array
                ? [.. supported.EnumerateArray().Select(way => way.ToString())]
                : new List<string>();
        var keys = new Uri(Needed("jwks_uri"));
        return new(
            Needed("authorization_endpoint"),
            Needed("token_endpoint"),
            Address("userinfo_endpoint"),
            Address("end_session_endpoint"),
            keys,
            SecretInBody: ways.Count > 0 && !ways.Contains("client_secret_basic", StringComparer.Ordinal),
            SaysIssuer: root.TryGetProperty("authorization_response_iss_parameter_supported", out var says)
                && says.ValueKind == JsonValueKind.True,
            await KeysAsync(keys, cancellation),
            clock.GetUtcNow()
        );
    }

    private async Task<IReadOnlyList<SigningKey>> KeysAsync(Uri address, CancellationToken cancellation)
    {
        using var document = await JsonAsync(new HttpRequestMessage(HttpMethod.Get, address), cancellation);
        return document.RootElement.TryGetProperty("keys", out var keys) && keys.ValueKind == JsonValueKind.Array
            ? [.. keys.EnumerateArray().Select(SigningKey.Read).OfType<SigningKey>()]
            : [];
    }

    /// <summary>
    /// Sends a request and reads the JSON answer. Errors never quote what was sent or received, which holds codes and
    /// tokens.
    /// </summary>
    public async Task<JsonDocument> JsonAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        request.Headers.Accept.Add(new("application/json"));
        using var response = await Http.SendAsync(request, cancellation);
        if (response.StatusCode != HttpStatusCode.OK)
        {
            throw (int)response.StatusCode >= 500
                ? new HttpRequestException($"{request.RequestUri!.AbsolutePath} answers {(int)response.StatusCode}")
                : new AuthenticationFailureException(
                    $"The provider's {request.RequestUri!.AbsolutePath} answers {(int)response.StatusCode}"
                );
        }

        try
        {
            var document = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellation), Strict);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document
                : throw new AuthenticationFailureException("The provider's answer is no JSON object");
        }
        catch (JsonException e)
        {
            throw new AuthenticationFailureException(
                $"The provider's {request.RequestUri!.AbsolutePath} answers something else than JSON",
                e
            );
        }
    }

    public void Dispose() => Http.Dispose();
}

internal static class Json
{
    /// <summary>The property if it is a text, or null.</summary>
    public static string? Text(this JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
