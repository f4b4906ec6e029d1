using Microsoft.EntityFrameworkCore;
using Rollcall.Security;
using Rollcall.Tests.Register;
using Rollcall.Tests.Support;
using static Rollcall.Tests.SignIn.PasswordSignInTests;

namespace Rollcall.Tests.Account;

/// <summary>Second factors on one phone, and for people who have only their email.</summary>
public sealed class SecondFactorTests(TheApp app, Browser browser)
{
    [Fact]
    public async Task S4_11_On_the_phone_that_shows_the_picture_the_app_opens_with_a_link()
    {
        var (user, _) = await PersonAsync(app.Main);
        var client = app.Client();
        await SignInAsync(client, user.Email);
        var page = await client.GetAsync("/account/second-factor/authenticator");
        var link = page.Href("Open in your authenticator app");
        Assert.StartsWith(
            "otpauth://totp/Rollcall:" + Uri.EscapeDataString(user.Email),
            link,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "secret=" + page.Text(".app-key").Replace(" ", "", StringComparison.Ordinal),
            link,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(Device.Phone)]
    [InlineData(Device.PhoneWithoutScripts)]
    public async Task S4_11_Keys_and_recovery_codes_are_copied_and_codes_downloaded_also_without_scripts(Device device)
    {
        var (user, _) = await PersonAsync(app.Main);
        await using var window = await browser.OpenAsync(app.Main.Address, device);
        if (device == Device.Phone)
        {
            await window.Page.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        }

        await window.GoAsync("/sign-in");
        await window.FillAsync("Email address", user.Email);
        await window.FillAsync("Password", RegisterTests.Password);
        await window.PressAsync("Sign in");
        await window.GoAsync("/account/second-factor/authenticator");
        var key = await window.Page.Locator(".app-key").InnerTextAsync();
        await CopiesAsync(window, "Copy the key", key.Replace(" ", "", StringComparison.Ordinal), device);
        await window.FillAsync("Security code", AuthenticatorApp.Code(key, DateTimeOffset.UtcNow));
        await window.PressAsync("Continue");
        Assert.Equal("Save your recovery codes", await window.HeadingAsync());
        var codes = await window.Page.Locator(".app-codes li").AllInnerTextsAsync();
        await CopiesAsync(window, "Copy the codes", string.Join("\n", codes), device);
        var download = await window.Page.RunAndWaitForDownloadAsync(() =>
            window
                .Page.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Download the codes" })
                .ClickAsync()
        );
        Assert.Equal("recovery-codes.txt", download.SuggestedFilename);
        var lines = await File.ReadAllLinesAsync((await download.PathAsync())!, TestContext.Current.CancellationToken);
        Assert.Equal(codes, lines.Skip(3));
        Assert.Contains(user.Email, lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task S4_11_The_live_text_is_emptied_before_each_copy_and_says_when_the_browser_refuses()
    {
        var (user, _) = await PersonAsync(app.Main);
        await using var window = await browser.OpenAsync(app.Main.Address, Device.Phone);
        await window.GoAsync("/sign-in");
        await window.FillAsync("Email address", user.Email);
        await window.FillAsync("Password", RegisterTests.Password);
        await window.PressAsync("Sign in");
        await window.GoAsync("/account/second-factor/authenticator");
        var copy = window.Page.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Copy the key" });
        var said = Microsoft.Playwright.Assertions.Expect(window.Page.Locator("[data-copied]"));
        await window.Page.EvaluateAsync("() => { navigator.clipboard.writeText = () => Promise.reject(new Error()); }");
        await copy.ClickAsync();
        await said.ToHaveTextAsync("We could not copy it. Select the text and copy it yourself");
        // not decided yet
        await window.Page.EvaluateAsync("() => { navigator.clipboard.writeText = () => new Promise(() => {}); }");
        await copy.ClickAsync();
        await said.ToHaveTextAsync("");
    }

    [Fact]
    public async Task The_way_back_is_there_only_where_no_second_factor_is_demanded()
    {
        var (user, organisation) = await PersonAsync(app.Main);
        var client = app.Client();
        await SignInAsync(client, user.Email);
        Assert.Equal(Links.Account, (await client.GetAsync(Links.SetUpSecondFactor())).Href("Back"));
        await app.InDbAsync(db =>
            db.Organisations.Where(o => o.Id == organisation.Id)
                .ExecuteUpdateAsync(o => o.SetProperty(x => x.SecondFactorRequired, true))
        );
        Assert.False((await client.GetAsync(Links.SetUpSecondFactor())).HasLink("Back"));
    }

    private static async Task CopiesAsync(Window window, string button, string text, Device device)
    {
        var copy = window.Page.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = button });
        Assert.Equal(device == Device.Phone ? 1 : 0, await copy.CountAsync()); // hidden where nothing would happen
        if (device != Device.Phone)
        {
            return;
        }

        await copy.ClickAsync();
        await Microsoft.Playwright.Assertions.Expect(window.Page.Locator("[data-copied]")).ToHaveTextAsync("Copied");
        Assert.Equal(
            text,
            (await window.Page.EvaluateAsync<string>("navigator.clipboard.readText()")).ReplaceLineEndings("\n")
        );
    }

    [Fact]
    public async Task S4_11_A_number_that_is_known_is_shown_and_not_asked_for_again()
    {
        var number = Some.Mobile();
        var (user, _) = await PersonAsync(app.Main, change: u => u.Mobile = number);
        var client = app.Client();
        await SignInAsync(client, user.Email);
        var page = await client.GetAsync("/account/second-factor/text");
        Assert.Contains($"text a code to 0{number[3..7]} {number[7..]}", page.Text(), StringComparison.Ordinal);
        Assert.Empty(page.Document.QuerySelectorAll("input[type=tel]"));
        Assert.Equal("Check your phone", (await page.SubmitAsync("Send a code")).Heading);
        var other = await (
            await client.GetAsync("/account/second-factor/text?returnUrl=%2Faccount%2Fname")
        ).FollowAsync("use a different number");
        // not lost on the way
        Assert.Contains("returnUrl=%2Faccount%2Fname", other.Form("Send a code").Path, StringComparison.Ordinal);
        Assert.Single(other.Document.QuerySelectorAll("input[type=tel]"));
    }

    [Fact]
    public async Task S4_10_A_mobile_number_is_asked_for_only_where_something_uses_it_and_with_the_reason()
    {
        async Task<Page> DetailsAsync(Instance host) =>
            await (await host.Client().GetAsync((await host.InviteAsync()).Link)).FollowAsync("Create an account");
        var codes = await DetailsAsync(app.Main);
        Assert.Contains("text you security codes", codes.Text("#Mobile-hint"), StringComparison.Ordinal);

        await using (
            var never = await app.StartAsync(new(StringComparer.Ordinal) { ["Rollcall:Email:Sender"] = "Smtp" })
        )
        {
            Assert.Empty((await DetailsAsync(never)).Document.QuerySelectorAll("input[type=tel]"));
            var (user, _) = await PersonAsync(never);
            var client = never.Client();
            Assert.DoesNotContain(
                "Mobile phone number",
                (await (await SignInAsync(client, user.Email)).Client.GetAsync("/account")).Text(),
                StringComparison.Ordinal
            );
        }
        await using var asks = await app.StartAsync(
            new(StringComparer.Ordinal)
            {
                ["Rollcall:Email:Sender"] = "Smtp",
                ["Rollcall:AskForMobile"] = "true",
                ["Rollcall:MobileReason"] = "We call you when a visit changes.",
            }
        );
        Assert.Equal(
            "We call you when a visit changes. For numbers outside the UK, include the country code",
            (await DetailsAsync(asks)).Text("#Mobile-hint")
        );
    }

    [Fact]
    public async Task Trust40_Someone_who_chooses_email_codes_is_offered_a_second_way_and_told_why()
    {
        var (user, _) = await PersonAsync(app.Main);
        var client = app.Client();
        await SignInAsync(client, user.Email);
        var page = await client.GetAsync("/account/second-factor/email");
        Assert.Contains("If you forget your password", page.Text(), StringComparison.Ordinal);
        var sent = await page.SubmitAsync("Send a code");
        var codes = await sent.SubmitAsync("Continue", new() { ["Code"] = await CodeAsync(app.Main, user.Email) });
        Assert.Equal("Save your recovery codes", codes.Heading);
        Assert.Equal(
            "Choose how to get security codes",
            (await codes.FollowAsync("set up another way to get codes")).Heading
        );
        var account = await client.GetAsync("/account");
        Assert.Equal(
            "Choose how to get security codes",
            (await account.FollowAsync("Set up another way to get codes")).Heading
        );
        await app.InDbAsync(db =>
            db.Users.Where(u => u.Id == user.Id)
                .ExecuteUpdateAsync(u =>
                    u.SetProperty(x => x.Mobile, "+447700900999")
                        .SetProperty(x => x.MobileConfirmedAt, x => x.CreatedAt)
                )
        );
        Assert.False((await client.GetAsync("/account")).HasLink("Set up another way to get codes"));
    }

    [Fact]
    public async Task Trust40_The_page_that_asks_for_a_recovery_code_says_why()
    {
        var (user, _) = await PersonAsync(
            app.Main,
            change: u =>
            {
                u.EmailCodes = true;
                u.PasswordResetAt = u.CreatedAt;
            }
        );
        await app.Main.DoAsync<RecoveryCodes, int>(async r =>
            (await r.ReplaceAsync(user.Id, TestContext.Current.CancellationToken)).Count
        );
        var page = await SignInAsync(app.Client(), user.Email);
        Assert.Equal("Enter a recovery code", page.Heading);
        Assert.Contains(
            "You reset your password by email, so a code by email is not enough",
            page.Text(),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task S1_28_Where_there_are_no_passwords_nothing_is_said_of_codes_beside_them()
    {
        var settings = app.Provider.Settings("no-passwords");
        settings["Rollcall:SignIn:Passwords"] = "false";
        await using var host = await app.StartAsync(settings, app.Main.Database);
        await app.Provider.KnowAsync(host, "no-passwords");
        var organisation = await host.MakeOrganisationAsync();
        var user = await host.AdminOfAsync(organisation);
        var client = await host.Client().SignInAsync(user.Email);
        Assert.False((await client.GetAsync(Links.Organisation(organisation.Id))).HasLink("How people sign in"));
        await client.GetAsync(Links.SignInRules(organisation.Id), System.Net.HttpStatusCode.NotFound);
        Assert.DoesNotContain(
            "Authenticator app",
            (await client.GetAsync("/account")).Text(),
            StringComparison.Ordinal
        );

        settings = app.Provider.Settings("two-ways");
        settings["Rollcall:SignIn:Passwords"] = "false";
        foreach (
            var (key, value) in app
                .Provider.Settings("two-ways")
                .Where(s => s.Key.Contains(":0:", StringComparison.Ordinal))
                .ToList()
        )
        {
            settings[key.Replace(":0:", ":1:", StringComparison.Ordinal)] = key.EndsWith(
                ":Key",
                StringComparison.Ordinal
            )
                ? "other"
                : value;
        }

        await using var two = await app.StartAsync(settings, app.Main.Database);
        client = await two.Client().SignInAsync(user.Email);
        var rules = await client.GetAsync(Links.SignInRules(organisation.Id));
        Assert.DoesNotContain("security code", rules.Text(), StringComparison.Ordinal);
        Assert.Equal("How people sign in has been changed.", (await rules.SubmitAsync("Save")).Banner);
    }

    [Fact]
    public async Task Trust53_This_was_not_me_signs_out_everywhere_else_and_leads_to_a_new_password()
    {
        var (user, _) = await PersonAsync(app.Main);
        var client = app.Client();
        var thief = app.Client();
        await SignInAsync(thief, user.Email);
        await SignInAsync(client, user.Email);
        var page = await client.GetAsync("/account/sessions");
        Assert.Contains("IP address", page.Text(), StringComparison.Ordinal);
        var button = page
            .Document.QuerySelectorAll("button")
            .Single(b => b.TextContent.Contains("This was not me", StringComparison.Ordinal));
        var (_, fields) = page.Form(Page.Squish(button.TextContent));
        var done = await client.PostAsync(button.GetAttribute("formaction")!, fields);
        Assert.Equal("Change your password", done.Heading);
        Assert.Contains("other devices have been signed out", done.Banner, StringComparison.Ordinal);
        Assert.StartsWith("/sign-in", (await thief.GetAsync("/account")).Path, StringComparison.Ordinal);
        Assert.Equal("Your account", (await client.GetAsync("/account")).Heading);
    }
}
