using System.Diagnostics;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Journeys;

public sealed class DesktopScreensTests(TheApp app, Browser browser) : ScreensTests(app, browser, Device.Desktop);

public sealed class PhoneScreensTests(TheApp app, Browser browser) : ScreensTests(app, browser, Device.Phone);

public sealed class PhoneWithoutScriptsScreensTests(TheApp app, Browser browser)
    : ScreensTests(app, browser, Device.PhoneWithoutScripts);

/// <summary>
/// Every page in every state that looks different is accessible, valid and no wider than a phone. One class per device,
/// so that they run in parallel.
/// </summary>
public abstract class ScreensTests(TheApp app, Browser browser, Device device)
{
    [Fact]
    public async Task Every_page_and_state_has_no_axe_violation_no_invalid_markup_and_no_sideways_scrolling()
    {
        var folder = Directory.CreateTempSubdirectory("rollcall-pages-").FullName;
        var wrong = new List<string>();
        await using var withTerms = await app.StartAsync([]);
        var screens = await Screens.MainAsync(app);
        screens.AddRange(await Screens.WithTermsAsync(withTerms));
        foreach (var group in screens.GroupBy(screen => (screen.SignedInAs, screen.At)))
        {
            await using var window = await browser.OpenAsync((group.Key.At ?? app.Main).Address, device);
            window.Page.Console += (_, message) =>
            {
                if (
                    message.Type == "error"
                    && window.Page.Url.StartsWith(app.Main.Address.ToString(), StringComparison.Ordinal)
                    && !message.Text.Contains("the server responded with a status of", StringComparison.Ordinal)
                )
                {
                    wrong.Add($"{window.Page.Url}: {message.Text}");
                }
            };
            window.Page.PageError += (_, error) => wrong.Add($"{window.Page.Url}: {error}");
            if (group.Key.SignedInAs is { Length: > 0 } email)
            {
                await window.SignInAsync(email);
            }

            foreach (var screen in group)
            {
                await window.GoAsync(screen.Path);
                if (screen.Act is { } act)
                {
                    await act(window);
                }

                var width = await window.Page.EvaluateAsync<int>("document.documentElement.scrollWidth");
                if (width > window.Page.ViewportSize!.Width)
                {
                    wrong.Add($"{screen.Name}: {width} pixels wide");
                }

                if (device != Device.PhoneWithoutScripts) // axe is a script itself
                {
                    wrong.AddRange(
                        (await Browser.AxeAsync(window.Page)).Select(violation => $"{screen.Name}: {violation}")
                    );
                }

                await File.WriteAllTextAsync(
                    Path.Combine(folder, screen.Name.Replace(' ', '-') + ".html"),
                    await window.Page.ContentAsync(),
                    TestContext.Current.CancellationToken
                );
                if (Environment.GetEnvironmentVariable("SCREENSHOTS") is { Length: > 0 } shots)
                {
                    await window.Page.ScreenshotAsync(
                        new()
                        {
                            Path = Path.Combine(shots, $"{device}-{screen.Name.Replace(' ', '-')}.png"),
                            FullPage = true,
                        }
                    );
                }
            }
        }
        wrong.AddRange(await MistakesInMarkupAsync(folder, screens.Count));
        Directory.Delete(folder, recursive: true);
        Assert.Equal([], wrong);
    }

    private static async Task<IEnumerable<string>> MistakesInMarkupAsync(string folder, int pages)
    {
        using var process = Process.Start(
            new ProcessStartInfo("node", [Repository.Path("scripts", "validate-html.mjs"), folder])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var wrong = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var lines = (await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken))
            .TrimEnd()
            .Split('\n');
        Assert.True(lines[^1] == $"{pages} pages checked", lines[^1] + await wrong);
        return lines[..^1];
    }
}
