using Microsoft.AspNetCore.Html;
using Microsoft.Extensions.Options;

namespace Rollcall.Web;

/// <summary>
/// The part of the privacy notice that the organisation writes itself, in the same Markdown as the terms.
/// </summary>
internal sealed class OwnPrivacyText(IOptions<RollcallOptions> options)
{
    /// <summary>Read once: like other settings, a change needs a restart.</summary>
    public IHtmlContent Html { get; } =
        options.Value.Privacy.File is { Length: > 0 } file
            ? GovUkMarkdown.Render(File.ReadAllText(file))
            : HtmlString.Empty;

    /// <summary>Why the file cannot be used; null if it can, or there is none.</summary>
    public static string? Problem(string? file)
    {
        if (string.IsNullOrEmpty(file))
        {
            return null;
        }

        try
        {
            return GovUkMarkdown.TryRender(File.ReadAllText(file), out _, out var problem)
                ? null
                : $"cannot be shown: {problem}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"cannot be read: {e.Message}";
        }
    }
}
