using System.Globalization;
using System.Security.Cryptography;

namespace Rollcall.Tests.Account;

/// <summary>
/// An authenticator app of our own, written from RFC 6238 and 4226 and sharing nothing with the product.
/// </summary>
internal static class AuthenticatorApp
{
    public static string Code(string key, DateTimeOffset at)
    {
        var bits = string.Concat(
            key.Where(char.IsAsciiLetterOrDigit)
                .Select(c =>
                    Convert
                        .ToString(
                            "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(
                                char.ToUpperInvariant(c),
                                StringComparison.Ordinal
                            ),
                            2
                        )
                        .PadLeft(5, '0')
                )
        );
        var secret = Enumerable
            .Range(0, bits.Length / 8)
            .Select(i => Convert.ToByte(bits.Substring(i * 8, 8), 2))
            .ToArray();
        var counter = BitConverter.GetBytes(at.ToUnixTimeSeconds() / 30);
        Array.Reverse(counter);
#pragma warning disable CA5350 // the algorithm that authenticator apps use
        var hash = HMACSHA1.HashData(secret, counter);
#pragma warning restore CA5350
        var offset = hash[^1] & 15;
        var number =
            ((hash[offset] & 127) << 24) | (hash[offset + 1] << 16) | (hash[offset + 2] << 8) | hash[offset + 3];
        return (number % 1_000_000).ToString("000000", CultureInfo.InvariantCulture);
    }
}
