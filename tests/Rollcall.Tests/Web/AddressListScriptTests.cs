using System.Text.Json;
using Microsoft.Playwright;
using Rollcall.Tests.Addresses;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Web;

/// <summary>The count of addresses beside the list, in a page of its own.</summary>
public sealed class AddressListScriptTests(Browser browser)
{
    private const string Html = """
        <!doctype html><html lang="en" class="govuk-template"><title>List</title>
        <link rel="stylesheet" href="/rollcall.css">
        <main><h1>List</h1><label for="list">Email addresses</label>
        <textarea id="list" data-rollcall-addresses></textarea><p>After</p></main>
        <script type="module" src="/address-list.js"></script></html>
        """;

    [Fact]
    public async Task C_S4_4_The_count_follows_what_is_typed_and_is_said_when_typing_stops()
    {
        await using var window = await OpenAsync(Device.Desktop, Html);
        var list = window.Page.GetByLabel("Email addresses");
        var seen = window.Page.Locator("textarea + [aria-hidden=true]");
        var heard = window.Page.Locator("[aria-live=polite]");
        await Assertions.Expect(seen).ToHaveTextAsync("");

        await list.FillAsync("a@x.uk\nb@x.uk");
        await Assertions.Expect(seen).ToHaveTextAsync("2 email addresses recognised.");
        await Assertions.Expect(heard).ToHaveTextAsync("2 email addresses recognised.");
        await Assertions.Expect(heard).ToHaveClassAsync("govuk-visually-hidden");

        await list.FillAsync("a@x.uk, A@X.UK\n\nb@x\nc.x.uk, d@");
        await Assertions
            .Expect(seen)
            .ToHaveTextAsync("1 email address recognised. 1 repeated. 3 we do not recognise, on lines 3 and 4.");
        await Assertions
            .Expect(heard)
            .ToHaveTextAsync("1 email address recognised. 1 repeated. 3 we do not recognise, on lines 3 and 4.");

        await list.FillAsync("x");
        await Assertions
            .Expect(seen)
            .ToHaveTextAsync("0 email addresses recognised. 1 we do not recognise, on line 1.");
        await list.FillAsync(string.Join('\n', Enumerable.Repeat("x", 9)));
        await Assertions
            .Expect(seen)
            .ToHaveTextAsync("0 email addresses recognised. 9 we do not recognise, on lines 1, 2, 3, 4, 5 and 4 more.");
        Assert.Empty(await Browser.AxeAsync(window.Page));

        await list.FillAsync("");
        await Assertions.Expect(heard).ToHaveTextAsync("");
    }

    [Fact]
    public async Task C_S4_4_Nothing_is_said_while_the_user_types()
    {
        await using var window = await OpenAsync(Device.Desktop, Html);
        await window.Page.EvaluateAsync(
            """
            () => {
              const live = document.querySelector('[aria-live]');
              window.said = [];
              new MutationObserver(() => said.push(live.textContent)).observe(live, { childList: true });
            }
            """
        );
        await window.Page.GetByLabel("Email addresses").PressSequentiallyAsync("a@x.uk b@x.uk", new() { Delay = 20 });
        await Assertions
            .Expect(window.Page.Locator("[aria-live=polite]"))
            .ToHaveTextAsync("2 email addresses recognised.");
        Assert.Equal(["2 email addresses recognised."], await window.Page.EvaluateAsync<string[]>("said"));
    }

    [Fact]
    public async Task C_S4_4_A_list_that_comes_back_is_counted_at_once()
    {
        await using var window = await OpenAsync(
            Device.Phone,
            Html.Replace("</textarea>", "a@x.uk</textarea>", StringComparison.Ordinal)
        );
        await Assertions
            .Expect(window.Page.Locator("textarea + [aria-hidden=true]"))
            .ToHaveTextAsync("1 email address recognised.");
    }

    [Fact]
    public async Task C_S4_4_Without_scripts_the_page_has_no_empty_count()
    {
        await using var window = await OpenAsync(Device.PhoneWithoutScripts, Html);
        await Assertions.Expect(window.Page.Locator("textarea + p")).ToHaveTextAsync("After");
    }

    [Fact]
    public async Task C_S4_3_S4_4_S4_9_Chromium_reads_the_shared_cases_too()
    {
        await using var window = await OpenAsync(Device.Desktop, Html);
        const string Parse =
            "async (texts) => { const { parse } = await import('/address-scanner.js'); return "
            + "JSON.stringify(texts.map(parse)); }";
        var told = await window.Page.EvaluateAsync<string>(
            Parse,
            AddressListCase.All.Select(one => one.Text).ToArray()
        );
        var entries = JsonSerializer.Deserialize<List<List<ExpectedEntry>>>(told, JsonSerializerOptions.Web)!;
        Assert.All(AddressListCase.All.Zip(entries), pair => Assert.Equal(pair.First.Entries, pair.Second));
    }

    private async Task<Window> OpenAsync(Device device, string html)
    {
        var window = await browser.OpenAsync(new Uri("http://rollcall.test"), device);
        await window.Page.RouteAsync(
            "**/*",
            route =>
            {
                var file = new Uri(route.Request.Url).AbsolutePath;
                return file == "/"
                    ? route.FulfillAsync(
                        new()
                        {
                            ContentType = "text/html",
                            Body = html,
                            Headers =
                            [
                                new(
                                    "Content-Security-Policy",
                                    "default-src 'none'; script-src 'self'; style-src 'self'"
                                ),
                            ],
                        }
                    )
                    : route.FulfillAsync(
                        new() { Path = Repository.Path("src", "Rollcall", "wwwroot", "generic", file.TrimStart('/')) }
                    );
            }
        );
        await window.GoAsync("/");
        return window;
    }
}
