using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;

namespace Rollcall.SignIn.Providers;

/// <summary>
/// The provider's signed statement about who signed in (OpenID Connect Core 1.0, 3.1.3.7; RFC 8725). It is refused
/// unless every rule holds. The reasons go to the log and never quote the token.
/// </summary>
internal static class IdToken
{
    /// <summary>How far the provider's clock and ours may be apart.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(60);
    private const int Longest = 64 * 1024;
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    /// <summary>
    /// Whether one of the keys signed it. Only algorithm and key ID are taken from the header; keys that the token
    /// brings along (jwk, jku, x5u, x5c) are ignored.
    /// </summary>
    public static bool IsSignedBy(string token, IReadOnlyList<SigningKey> keys)
    {
        var (header, _, signature, signed) = Read(token);
        if (
            header.TryGetProperty("crit", out _)
            || header.Text("alg") is not ("RS256" or "PS256" or "ES256")
            || header.Text("alg") is not { } algorithm
        )
        {
            throw Refused("is signed in a way that is not allowed");
        }

        var named =
            header.Text("kid") is { } id ? keys.Where(key => key.Id == id)
            : keys.Count == 1 ? keys
            : [];
        return named.Any(key => key.Signed(algorithm, signed, signature));
    }

    /// <summary>What the token claims, once every claim about the token itself was checked.</summary>
    public static JsonElement Claims(string token, string issuer, string client, string nonce, DateTimeOffset now)
    {
        var claims = Read(token).Payload;
        if (claims.Text("iss") != issuer)
        {
            throw Refused("is of another issuer");
        }

        if (!Audiences(claims).SequenceEqual([client], StringComparer.Ordinal))
        {
            throw Refused("is for another audience");
        }

        if (claims.TryGetProperty("azp", out _) && claims.Text("azp") != client)
        {
            throw Refused("was issued to another party");
        }

        if (Time(claims, "exp") is not { } expires || expires <= now - Skew)
        {
            throw Refused("is expired, or never expires");
        }

        if (Time(claims, "iat") is not { } issued || issued > now + Skew)
        {
            throw Refused("was issued in the future, or does not say when");
        }

        if (claims.TryGetProperty("nbf", out _) && (Time(claims, "nbf") is not { } from || from > now + Skew))
        {
            throw Refused("is not valid yet");
        }

        if (claims.Text("nonce") != nonce)
        {
            throw Refused("answers another question");
        }

        if (claims.Text("sub") is not { Length: > 0 and <= 255 })
        {
            throw Refused("names no subject");
        }

        return claims;
    }

    /// <summary>Whether the provider asked the person since then, instead of remembering an earlier time.</summary>
    public static bool AskedSince(JsonElement claims, DateTimeOffset then) =>
        Time(claims, "auth_time") is { } asked && asked > then - Skew;

    private static IEnumerable<string> Audiences(JsonElement claims) =>
        !claims.TryGetProperty("aud", out var audience) ? []
        : audience.ValueKind == JsonValueKind.Array ? audience.EnumerateArray().Select(a => a.ToString())
        : [audience.ToString()];

    private static DateTimeOffset? Time(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.Number
        && value.TryGetDouble(out var seconds)
        && seconds is > 0 and < 253402300799
            ? DateTimeOffset.UnixEpoch.AddSeconds(seconds)
            : null;

    private static (JsonElement Header, JsonElement Payload, byte[] Signature, byte[] Signed) Read(string token)
    {
        if (token.Length > Longest || token.Split('.') is not [var header, var payload, var signature])
        {
            throw Refused("has not three parts");
        }

        try
        {
            return (
                Parse(header),
                Parse(payload),
                Base64Url.DecodeFromChars(signature),
                Encoding.ASCII.GetBytes($"{header}.{payload}")
            );
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            throw Refused("cannot be read");
        }
    }

    private static JsonElement Parse(string part)
    {
        using var document = JsonDocument.Parse(Base64Url.DecodeFromChars(part), Strict);
        return document.RootElement.ValueKind == JsonValueKind.Object
            ? document.RootElement.Clone()
            : throw new JsonException();
    }

    private static AuthenticationFailureException Refused(string why) => new($"The ID token {why}");
}
