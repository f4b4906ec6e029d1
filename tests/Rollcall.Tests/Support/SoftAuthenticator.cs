using System.Buffers.Binary;
using System.Formats.Cbor;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;

namespace Rollcall.Tests.Support;

/// <summary>
/// A browser with an authenticator that keeps one passkey (WebAuthn Level 3, 6.1 and 6.5), and that lies where a test
/// tells it to, as no browser would.
/// </summary>
internal sealed class SoftAuthenticator(Uri address)
{
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly byte[] id = RandomNumberGenerator.GetBytes(32);
    private string userHandle = "";

    public string Origin { get; init; } = address.GetLeftPart(UriPartial.Authority);
    public string RelyingParty { get; init; } = address.Host;
    public bool CrossOrigin { get; init; }
    public string? Type { get; init; }

    /// <summary>Whether it checked its owner, by a fingerprint or the like.</summary>
    public bool Verifies { get; init; } = true;

    /// <summary>Null: it never counts.</summary>
    public uint? Count { get; set; }

    /// <summary>Signs with another key than the one that it showed.</summary>
    public bool Forges { get; init; }

    /// <summary>The same passkey, telling other lies.</summary>
    private SoftAuthenticator(SoftAuthenticator other)
        : this(new Uri("http://localhost"))
    {
        key = other.key;
        id = other.id;
        userHandle = other.userHandle;
    }

    public SoftAuthenticator Lying(
        string? origin = null,
        string? relyingParty = null,
        bool crossOrigin = false,
        string? type = null,
        bool verifies = true,
        uint? count = null,
        bool forges = false,
        Guid? user = null
    ) =>
        new(this)
        {
            Origin = origin ?? Origin,
            RelyingParty = relyingParty ?? RelyingParty,
            CrossOrigin = crossOrigin,
            Type = type,
            Verifies = verifies,
            Count = count ?? Count,
            Forges = forges,
            userHandle = user is { } other ? Text(Encoding.UTF8.GetBytes(other.ToString("N"))) : userHandle,
        };

    /// <summary>What <c>navigator.credentials.create</c> answers.</summary>
    public string Create(JsonElement options)
    {
        userHandle = options.GetProperty("user").GetProperty("id").GetString()!;
        var point = key.ExportParameters(false).Q;
        var cose = new CborWriter(CborConformanceMode.Ctap2Canonical);
        cose.WriteStartMap(5);
        foreach (var (label, number) in new[] { (1, 2), (3, -7), (-1, 1) }) // EC2, ES256, P-256 (RFC 9053)
        {
            cose.WriteInt32(label);
            cose.WriteInt32(number);
        }
        cose.WriteInt32(-2);
        cose.WriteByteString(point.X!);
        cose.WriteInt32(-3);
        cose.WriteByteString(point.Y!);
        cose.WriteEndMap();
        var made = new CborWriter(CborConformanceMode.Ctap2Canonical);
        made.WriteStartMap(3);
        made.WriteTextString("fmt");
        made.WriteTextString("none");
        made.WriteTextString("attStmt");
        made.WriteStartMap(0);
        made.WriteEndMap();
        made.WriteTextString("authData");
        made.WriteByteString([.. Data(0x40), .. new byte[16], 0, (byte)id.Length, .. id, .. cose.Encode()]);
        made.WriteEndMap();
        return Credential(
            new
            {
                clientDataJSON = Text(Client("webauthn.create", options)),
                attestationObject = Text(made.Encode()),
                transports = new[] { "internal" },
            }
        );
    }

    /// <summary>What <c>navigator.credentials.get</c> answers.</summary>
    public string Get(JsonElement options)
    {
        var data = Data(0);
        var client = Client("webauthn.get", options);
        using var another = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var signature = (Forges ? another : key).SignData(
            [.. data, .. SHA256.HashData(client)],
            HashAlgorithmName.SHA256,
            DSASignatureFormat.Rfc3279DerSequence
        );
        return Credential(
            new
            {
                clientDataJSON = Text(client),
                authenticatorData = Text(data),
                signature = Text(signature),
                userHandle,
            }
        );
    }

    private byte[] Data(byte more)
    {
        var count = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(count, Count ?? 0);
        return
        [
            .. SHA256.HashData(Encoding.UTF8.GetBytes(RelyingParty)),
            (byte)(1 | (Verifies ? 4 : 0) | more),
            .. count,
        ];
    }

    private byte[] Client(string type, JsonElement options) =>
        JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                type = Type ?? type,
                challenge = options.GetProperty("challenge").GetString(),
                origin = Origin,
                crossOrigin = CrossOrigin,
            }
        );

    private string Credential(object response) =>
        JsonSerializer.Serialize(
            new
            {
                id = Text(id),
                rawId = Text(id),
                type = "public-key",
                clientExtensionResults = new { },
                response,
            }
        );

    private static string Text(byte[] bytes) => WebEncoders.Base64UrlEncode(bytes);
}
