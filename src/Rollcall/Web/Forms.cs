using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Rollcall.Web;

/// <summary>
/// Reads the form before anything else does, so that an unreadable form is reported as the sender's mistake.
/// </summary>
internal static class Forms
{
    /// <summary>The response to an unreadable form; null if it is readable, or there is none.</summary>
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
            // a missing or wrong boundary, no end, too many values, an unknown encoding
            return new StatusCodeResult(StatusCodes.Status400BadRequest);
        }
    }
}
