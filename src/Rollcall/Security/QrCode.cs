using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Html;
using QRCoder;

namespace Rollcall.Security;

/// <summary>
/// A QR code as inline SVG: no image to fetch, and no style that the Content-Security-Policy forbids.
/// </summary>
internal static class QrCode
{
    /// <param name="name">The text alternative.</param>
    public static IHtmlContent Svg(string text, string name)
    {
        using var code = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.M);
        var rows = code.ModuleMatrix; // includes the quiet zone
        var path = new StringBuilder();
        for (var y = 0; y < rows.Count; y++)
        {
            for (var x = 0; x < rows.Count; x++)
            {
                if (rows[y][x])
                {
                    path.Append(CultureInfo.InvariantCulture, $"M{x} {y}h1v1h-1z");
                }
            }
        }

        var label = HtmlEncoder.Default.Encode(name);
        return new HtmlString(
            string.Create(
                CultureInfo.InvariantCulture,
                $"""
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {rows.Count} {rows.Count}" width="240" height="240"
                  role="img" aria-label="{label}" shape-rendering="crispEdges"><path d="{path}"/></svg>
                """
            )
        );
    }
}
