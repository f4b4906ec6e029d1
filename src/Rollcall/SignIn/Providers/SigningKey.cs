using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;

namespace Rollcall.SignIn.Providers;

/// <summary>
/// A public key that a provider signs with (RFC 7517). Only three algorithms are allowed, each with its own kind of
/// key. So "none" is refused, and a public key is never used as a shared secret (ASVS 5.0, 9.1.1 and 9.1.2; RFC 8725,
/// 3.1).
/// </summary>
internal sealed record SigningKey(string? Id, string? Algorithm, RSAParameters? Rsa, ECParameters? Curve)
{
    private const int ShortestRsa = 2048;

    /// <summary>Null for a key that is for something else, or of no kind that is used here.</summary>
    public static SigningKey? Read(JsonElement jwk)
    {
        if (jwk.ValueKind != JsonValueKind.Object || jwk.Text("use") is not (null or "sig"))
        {
            return null;
        }

        var id = jwk.Text("kid");
        var algorithm = jwk.Text("alg");
        try
        {
            return jwk.Text("kty") switch
            {
                "RSA" when Bytes(jwk, "n") is { } n && Bytes(jwk, "e") is { } e && n.Length * 8 >= ShortestRsa => new(
                    id,
                    algorithm,
                    new() { Modulus = n, Exponent = e },
                    null
                ),
                "EC" when jwk.Text("crv") == "P-256" && Bytes(jwk, "x") is { } x && Bytes(jwk, "y") is { } y => new(
                    id,
                    algorithm,
                    null,
                    new()
                    {
                        Curve = ECCurve.NamedCurves.nistP256,
                        Q = new() { X = x, Y = y },
                    }
                ),
                _ => null,
            };
        }
        catch (FormatException)
        {
            return null;
        }
    }

    public bool Signed(string algorithm, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (Algorithm is not null && Algorithm != algorithm)
        {
            return false;
        }

        try
        {
            switch (algorithm)
            {
                case "RS256" or "PS256" when Rsa is { } parameters:
                    using (var rsa = RSA.Create(parameters))
                    {
                        return rsa.VerifyData(
                            data,
                            signature,
                            HashAlgorithmName.SHA256,
                            algorithm == "RS256" ? RSASignaturePadding.Pkcs1 : RSASignaturePadding.Pss
                        );
                    }

                case "ES256" when Curve is { } curve:
                    using (var ecdsa = ECDsa.Create(curve))
                    {
                        return ecdsa.VerifyData(
                            data,
                            signature,
                            HashAlgorithmName.SHA256,
                            DSASignatureFormat.IeeeP1363FixedFieldConcatenation
                        );
                    }

                default:
                    return false;
            }
        }
        catch (CryptographicException)
        {
            return false; // a point that is not on the curve
        }
    }

    private static byte[]? Bytes(JsonElement jwk, string name) =>
        jwk.Text(name) is { Length: > 0 } text ? Base64Url.DecodeFromChars(text) : null;
}
