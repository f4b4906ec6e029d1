using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Rollcall.Security;

/// <summary>
/// Codes of authenticator apps: RFC 6238 over RFC 4226, with SHA-1, six digits and 30-second steps, which every app
/// supports.
/// </summary>
internal static class Totp
{
    private const int StepSeconds = 30,
        Digits = 6;

    /// <summary>160 bits (RFC 4226, section 4, R6).</summary>
    public static byte[] NewSecret() => RandomNumberGenerator.GetBytes(20);

    /// <summary>
    /// The time step of this code; null if the code is wrong, or its step is not after <paramref name="lastStep"/>.
    /// </summary>
    /// <param name="lastStep">
    /// The last accepted step: "the verifier MUST NOT accept the second attempt" (RFC 6238, 5.2).
    /// </param>
    public static long? Step(byte[] secret, string? typed, DateTimeOffset now, long? lastStep)
    {
        var code = Encoding.ASCII.GetBytes(OneTimeCodes.Clean(typed));
        var current = now.ToUnixTimeSeconds() / StepSeconds;
        long? found = null;
        // One step either way, for clocks that differ and people who type slowly. All steps are compared, so that the
        // time taken shows nothing.
        for (var step = current - 1; step <= current + 1; step++)
        {
            if (
                CryptographicOperations.FixedTimeEquals(code, Encoding.ASCII.GetBytes(Code(secret, step)))
                && !(step <= lastStep)
            )
            {
                found = step;
            }
        }
        return found;
    }

    /// <summary>RFC 4226, 5.3.</summary>
    internal static string Code(byte[] secret, long counter, int digits = Digits)
    {
        Span<byte> text = stackalloc byte[8];
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(text, counter);
        // Required by the RFC and the apps. SHA-1's known weakness is collisions, which do not matter in HMAC.
#pragma warning disable CA5350
        var hash = HMACSHA1.HashData(secret, text);
#pragma warning restore CA5350
        var number =
            System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(hash.AsSpan(hash[^1] & 15)) & int.MaxValue;
        return (number % (int)Math.Pow(10, digits)).ToString(
            "D" + digits.ToString(CultureInfo.InvariantCulture),
            CultureInfo.InvariantCulture
        );
    }

    /// <summary>Base 32 (RFC 4648, section 6) without padding, in groups of four to read out.</summary>
    public static string Base32(byte[] secret)
    {
        var text = new StringBuilder();
        for (var bit = 0; bit < secret.Length * 8; bit += 5)
        {
            var pair = (secret[bit / 8] << 8) | (bit / 8 + 1 < secret.Length ? secret[bit / 8 + 1] : 0);
            text.Append(bit > 0 && bit % 20 == 0 ? " " : "")
                .Append("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[(pair >> (11 - bit % 8)) & 31]);
        }
        return text.ToString();
    }

    /// <summary>The otpauth URI in the QR code.</summary>
    public static string Address(string issuer, string account, byte[] secret)
    {
        var by = Uri.EscapeDataString(issuer);
        var key = Base32(secret).Replace(" ", "", StringComparison.Ordinal);
        return $"otpauth://totp/{by}:{Uri.EscapeDataString(account)}?secret={key}&issuer={by}";
    }
}
