using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Rollcall.Tests.Support;

[assembly: AssemblyFixture(typeof(Browser))]

namespace Rollcall.Tests.Support;

/// <summary>How a person looks at the service.</summary>
public enum Device
{
    Desktop,
    Phone,

    /// <summary>A phone whose browser runs no scripts.</summary>
    PhoneWithoutScripts,
}

/// <summary>One Chromium for the whole run; each test has windows of its own.</summary>
public sealed class Browser : IAsyncLifetime
{
    private static readonly AxeRunOptions Rules = new()
    {
        ResultTypes = [ResultType.Violations],
        RunOnly = new()
        {
            Type = "tag",
            Values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
        },
    };

    private IPlaywright playwright = null!;
    private IBrowser chromium = null!;

    public async ValueTask InitializeAsync()
    {
        playwright = await Playwright.CreateAsync();
        chromium = await playwright.Chromium.LaunchAsync(
            new()
            {
                ExecutablePath = Environment.GetEnvironmentVariable("CHROMIUM") ?? "/usr/bin/chromium",
                Args =
                [
                    "--no-sandbox",
                    "--disable-gpu",
                    "--disable-quic",
                    "--no-first-run",
                    "--disable-background-networking",
                    "--disable-component-update",
                    "--disable-sync",
                ],
            }
        );
    }

    public async ValueTask DisposeAsync()
    {
        await chromium.DisposeAsync();
        playwright.Dispose();
    }

    /// <summary>A new window with its own cookies. Any error that a page's scripts report fails the test.</summary>
    public async Task<Window> OpenAsync(Uri address, Device device)
    {
        var context = await chromium.NewContextAsync(
            new()
            {
                BaseURL = address.ToString(),
                JavaScriptEnabled = device != Device.PhoneWithoutScripts,
                ViewportSize =
                    device == Device.Desktop
                        ? new() { Width = 1280, Height = 900 }
                        : new() { Width = 320, Height = 640 },
                Locale = "en-GB",
            }
        );
        context.SetDefaultTimeout(15_000);
        return new Window(context, await context.NewPageAsync());
    }

    internal static async Task<IReadOnlyList<string>> AxeAsync(IPage page)
    {
        var result = await page.RunAxe(Rules);
        // A back link stands between header and main in the Design System, outside every landmark.
        return
        [
            .. result
                .Violations.Where(v =>
                    !(
                        v.Id == "region"
                        && v.Nodes.All(n =>
                            n.Html.Contains("govuk-back-link", StringComparison.Ordinal)
                            || n.Html.Contains("govuk-skip-link", StringComparison.Ordinal)
                        )
                    )
                )
                .Select(v => $"{v.Id}: {v.Help}: {string.Join(" ", v.Nodes.Select(n => n.Html))}"),
        ];
    }
}

/// <summary>A browser window.</summary>
public sealed class Window(IBrowserContext context, IPage page) : IAsyncDisposable
{
    public IPage Page => page;

    public async Task GoAsync(string path) => Assert.NotNull(await page.GotoAsync(path));

    public async Task SignInAsync(string email)
    {
        await GoAsync("/dev/sign-in");
        await page.GetByLabel("Email address").FillAsync(email);
        await PressAsync("Sign in with this email address");
    }

    public Task FillAsync(string label, string value) =>
        page.GetByLabel(label, new() { Exact = true }).FillAsync(value);

    public Task PressAsync(string button) =>
        ToNextPageAsync(page.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }));

    /// <summary>A link that leads to another page; one within the page is clicked by itself.</summary>
    public Task FollowAsync(string link) =>
        ToNextPageAsync(page.GetByRole(AriaRole.Link, new() { Name = link, Exact = true }).First);

    /// <summary>Enter, where it leads to another page, and that page loaded.</summary>
    public Task EnterAsync() => ToNextPageAsync(() => page.Keyboard.PressAsync("Enter"));

    /// <summary>Sends a form as it stands, though no button of it can be seen: scripts or none.</summary>
    public async Task SubmitHiddenAsync(string form)
    {
        await page.EvalOnSelectorAsync(form, "form => form.hidden = false");
        await ToNextPageAsync(() =>
            page.EvalOnSelectorAsync(form, "form => HTMLFormElement.prototype.submit.call(form)")
        );
    }

    private Task ToNextPageAsync(ILocator what) => ToNextPageAsync(() => what.ClickAsync());

    private async Task ToNextPageAsync(Func<Task> act)
    {
        var loaded = new TaskCompletionSource();
        void Loaded(object? sender, IPage at) => loaded.TrySetResult();
        page.Load += Loaded;
        await act();
        await loaded.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        page.Load -= Loaded;
    }

    /// <summary>
    /// Reloads <paramref name="path"/> until <paramref name="wanted"/> is on it: for what another part of the service
    /// does a moment later.
    /// </summary>
    public async Task GoUntilAsync(string path, ILocator wanted)
    {
        using var timeLimit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeLimit.CancelAfter(TimeSpan.FromSeconds(20));
        do
        {
            timeLimit.Token.ThrowIfCancellationRequested();
            await GoAsync(path);
        } while (await wanted.CountAsync() == 0);
    }

    public async Task<string> HeadingAsync() =>
        Rollcall.Tests.Support.Page.Squish(await page.Locator("h1").InnerTextAsync());

    public Task<string> TextAsync() => page.Locator("main").InnerTextAsync();

    public async ValueTask DisposeAsync() => await context.DisposeAsync();
}
