using System.Security.Cryptography;
using System.Text;
using Rollcall.Addresses;

namespace Rollcall.Model;

/// <summary>One version of the terms and conditions. The highest number is current. Versions never change.</summary>
internal sealed class TermsVersion
{
    /// <summary>In UTF-16 units; more than forty pages.</summary>
    public const int MaxLength = 100_000;

    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>1, 2, 3, …</summary>
    public required int Number { get; init; }
    public required string Markdown { get; init; }
    public required byte[] TextHash { get; init; }
    public required DateTimeOffset PublishedAt { get; init; }
    public Guid? PublishedBy { get; init; }

    public static byte[] Hash(string markdown) => SHA256.HashData(Encoding.UTF8.GetBytes(markdown));

    /// <summary>
    /// The text to store, or the error message. Keeps lines and indentation, removes invisible characters.
    /// </summary>
    public static (string? Markdown, string? Error) Check(string? typed)
    {
        if (typed?.Length > 2 * MaxLength)
        {
            return (null, TooLong); // before scanning all of it
        }

        var clean = new StringBuilder();
        foreach (
            var rune in PlainText
                .Characters((typed ?? "").ReplaceLineEndings("\n"))
                .Normalize(NormalizationForm.FormC)
                .EnumerateRunes()
        )
        {
            if (rune.Value is '\n' or '\t' or 0x200C or 0x200D || !PlainText.IsInvisible(rune))
            {
                clean.Append(rune.ToString());
            }
        }

        var text = clean.ToString().Trim('\n', ' ', '\t');
        return text.Length == 0 ? (null, "Enter the text of the terms and conditions")
            : text.Length > MaxLength ? (null, TooLong)
            : (text, null);
    }

    private static string TooLong => $"The terms and conditions must be {MaxLength:N0} characters or fewer";
}

/// <summary>The evidence that a person accepted a version, and when.</summary>
internal sealed class TermsAcceptance
{
    public required Guid UserId { get; init; }
    public required Guid VersionId { get; init; }

    /// <summary>The hash of the text that was shown.</summary>
    public required byte[] TextHash { get; init; }
    public required DateTimeOffset AcceptedAt { get; init; }
}
