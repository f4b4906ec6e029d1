using System.Text;

namespace Rollcall.Web;

/// <summary>CSV for spreadsheets (RFC 4180), in UTF-8 with the byte order mark that Excel needs.</summary>
internal static class Csv
{
    /// <summary>Adds a row. Escapes what a spreadsheet would take for a formula (ASVS 5.0, 1.2.10).</summary>
    public static void Row(StringBuilder csv, params string?[] cells) =>
        csv.AppendJoin(',', cells.Select(Cell)).Append("\r\n");

    public static byte[] Bytes(StringBuilder csv) =>
        [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(csv.ToString())];

    private static string Cell(string? text)
    {
        text ??= "";
        // Excel reads the full-width signs too, on machines set to Chinese, Japanese or Korean.
        if (
            text.TrimStart() is ['=' or '+' or '-' or '@' or '\0' or '\uFF1D' or '\uFF0B' or '\uFF0D' or '\uFF20', ..]
            || text is ['\t' or '\r' or '\n', ..]
        )
        {
            text = "'" + text;
        }

        return $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
