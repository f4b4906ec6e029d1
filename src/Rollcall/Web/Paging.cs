using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Rollcall.Web;

/// <summary>
/// One page of a list. A page number that is too high shows the last page: its only row may just have been removed.
/// </summary>
/// <param name="asked">The requested page number.</param>
/// <param name="size">Rows per page.</param>
/// <param name="total">Rows in all.</param>
internal readonly struct Paging(int asked, int size, int total)
{
    public int Size => size;
    public int Total => total;

    /// <summary>The page shown, from 1.</summary>
    public int Number => Math.Clamp(asked, 1, Pages);
    public int Pages => Math.Max(1, (Total + Size - 1) / Size);
    public int First => (Number - 1) * Size + 1;
    public int Last => Math.Min(Number * Size, Total);

    /// <summary>"(page 2 of 4)" for the title; empty if there is one page.</summary>
    public string InTitle => Pages > 1 ? $" (page {Number} of {Pages})" : "";

    /// <summary>The page number in the URL, or 1 if there is no valid one.</summary>
    public static int Asked(HttpRequest request)
    {
        string? text = request.Query["page"];
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var page) ? Math.Max(1, page)
            : text is { Length: > 0 } && text.All(char.IsAsciiDigit) ? int.MaxValue
            : 1;
    }

    /// <summary>Builds the URL of another page of the same list, with the same filters.</summary>
    public static Func<int, string> Links(HttpRequest request)
    {
        var others = request
            .Query.Where(q => q.Key is not ("page" or "banner"))
            .SelectMany(q => q.Value, (q, value) => KeyValuePair.Create(q.Key, value));
        var path = request.PathBase + request.Path;
        return number =>
            path
            + QueryString.Create(
                others.Append(KeyValuePair.Create("page", (string?)number.ToString(CultureInfo.InvariantCulture)))
            );
    }
}
