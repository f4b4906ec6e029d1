using System.Text;

namespace Rollcall.Addresses;

/// <summary>
/// A mobile number of any country, kept in E.164 form (+447700900123). UK numbers can be typed in any usual form,
/// others with their country code.
/// </summary>
internal static class MobileNumber
{
    /// <summary>E.164 allows at most 15 digits, including the country code.</summary>
    private const int Shortest = 8,
        Longest = 15,
        UkDigits = 10;

    private const string Wrong = "Enter a mobile phone number, like 07700 900 982 or +44 7700 900 982";

    /// <summary>
    /// Country codes assigned by ITU-T (E.164, list of country codes): one to three digits, none a prefix of another.
    /// </summary>
    private static readonly HashSet<string> Countries =
    [
        .. (
            "1 7 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 "
            + "65 66 81 82 84 86 90 91 92 93 94 95 98 211 212 213 216 218 220 221 222 223 224 225 226 227 228 "
            + "229 230 231 232 233 234 235 236 237 238 239 240 241 242 243 244 245 246 248 249 250 251 252 253 "
            + "254 255 256 257 258 260 261 262 263 264 265 266 267 268 269 290 291 297 298 299 350 351 352 353 "
            + "354 355 356 357 358 359 370 371 372 373 374 375 376 377 378 380 381 382 383 385 386 387 389 420 "
            + "421 423 500 501 502 503 504 505 506 507 508 509 590 591 592 593 594 595 596 597 598 599 670 672 "
            + "673 674 675 676 677 678 679 680 681 682 683 685 686 687 688 689 690 691 692 850 852 853 855 856 "
            + "880 886 960 961 962 963 964 965 966 967 968 970 971 972 973 974 975 976 977 992 993 994 995 996 "
            + "998"
        ).Split(' '),
    ];

    /// <summary>The number in E.164 form, or the error message for the field.</summary>
    public static (string? Number, string? Error) Check(string? text)
    {
        var typed = PlainText.OneLine(text).Normalize(NormalizationForm.FormKC);
        if (typed.Length == 0)
        {
            return (null, "Enter a mobile phone number");
        }
        // People group digits with brackets, hyphens of every kind, dots and slashes.
        var clean = string.Concat(
            typed.Where(c => char.IsAsciiDigit(c) || c == '+' || !(char.IsWhiteSpace(c) || char.IsPunctuation(c)))
        );
        if (clean.Length == 0 || !clean.All(c => char.IsAsciiDigit(c) || c == '+') || clean.LastIndexOf('+') > 0)
        {
            return (null, Wrong);
        }

        var digits = clean.TrimStart('+');
        if (clean[0] != '+' && !digits.StartsWith("00", StringComparison.Ordinal))
        {
            if (digits.StartsWith('0'))
            {
                return CheckUk(digits[1..]);
            }

            // The leading 0 is missing. With one more digit, this would be a number in country 7.
            if (digits.StartsWith('7') && digits.Length <= UkDigits)
            {
                return CheckUk(digits);
            }
        }
        else if (clean[0] != '+')
        {
            digits = digits[2..];
        }
        if (digits.StartsWith("44", StringComparison.Ordinal))
        {
            return CheckUk(digits[2..].TrimStart('0')); // +44 (0)7…
        }

        return Country(digits) is null ? (null, Wrong)
            : CheckLength(digits, Shortest, Longest) is { } error ? (null, error)
            : ("+" + digits, null);
    }

    /// <summary>As people in the country write it: 07700 900123, or +353 871234567.</summary>
    public static string Shown(string number) =>
        number.StartsWith("+44", StringComparison.Ordinal) ? $"0{number[3..7]} {number[7..]}"
        : Country(number[1..]) is { } country ? $"+{country} {number[(1 + country.Length)..]}"
        : number;

    /// <summary>
    /// Checks what follows +44. Mobiles begin with 7. 70 is for personal numbers and 76 for pagers, except the Isle of
    /// Man's 7624 (Ofcom, National Telephone Numbering Plan).
    /// </summary>
    private static (string? Number, string? Error) CheckUk(string digits) =>
        digits is ['1' or '2' or '3' or '5' or '8' or '9', ..]
        || digits.StartsWith("70", StringComparison.Ordinal)
        || (digits.StartsWith("76", StringComparison.Ordinal) && !digits.StartsWith("7624", StringComparison.Ordinal))
            ? (null, "Enter a mobile phone number. This number cannot receive text messages")
        : CheckLength(digits, UkDigits, UkDigits) is { } error ? (null, error)
        : digits[0] == '7' ? ("+44" + digits, null)
        : (null, Wrong);

    private static string? CheckLength(string digits, int least, int most) =>
        digits.Length < least ? "Mobile phone number is too short. Check that no digits are missing"
        : digits.Length > most ? "Mobile phone number is too long. Check that it does not have too many digits"
        : null;

    private static string? Country(string digits) =>
        Enumerable
            .Range(1, 3)
            .Where(length => digits.Length > length)
            .Select(length => digits[..length])
            .FirstOrDefault(Countries.Contains);
}
