namespace Rollcall.Web;

/// <summary>
/// The page that a person goes on to. It comes from the address or a form, so it may be an attacker's: only a page of
/// this host is taken (CWE-601).
/// </summary>
internal static class LocalUrl
{
    private const int Longest = 1000;

    private static readonly Uri Here = new("http://here");

    /// <summary>The address as it will be sent; null when it could lead anywhere else.</summary>
    /// <remarks>
    /// What is checked is the result of normalising, not what came in: "/.//evil.example" is harmless, what it becomes
    /// is not. An empty segment or an encoded slash is refused wherever it stands, and so is what normalising once more
    /// would change, because something further on may do that.
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

        var (path, sent) = (uri.AbsolutePath, uri.PathAndQuery);
        return
            path.Contains("//", StringComparison.Ordinal)
            || path.Contains("%2f", StringComparison.OrdinalIgnoreCase)
            || path.Contains("%5c", StringComparison.OrdinalIgnoreCase)
            || new Uri(Here, sent).PathAndQuery != sent
            ? null
            : sent;
    }
}
