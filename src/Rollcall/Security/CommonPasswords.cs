using System.Collections.Frozen;
using System.Text;

namespace Rollcall.Security;

/// <summary>
/// Passwords that attackers try first (ASVS 5.0, 6.2.4 and 6.2.11; NIST SP 800-63B-4, 3.1.1.2). The whole password is
/// compared, so a strong one may contain a common word. The list is part of the program: passwords are never sent to
/// another service.
/// </summary>
internal sealed class CommonPasswords
{
    private const string Rows = "1234567890|qwertyuiop|asdfghjkl|zxcvbnm|abcdefghijklmnopqrstuvwxyz";
    private const int ShortestOwnWord = 3,
        LongestPiece = Passwords.LeastWithSecondFactor - 1;

    private readonly Lazy<FrozenSet<string>> common = new(Read);

    /// <summary>How many passwords the list holds. All are long enough to be chosen.</summary>
    public int Count => common.Value.Count;

    /// <summary>Why the password is refused, to follow "Choose another password: "; null if it is not.</summary>
    public string? Why(string password, IEnumerable<string?> ownWords)
    {
        var text = password.ToLowerInvariant();
        if (common.Value.Contains(text))
        {
            return "many people use this one";
        }

        var letters = Bare(text);
        if (IsRepeated(text))
        {
            return "the same characters again and again are easy to guess";
        }

        if (IsRun(letters))
        {
            return "characters in the order of the keyboard or the alphabet are easy to guess";
        }

        return
            ownWords.SelectMany(Words).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList()
                is { Count: > 0 } own
            && IsMadeOf(letters, own)
            ? "your name, your address and the name of the service are easy to guess"
            : null;
    }

    /// <summary>"passpasspass": a short piece repeated.</summary>
    private static bool IsRepeated(string text) =>
        Enumerable
            .Range(1, Math.Min(text.Length / 2, LongestPiece))
            .Any(length => Enumerable.Range(length, text.Length - length).All(at => text[at] == text[at - length]));

    /// <summary>
    /// Whether each character is next to the one before in a row of the keyboard or the alphabet. Rows wrap around.
    /// </summary>
    private static bool IsRun(string letters)
    {
        var steps = Enumerable
            .Range(1, Math.Max(letters.Length - 1, 0))
            .Count(at => IsBeside(letters[at - 1], letters[at]));
        return letters.Length > 3 && steps >= letters.Length - 1 - letters.Length / 6;
    }

    private static bool IsBeside(char one, char next) =>
        Rows.Contains($"{one}{next}", StringComparison.Ordinal)
        || Rows.Contains($"{next}{one}", StringComparison.Ordinal)
        || (one, next) is ('0', '1') or ('9', '1');

    /// <summary>Whether the text consists only of these words, followed by digits or nothing.</summary>
    private static bool IsMadeOf(string text, List<string> words)
    {
        var reachable = new bool[text.Length + 1];
        reachable[0] = text.Length > 0;
        for (var at = 0; at < text.Length; at++)
        {
            foreach (var word in words)
            {
                if (reachable[at] && string.CompareOrdinal(text, at, word, 0, word.Length) == 0)
                {
                    reachable[at + word.Length] = true;
                }
            }
        }

        var digitsFrom = text.AsSpan().TrimEnd("0123456789").Length;
        return Enumerable.Range(digitsFrom, text.Length - digitsFrom + 1).Any(at => at > 0 && reachable[at]);
    }

    /// <summary>The words of a name or an address, and the whole without spaces.</summary>
    private static IEnumerable<string> Words(string? text) =>
        (text ?? "")
            .ToLowerInvariant()
            .Normalize(NormalizationForm.FormC)
            .Split([' ', '@', '.', '-', '_', '+', '\'', '’'])
            .Append(text?.ToLowerInvariant())
            .Select(word => Bare(word ?? ""))
            .Where(word => word.Length >= ShortestOwnWord);

    /// <summary>Letters and digits only.</summary>
    private static string Bare(string text) => string.Concat(text.Where(char.IsLetterOrDigit));

    private static FrozenSet<string> Read()
    {
        using var stream = typeof(CommonPasswords).Assembly.GetManifestResourceStream("common-passwords.txt")!;
        using var reader = new StreamReader(stream);
        return reader
            .ReadToEnd()
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .ToFrozenSet(StringComparer.Ordinal);
    }
}
