using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace Rollcall.Security;

/// <summary>
/// The deployment's one secret (<see cref="RollcallOptions.Secret"/>) and what is made with it. It never rests in the
/// database, so a copy of the database alone opens no link, guesses no code and reads nothing that is sealed. Each
/// purpose has a key of its own (HKDF, RFC 5869).
/// </summary>
internal sealed class Secret(IOptions<RollcallOptions> options)
{
    private const int NonceSize = 12,
        TagSize = 16;

    /// <summary>At least 32 bytes in base 64.</summary>
    public static bool IsValid(string text) =>
        Convert.TryFromBase64String(text, new byte[text.Length], out var length) && length >= 32;

    /// <summary>
    /// What <c>secret_check</c> holds: tells whether two instances have the same secret, and nothing else about it.
    /// </summary>
    public byte[] CheckValue => Mac("check", "secret");

    /// <summary>A keyed hash (HMAC-SHA256): the same every time, and it takes the secret to make or check it.</summary>
    public byte[] Mac(string purpose, ReadOnlySpan<byte> data) => HMACSHA256.HashData(Key(purpose), data);

    public byte[] Mac(string purpose, string text) => Mac(purpose, Encoding.UTF8.GetBytes(text));

    /// <summary>Seals: unreadable, and unchanged or refused (AES-256-GCM, a random nonce each time).</summary>
    public byte[] Protect(string purpose, ReadOnlySpan<byte> plain)
    {
        var box = new byte[NonceSize + plain.Length + TagSize];
        RandomNumberGenerator.Fill(box.AsSpan(0, NonceSize));
        using var cipher = new AesGcm(Key(purpose), TagSize);
        cipher.Encrypt(
            box.AsSpan(0, NonceSize),
            plain,
            box.AsSpan(NonceSize, plain.Length),
            box.AsSpan(NonceSize + plain.Length)
        );
        return box;
    }

    /// <exception cref="CryptographicException">It was sealed for another purpose, with another secret, or
    /// changed.</exception>
    public byte[] Unprotect(string purpose, ReadOnlySpan<byte> box)
    {
        if (box.Length < NonceSize + TagSize)
        {
            throw new CryptographicException("Too short to have been sealed");
        }

        var plain = new byte[box.Length - NonceSize - TagSize];
        using var cipher = new AesGcm(Key(purpose), TagSize);
        cipher.Decrypt(box[..NonceSize], box[NonceSize..^TagSize], box[^TagSize..], plain);
        return plain;
    }

    private byte[] Key(string purpose) =>
        HKDF.DeriveKey(
            HashAlgorithmName.SHA256,
            Convert.FromBase64String(options.Value.Secret),
            32,
            info: Encoding.UTF8.GetBytes("Rollcall " + purpose)
        );
}
