using System.Security.Cryptography;
using System.Text;
using Rollcall.Addresses;

namespace Rollcall.Model;

/// <summary>
/// One text of the terms and conditions. The one with the highest number is the current one; none is ever changed.
/// </summary>
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
    /// The text as it is kept, or the one error to show. Lines and indentation stay; what cannot be seen goes.
    /// </summary>
    public static (string? Markdown, string? Error) Check(string? typed)
    {
        if (typed?.Length > 2 * MaxLength)
        {
            return (null, TooLong); // without a look at all of it
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

/// <summary>That somebody accepted a version, and when: the evidence.</summary>
internal sealed class TermsAcceptance
{
    public required Guid UserId { get; init; }
    public required Guid VersionId { get; init; }

    /// <summary>Of the text that was shown.</summary>
    public required byte[] TextHash { get; init; }
    public required DateTimeOffset AcceptedAt { get; init; }
}
