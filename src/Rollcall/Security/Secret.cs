using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace Rollcall.Security;

/// <summary>
/// The deployment's secret (<see cref="RollcallOptions.Secret"/>) and what is derived from it. It is never stored in
/// the database, so a copy of the database opens no link, guesses no code and decrypts nothing. Each purpose has its
/// own key (HKDF, RFC 5869).
/// </summary>
internal sealed class Secret(IOptions<RollcallOptions> options)
{
    private const int NonceSize = 12,
        TagSize = 16;

    /// <summary>Whether the text is at least 32 bytes in base 64.</summary>
    public static bool IsValid(string text) =>
        Convert.TryFromBase64String(text, new byte[text.Length], out var length) && length >= 32;

    /// <summary>
    /// The value in <c>secret_check</c>. It shows whether two instances have the same secret, and nothing else.
    /// </summary>
    public byte[] CheckValue => Mac("check", "secret");

    /// <summary>A keyed hash (HMAC-SHA256): deterministic, and needs the secret to compute or check.</summary>
    public byte[] Mac(string purpose, ReadOnlySpan<byte> data) => HMACSHA256.HashData(Key(purpose), data);

    public byte[] Mac(string purpose, string text) => Mac(purpose, Encoding.UTF8.GetBytes(text));

    /// <summary>Encrypts and authenticates (AES-256-GCM, with a random nonce each time).</summary>
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

    /// <exception cref="CryptographicException">
    /// The data was protected for another purpose or with another secret, or has been changed.
    /// </exception>
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
