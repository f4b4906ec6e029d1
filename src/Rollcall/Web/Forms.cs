using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Rollcall.Web;

/// <summary>
/// Reads what was sent before anything else does, so that what cannot be read is the sender's mistake and not ours.
/// </summary>
internal static class Forms
{
    /// <summary>What to answer to a form that cannot be read; null when it can, or when there is none.</summary>
    public static async Task<IActionResult?> RefuseAsync(HttpContext http)
    {
        if (!http.Request.HasFormContentType || WithoutDatabase.IsErrorPage(http.GetEndpoint()))
        {
            return null;
        }

        try
        {
            await http.Request.ReadFormAsync(http.RequestAborted);
            return null;
        }
        catch (BadHttpRequestException e)
        {
            return new StatusCodeResult(e.StatusCode);
        }
        catch (Exception e)
            when (e
                    is InvalidDataException
                        or IOException
                        or NotSupportedException
                        or ArgumentException
                        or FormatException
            )
        {
            // no boundary, another boundary, no end, too many values, an encoding that no one uses
            return new StatusCodeResult(StatusCodes.Status400BadRequest);
        }
    }
}
