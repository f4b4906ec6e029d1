using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;

namespace Rollcall.Web;

/// <summary>
/// A form that passkey.js fills in: it asks one address for a question, has the browser answer it, and sends the answer
/// to the other.
/// </summary>
internal sealed record PasskeyForm(string PostUrl, string OptionsUrl)
{
    /// <summary>For a page that answers both, at one address.</summary>
    public static PasskeyForm At(string url) => new(url, QueryHelpers.AddQueryString(url, "handler", "Options"));

    /// <summary>The question, as passkey.js reads it.</summary>
    /// <param name="challenge">Letters, digits, hyphens and underscores.</param>
    /// <param name="options">JSON.</param>
    public static ContentResult Question(string challenge, string options) =>
        new()
        {
            Content = $$"""{"challenge":"{{challenge}}","options":{{options}}}""",
            ContentType = "application/json",
        };
}
