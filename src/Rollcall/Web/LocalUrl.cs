namespace Rollcall.Web;

/// <summary>
/// The page to go to next. It comes from the URL or a form, so an attacker may have chosen it: only pages on this host
/// are accepted (CWE-601).
/// </summary>
internal static class LocalUrl
{
    private const int Longest = 1000;

    private static readonly Uri Here = new("http://here");

    /// <summary>The URL as it will be sent; null if it could lead anywhere else.</summary>
    /// <remarks>
    /// Checks the normalised result, not the input: "/.//evil.example" is harmless, but what it becomes is not. Refuses
    /// an empty segment or an encoded slash anywhere, and any URL that normalising again would change, because
    /// something downstream may do that.
    /// </remarks>
    public static string? Of(string? url)
    {
        if (
            url is not ['/', ..]
            || url.Length > Longest
            || url.Contains('\\', StringComparison.Ordinal)
            || url.Any(char.IsControl)
            || !Uri.TryCreate(Here, url, out var uri)
            || uri.Authority != Here.Authority
        )
        {
            return null;
        }

        var path = uri.AbsolutePath;
        var sent = uri.PathAndQuery;
        return
            path.Contains("//", StringComparison.Ordinal)
            || path.Contains("%2f", StringComparison.OrdinalIgnoreCase)
            || path.Contains("%5c", StringComparison.OrdinalIgnoreCase)
            || new Uri(Here, sent).PathAndQuery != sent
            ? null
            : sent;
    }
}
