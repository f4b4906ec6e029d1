using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;

namespace Rollcall.Web;

/// <summary>
/// A form that passkey.js fills in: it gets a challenge from one URL, has the browser answer it, and posts the answer
/// to the other.
/// </summary>
internal sealed record PasskeyForm(string PostUrl, string OptionsUrl)
{
    /// <summary>For a page that does both at one URL.</summary>
    public static PasskeyForm At(string url) => new(url, QueryHelpers.AddQueryString(url, "handler", "Options"));

    /// <summary>The challenge, as passkey.js reads it.</summary>
    /// <param name="challenge">Letters, digits, hyphens and underscores.</param>
    /// <param name="options">JSON.</param>
    public static ContentResult Question(string challenge, string options) =>
        new()
        {
            Content = $$"""{"challenge":"{{challenge}}","options":{{options}}}""",
            ContentType = "application/json",
        };
}
