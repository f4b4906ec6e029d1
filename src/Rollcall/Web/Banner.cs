using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Rollcall.Web;

/// <summary>
/// The success message of the previous page. Its text travels in its own protected cookie and the cookie's number in
/// the URL, so that it appears once, on the right page and on any instance, and two tabs never mix theirs up.
/// </summary>
internal sealed class Banner(IDataProtectionProvider protection, IHttpContextAccessor accessor, Cookies cookies)
{
    /// <summary>How long a message waits for its page.</summary>
    public static readonly TimeSpan Lasts = TimeSpan.FromMinutes(5);

    private readonly IDataProtector protector = protection.CreateProtector("Rollcall.Banner");

    /// <summary>
    /// Keeps <paramref name="message"/> for the page at <paramref name="url"/>, and returns the URL to redirect to.
    /// </summary>
    /// <param name="undo">The URL to post to undo it, and a name for people who hear only the button.</param>
    /// <param name="person">The words of the message that link to the person's page; null if there is no link.</param>
    public string Then(
        string url,
        string message,
        (string Url, string What)? undo = null,
        (string Name, string Url)? person = null
    )
    {
        var id = WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(9));
        var options = cookies.Options;
        options.MaxAge = Lasts;
        accessor.HttpContext!.Response.Cookies.Append(Name(id), Protected(), options);
        return QueryHelpers.AddQueryString(url, "banner", id);

        string Protected() =>
            protector.Protect(
                JsonSerializer.Serialize(new Message(message, undo?.Url, undo?.What, person?.Name, person?.Url))
            );
    }

    /// <summary>Returns the message for this page once; null if there is none.</summary>
    public Message? Take()
    {
        var http = accessor.HttpContext!;
        if (http.Request.Query["banner"] is not [{ Length: 12 } id] || http.Request.Cookies[Name(id)] is not { } kept)
        {
            return null;
        }

        http.Response.Cookies.Delete(Name(id), cookies.Options);
        try
        {
            return JsonSerializer.Deserialize<Message>(protector.Unprotect(kept));
        }
        catch (Exception e) when (e is CryptographicException or JsonException)
        {
            return null; // someone else's cookie, or one that was tampered with
        }
    }

    /// <param name="UndoUrl">Null if it cannot be undone.</param>
    internal sealed record Message(string Text, string? UndoUrl, string? Undoes, string? Name, string? NameUrl)
    {
        /// <summary>
        /// The text before the person's name, the name, and the rest. The name is empty if there is no link.
        /// </summary>
        public (string Before, string Name, string After) Parts =>
            Name is { Length: > 0 } name && Text.IndexOf(name, StringComparison.Ordinal) is >= 0 and var at
                ? (Text[..at], name, Text[(at + name.Length)..])
                : (Text, "", "");
    }

    private string Name(string id) => cookies.Name($"banner-{id}");
}
