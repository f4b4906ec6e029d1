using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Web;

/// <summary>
/// Every text field of every form that each person can reach × texts of which nothing is left once they are cleaned.
/// </summary>
public sealed partial class FormTests(TheApp app)
{
    /// <summary>As they stand in a form's body: half a surrogate pair cannot be in a string.</summary>
    private static readonly Dictionary<string, string> Texts = new(StringComparer.Ordinal)
    {
        ["a hyphen"] = "-",
        ["a dot"] = ".",
        ["a dash"] = "%E2%80%93",
        ["a plus"] = "%2B",
        ["brackets"] = "()",
        ["punctuation"] = "-.()/%2B%20'%22%26",
        ["spaces"] = "%20%09%C2%A0",
        ["zero-width characters"] = "%E2%80%8B%E2%80%8D%EF%BB%BF",
        ["direction marks"] = "%E2%80%8E%E2%80%8F%E2%80%AE",
        ["half a surrogate pair"] = "%ED%A0%80",
        ["no characters"] = "%EF%BF%BE%EF%BF%BF",
        ["a null"] = "%00",
        ["a null in a word"] = "a%00b",
        ["an emoji"] = "%F0%9F%8F%B3%EF%B8%8F",
        ["an accent alone"] = "%CC%81",
        ["an at sign"] = "@",
        ["a line break"] = "%0D%0A",
        ["markup"] = "%3Cb%3E%26%22",
        ["100 kB"] = new('a', 100_000),
    };

    [GeneratedRegex(
        "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}",
        RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture
    )]
    private static partial Regex Ids();

    private sealed record Form(
        string Path,
        string Method,
        bool IsMultipart,
        Dictionary<string, string> Fields,
        string[] Typed
    );

    [Fact]
    public async Task Trust58_No_text_that_is_empty_once_it_is_cleaned_makes_any_form_fail()
    {
        await using var host = await app.StartAsync(new() { ["Rollcall:AskForMobile"] = "true" });
        var organisation = await host.MakeOrganisationAsync();
        var admin = await host.AdminOfAsync(organisation);
        var member = await host.MemberOfAsync(organisation);
        var invited = await host.InviteAsync(organisation);
        var people = new (string Who, Client Client, string[] Start)[]
        {
            ("no one", host.Client(), ["/sign-in", "/forgot-password", invited.Link + "/details"]),
            ("a member", await host.Client().SignInAsync(member.Email), ["/", "/account"]),
            (
                "an admin",
                await host.Client().SignInAsync(admin.Email),
                ["/", "/account", Links.EditUser(organisation.Id, invited.User.Id)]
            ),
            (
                "support",
                await host.SupportAsync(),
                ["/", "/users", "/account", "/support-users", "/organisations", "/terms/versions"]
            ),
        };
        var failed = new List<string>();
        var forms = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (who, client, start) in people)
        {
            foreach (var form in await FormsAsync(client, start))
            {
                forms.Add(Ids().Replace(form.Path, "ID"));
                foreach (var (what, text) in Texts)
                {
                    foreach (
                        var typed in form.Typed.Length == 1
                            ? [form.Typed]
                            : form.Typed.Select(field => new[] { field }).Append(form.Typed)
                    )
                    {
                        using var response = await client.RawAsync(Request(form, typed, text));
                        if ((int)response.StatusCode >= 500)
                        {
                            failed.Add(
                                $"{form.Method} {form.Path} by {who}, {what} as "
                                    + $"{string.Join(" and ", typed)}: {(int)response.StatusCode}"
                            );
                        }
                    }
                }
            }
        }
        Assert.Equal([], failed);
        Assert.True(forms.Count > 20, $"only {forms.Count} forms were found: {string.Join(", ", forms)}");
    }

    private static HttpRequestMessage Request(Form form, string[] typed, string text)
    {
        var body = string.Join(
            '&',
            form.Fields.Select(f =>
                $"{Uri.EscapeDataString(f.Key)}={(typed.Contains(f.Key) ? text : Uri.EscapeDataString(f.Value))}"
            )
        );
        if (form.Method == "get")
        {
            return new(HttpMethod.Get, $"{form.Path.Split('?')[0]}?{(body.Length > 8000 ? body[..8000] : body)}");
        }

        if (!form.IsMultipart)
        {
            return new(HttpMethod.Post, form.Path)
            {
                Content = new ByteArrayContent(Encoding.ASCII.GetBytes(body))
                {
                    Headers = { ContentType = new MediaTypeHeaderValue("application/x-www-form-urlencoded") },
                },
            };
        }

        var parts = new MultipartFormDataContent();
        foreach (var (name, value) in form.Fields)
        {
            parts.Add(new ByteArrayContent(typed.Contains(name) ? Decoded(text) : Encoding.UTF8.GetBytes(value)), name);
        }

        return new(HttpMethod.Post, form.Path) { Content = parts };
    }

    private static byte[] Decoded(string text)
    {
        var bytes = new List<byte>();
        for (var i = 0; i < text.Length; i++)
        {
            bytes.Add(text[i] == '%' ? Convert.ToByte(text.Substring(i + 1, 2), 16) : (byte)text[i]);
            i += text[i] == '%' ? 2 : 0;
        }
        return [.. bytes];
    }

    /// <summary>
    /// Follows every link, each kind of address once, and collects the forms that have something to type into.
    /// </summary>
    private static async Task<List<Form>> FormsAsync(Client client, string[] start)
    {
        var waiting = new Queue<string>(start);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var forms = new Dictionary<string, Form>(StringComparer.Ordinal);
        while (waiting.TryDequeue(out var path))
        {
            if (
                !seen.Add(Ids().Replace(path.Split('#')[0], "ID"))
                || path.StartsWith("/dev/", StringComparison.Ordinal)
                || path.StartsWith("/sign-out", StringComparison.Ordinal)
                || path.Contains("handler=csv", StringComparison.Ordinal)
            )
            {
                continue;
            }

            var (page, at) = await PageAsync(client, path);
            foreach (var link in page.QuerySelectorAll("a[href^='/']").Select(a => a.GetAttribute("href")!))
            {
                waiting.Enqueue(link);
            }

            foreach (var form in page.QuerySelectorAll<IHtmlFormElement>("form"))
            {
                var typed = form.QuerySelectorAll("input[name], textarea[name]")
                    .Where(i =>
                        i
                            is IHtmlTextAreaElement
                                or IHtmlInputElement { Type: "text" or "email" or "tel" or "password" or "search" }
                    )
                    .Select(i => i.GetAttribute("name")!)
                    .Distinct()
                    .ToArray();
                if (typed.Length == 0)
                {
                    continue;
                }

                var fields = form.QuerySelectorAll<IHtmlInputElement>("input[name]")
                    .Where(i => i.Type is not ("checkbox" or "file"))
                    .DistinctBy(i => i.Name)
                    .ToDictionary(i => i.Name!, i => i.Value, StringComparer.Ordinal);
                foreach (var area in form.QuerySelectorAll<IHtmlTextAreaElement>("textarea[name]"))
                {
                    fields[area.Name!] = area.Value;
                }

                var action = form.GetAttribute("action") is { Length: > 0 } given ? given : at;
                forms.TryAdd(
                    Ids().Replace(action, "ID"),
                    new(action, form.Method, form.GetAttribute("enctype") == "multipart/form-data", fields, typed)
                );
            }
        }
        return [.. forms.Values];
    }

    private static async Task<(IHtmlDocument Page, string At)> PageAsync(Client client, string path)
    {
        var response = await client.RawAsync(new(HttpMethod.Get, path));
        for (var hops = 0; response.Headers.Location is { } next && hops < 5; hops++)
        {
            path = next.IsAbsoluteUri ? next.PathAndQuery : next.OriginalString;
            response = await client.RawAsync(new(HttpMethod.Get, path));
        }
        var page = await new HtmlParser().ParseDocumentAsync(
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
            TestContext.Current.CancellationToken
        );
        return (page, path);
    }
}
