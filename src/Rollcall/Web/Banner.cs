using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Rollcall.Web;

/// <summary>
/// The success message of the page before. Its words travel in a protected cookie of their own and its number in the
/// address, so that it shows once, on the page that it belongs to, on any instance, and two tabs never take each
/// other's.
/// </summary>
internal sealed class Banner(IDataProtectionProvider protection, IHttpContextAccessor accessor, Cookies cookies)
{
    private readonly IDataProtector protector = protection.CreateProtector("Rollcall.Banner");

    /// <summary>
    /// Keeps <paramref name="message"/> for the page at <paramref name="url"/>, and returns the address to redirect to.
    /// </summary>
    /// <param name="undo">What is posted to undo it, and its name for someone who hears only the button.</param>
    /// <param name="person">Words of the message that lead to the person's page; null when they have none.</param>
    public string Then(
        string url,
        string message,
        (string Url, string What)? undo = null,
        (string Name, string Url)? person = null
    )
    {
        var id = WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(9));
        var options = cookies.Options;
        options.MaxAge = TimeSpan.FromMinutes(5);
        accessor.HttpContext!.Response.Cookies.Append(Name(id), Protected(), options);
        return QueryHelpers.AddQueryString(url, "banner", id);

        string Protected() =>
            protector.Protect(
                JsonSerializer.Serialize(new Message(message, undo?.Url, undo?.What, person?.Name, person?.Url))
            );
    }

    /// <summary>The message for this page, once; null when there is none.</summary>
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

    /// <param name="UndoUrl">Null where nothing can be undone.</param>
    internal sealed record Message(string Text, string? UndoUrl, string? Undoes, string? Name, string? NameUrl)
    {
        /// <summary>The text before the person's name, the name, and the rest. No link: an empty name.</summary>
        public (string Before, string Name, string After) Parts =>
            Name is { Length: > 0 } name && Text.IndexOf(name, StringComparison.Ordinal) is >= 0 and var at
                ? (Text[..at], name, Text[(at + name.Length)..])
                : (Text, "", "");
    }

    private string Name(string id) => cookies.Name($"banner-{id}");
}
