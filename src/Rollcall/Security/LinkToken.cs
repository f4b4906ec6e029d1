using System.Security.Cryptography;
using System.Text;

namespace Rollcall.Security;

/// <summary>
/// The secret part of an emailed link: 160 bits as 32 letters and digits that survive what mail programs do to links.
/// Derived from an ID with a keyed hash, so that an email sent twice has the same link and no table holds it. Looked up
/// by its SHA-256 hash.
/// </summary>
internal static class LinkToken
{
    /// <summary>Crockford's base 32: no i, l, o or u, and case does not matter.</summary>
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    private const int Length = 32;

    public const string Invitation = "invitation",
        PasswordReset = "password reset",
        AddressChange = "address change";

    public static string Of(Secret secret, string purpose, Guid id)
    {
        var mac = secret.Mac($"{purpose} link", id.ToByteArray(bigEndian: true));
        return string.Create(
            Length,
            mac,
            (letters, bytes) =>
            {
                for (var i = 0; i < Length; i++)
                {
                    var at = i * 5 / 8;
                    var shift = 11 - i * 5 % 8;
                    letters[i] = Alphabet[(((bytes[at] << 8) | bytes[at + 1]) >> shift) & 31];
                }
            }
        );
    }

    /// <summary>
    /// The hash that tables are searched by; null if the text cannot be a token, whatever a mail program did to it.
    /// </summary>
    public static byte[]? Hash(string? text)
    {
        var clean = new string([
            .. (text ?? "")
                .Where(char.IsAsciiLetterOrDigit)
                .Select(char.ToLowerInvariant)
                .Select(c =>
                    c switch
                    {
                        'o' => '0',
                        'i' or 'l' => '1',
                        _ => c,
                    }
                ),
        ]);
        return clean.Length == Length ? SHA256.HashData(Encoding.ASCII.GetBytes(clean)) : null;
    }
}
