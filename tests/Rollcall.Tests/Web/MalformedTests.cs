using System.Net;
using System.Text;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Web;

/// <summary>Whatever is sent, the answer is a page: the sender's mistake, never ours.</summary>
public sealed class MalformedTests(TheApp app)
{
    private static readonly string[] Forms = ["/sign-in", "/forgot-password", "/dev/sign-in", "/organisations/create"];

    /// <summary>
    /// Odd, and yet a form. Without a token it is refused by the page itself, or the page begins again.
    /// </summary>
    private const int Readable = 0;

    public static TheoryData<string, string?, string, int> Bodies() =>
        new()
        {
            { "utf-7", "application/x-www-form-urlencoded; charset=utf-7", "Email=a", 400 },
            { "utf-7 in quotes", "application/x-www-form-urlencoded; charset=\"UTF-7\"", "Email=a", Readable },
            { "no such charset", "application/x-www-form-urlencoded; charset=klingon", "Email=a", Readable },
            { "utf-32", "application/x-www-form-urlencoded; charset=utf-32", "Email=a", Readable },
            { "broken percent signs", "application/x-www-form-urlencoded", "Email=%zz&%=%&=&&a=%E0%80", Readable },
            { "NUL", "application/x-www-form-urlencoded", "Email=%00&Name=%00&%00=x", Readable },
            {
                "too many values",
                "application/x-www-form-urlencoded",
                string.Join('&', Enumerable.Range(0, 3000).Select(i => $"a{i}=1")),
                400
            },
            { "a long key", "application/x-www-form-urlencoded", new string('k', 100_000) + "=1", 400 },
            { "a long value", "application/x-www-form-urlencoded", "Email=" + new string('v', 5_000_000), 400 },
            { "too large", "application/x-www-form-urlencoded", "Email=" + new string('v', 9_000_000), 413 },
            { "no boundary", "multipart/form-data", "--x\r\n", 400 },
            { "an empty boundary", "multipart/form-data; boundary=", "--x\r\n", 400 },
            { "a long boundary", "multipart/form-data; boundary=" + new string('b', 300), "--x\r\n", 400 },
            {
                "another boundary",
                "multipart/form-data; boundary=y",
                "--x\r\nContent-Disposition: form-data; name=\"Email\"\r\n\r\na\r\n--x--",
                400
            },
            {
                "no end",
                "multipart/form-data; boundary=x",
                "--x\r\nContent-Disposition: form-data; name=\"Email\"\r\n\r\na",
                400
            },
            { "no header", "multipart/form-data; boundary=x", "--x\r\n\r\na\r\n--x--\r\n", 400 },
            {
                "a broken header",
                "multipart/form-data; boundary=x",
                "--x\r\nContent-Disposition form-data\r\n\r\na\r\n--x--\r\n",
                400
            },
            {
                "many headers",
                "multipart/form-data; boundary=x",
                "--x\r\n" + string.Concat(Enumerable.Range(0, 50).Select(i => $"H{i}: 1\r\n")) + "\r\na\r\n--x--\r\n",
                400
            },
            {
                "a part in utf-7",
                "multipart/form-data; boundary=x",
                "--x\r\nContent-Disposition: form-data; name=\"Email\"\r\nContent-Type: text/plain; "
                    + "charset=utf-7\r\n\r\na\r\n--x--\r\n",
                400
            },
            {
                "a file where there is none",
                "multipart/form-data; boundary=x",
                "--x\r\nContent-Disposition: form-data; name=\"Email\"; filename=\"a\"\r\n\r\na\r\n--x--\r\n",
                Readable
            },
            { "no form", "application/json", "{}", Readable },
            { "nonsense", "a/b/c; ;;", "Email=a", Readable },
            { "no type", null, "Email=a", Readable },
        };

    [Theory, MemberData(nameof(Bodies))]
    public async Task Trust58_A_form_that_cannot_be_read_is_refused_in_house_style(
        string what,
        string? type,
        string body,
        int status
    )
    {
        Assert.NotEmpty(what);
        using var client = await app.SupportAsync();
        foreach (var path in Forms)
        {
            using var content = new ByteArrayContent(Encoding.Latin1.GetBytes(body));
            if (type is not null)
            {
                content.Headers.TryAddWithoutValidation("Content-Type", type);
            }

            var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
            request.Headers.ExpectContinue = status == 413; // asks before it sends what would not be read
            if (status == Readable)
            {
                using var answer = await client.RawAsync(request);
                Assert.True((int)answer.StatusCode < 500, $"{path}: {(int)answer.StatusCode}");
                continue;
            }

            var page = await client.SendAsync(request, (HttpStatusCode)status);
            Assert.Equal(
                status == 413 ? "What you sent is too large" : "There is a problem with what was sent",
                page.Heading
            );
        }
    }

    [Theory]
    [InlineData("/organisations?search=%00%FF%zz&page=%00", 200)]
    [InlineData("/users?search=%00&before=%00&after=zz", 200)]
    [InlineData("/dev/mailbox?to=%00&page=-1", 200)]
    [InlineData("/dev/mailbox?page=99999999999999999999", 200)]
    [InlineData("/sign-in?returnUrl=%00&why=%00&again=maybe", 200)]
    [InlineData("/sign-in?returnUrl=/a&returnUrl=//b&again=true&again=x", 200)]
    [InlineData("/sign-in?handler=Nothing", 200)]
    [InlineData("/account/sessions?handler=Nothing", 200)]
    [InlineData("/register/%00", 400)]
    [InlineData("/register/%F0%28%8C%28", 200)]
    [InlineData("/reset-password/%E0%80%80", 200)]
    [InlineData("/error/99999999999", 404)]
    [InlineData("/terms/versions/99999999999", 404)]
    [InlineData("/help?banner=%00&banner=x", 200)]
    public async Task Trust58_Whatever_stands_in_an_address_is_no_fault_of_ours(string path, int status)
    {
        using var client = await app.SupportAsync();
        using var response = await client.RawAsync(new(HttpMethod.Get, path));
        Assert.Equal(status, (int)response.StatusCode is 302 ? 200 : (int)response.StatusCode);
    }

    [Theory]
    [InlineData("/account/sessions")]
    [InlineData("/account/sessions?handler=Nothing")]
    [InlineData("/account/passkeys/add?handler=Nothing")]
    public async Task Trust58_A_form_that_the_page_does_not_have_is_refused(string path)
    {
        using var client = await app.SupportAsync();
        var (_, fields) = (await client.GetAsync("/account/name")).Form("Save");
        using var response = await client.RawAsync(
            new(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(fields) }
        );
        Assert.True((int)response.StatusCode < 500, $"{(int)response.StatusCode}");
    }

    [Theory]
    [InlineData("rollcall-session=%00%FF; rollcall-form=x; =; ;; a; b=\"")]
    [InlineData("rollcall-session=chunks-99999; rollcall-form=chunks-2; rollcall-sign-in=%; rollcall-identity=\"x")]
    [InlineData("rollcall-session=CfDJ8AAAAAAAAAAA; rollcall-form=CfDJ8AAAA; rollcall-banner-aaaaaaaaaaaa=CfDJ8AAAA")]
    public async Task Trust58_Cookies_that_the_service_did_not_make_are_ignored(string cookies)
    {
        using var client = app.Client();
        foreach (
            var path in new[]
            {
                "/help?banner=aaaaaaaaaaaa",
                "/sign-in",
                "/sign-in/second-factor",
                "/sign-in/use-address",
                "/nowhere",
            }
        )
        {
            var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.TryAddWithoutValidation("Cookie", cookies);
            using var response = await client.RawAsync(request);
            Assert.True((int)response.StatusCode < 500, $"{path}: {(int)response.StatusCode}");
        }

        var post = new HttpRequestMessage(HttpMethod.Post, "/sign-in")
        {
            Content = new FormUrlEncodedContent([new("__RequestVerificationToken", "CfDJ8AAAA")]),
        };
        post.Headers.TryAddWithoutValidation("Cookie", cookies);
        using var answer = await client.RawAsync(post);
        Assert.True((int)answer.StatusCode < 500, $"{(int)answer.StatusCode}");
    }

    [Theory]
    [InlineData("Accept", "*/*;q=x,,;")]
    [InlineData("Accept-Language", "xx-YY-zz;q=9")]
    [InlineData("Range", "bytes=9-1,-,x")]
    [InlineData("If-None-Match", "W/\"\\")]
    [InlineData("If-Modified-Since", "yesterday")]
    [InlineData("Authorization", "Bearer ")]
    [InlineData("X-Forwarded-For", "[::::1, %, 999.1.1.1:x")]
    [InlineData("X-Forwarded-Proto", "gopher://")]
    [InlineData("Sec-Fetch-Site", "\"cross-site\"")]
    [InlineData("Expect", "42-stop")]
    [InlineData("traceparent", "00-zz-zz-zz")]
    public async Task Trust58_Whatever_stands_in_a_header_is_no_fault_of_ours(string name, string value)
    {
        using var client = app.Client();
        foreach (var path in new[] { "/sign-in", "/_content/Rollcall/generic/rollcall.css" })
        {
            var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.TryAddWithoutValidation(name, value);
            using var response = await client.RawAsync(request);
            Assert.True((int)response.StatusCode < 500, $"{path}: {(int)response.StatusCode}");
        }
    }
}
