using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using Rollcall.Tests.Support;
using Rollcall.Tests.Users;

namespace Rollcall.Tests.Journeys;

/// <summary>From the invitation email, on a phone, to the organisation's page, and back another day.</summary>
public sealed partial class GettingInJourneyTests(TheApp app, Browser browser)
{
    private const string Password = "correct horse battery";

    [Theory]
    [InlineData(Device.Phone)]
    [InlineData(Device.PhoneWithoutScripts)]
    public async Task S0_2_S0_13_S0_14_S0_15_S4_10_S4_11_A_user_is_added_gets_in_from_the_email_with_a_second_factor_and_comes_back(
        Device device
    )
    {
        var organisation = await app.Main.MakeOrganisationAsync(Some.Name("Hillview School"));
        var support = await app.Main.MakeUserAsync(support: true);
        var email = Some.Email();
        var number = Some.Mobile();
        await app.InDbAsync(db =>
            db.Organisations.Where(o => o.Id == organisation.Id)
                .ExecuteUpdateAsync(o => o.SetProperty(x => x.SecondFactorRequired, true))
        );
        await using var desk = await browser.OpenAsync(app.Main.Address, Device.Desktop);
        await desk.SignInAsync(support.Email);
        await desk.GoAsync(Links.AddUser(organisation.Id));
        await desk.FillAsync("First name", "Zoë");
        await desk.FillAsync("Last name", "O’Brien");
        await desk.FillAsync("Email address", email);
        await desk.PressAsync("Continue");
        await desk.ChooseRoleAsync();
        await desk.PressAsync("Add user");

        await using var phone = await browser.OpenAsync(app.Main.Address, device);
        await OpenMailAsync(phone, email, organisation.Name);
        Assert.Contains("It expires at", await phone.TextAsync(), StringComparison.Ordinal);
        await phone.GoAsync((await phone.Page.Locator("main a[href*='/register/']").First.GetAttributeAsync("href"))!);
        var link = phone.Page.Url;
        await phone.PressAsync("Create an account");
        await phone.FillAsync("Mobile phone number", "0" + number[3..]);
        await phone.FillAsync("Create a password", Password);
        await phone.PressAsync("Continue");
        await phone.Page.GetByLabel("Text message").CheckAsync();
        await phone.PressAsync("Continue");
        await phone.PressAsync("Send a code");
        await phone.FillAsync("Security code", await CodeAsync(number));
        await phone.PressAsync("Continue");
        Assert.True(await phone.HeadingAsync() == "Save your recovery codes", await phone.TextAsync());
        await phone.PressAsync("I have saved the codes");
        Assert.Equal("Your account is ready", await phone.HeadingAsync());
        await phone.PressAsync("Continue");
        Assert.Equal(organisation.Name, await phone.HeadingAsync());
        await OpenMailAsync(phone, email, "is ready");

        // Another day, from the same email.
        await phone.GoAsync("/sign-out");
        await phone.PressAsync("Sign out");
        await phone.GoAsync(link);
        Assert.Equal("You have already used this link", await phone.HeadingAsync());
        await phone.PressAsync("Sign in");
        await phone.FillAsync("Email address", email);
        await phone.FillAsync("Password", Password);
        var before = DateTimeOffset.UtcNow;
        await phone.PressAsync("Sign in");
        Assert.Equal("Check your phone", await phone.HeadingAsync());
        await phone.FillAsync("Security code", await CodeAsync(number, before));
        await phone.PressAsync("Continue");
        Assert.Equal(organisation.Name, await phone.HeadingAsync());
    }

    [Fact]
    public async Task D1_Trust1_A_mail_scanner_that_runs_scripts_uses_nothing_up()
    {
        var invited = await app.Main.InviteAsync();
        await using var scanner = await browser.OpenAsync(app.Main.Address, Device.Desktop);
        for (var i = 0; i < 20; i++)
        {
            await scanner.GoAsync(invited.Link);
            await Assertions.Expect(scanner.Page.Locator("h1")).ToBeVisibleAsync();
        }
        await using var phone = await browser.OpenAsync(app.Main.Address, Device.Phone);
        await phone.GoAsync(invited.Link);
        await phone.PressAsync("Create an account");
        await phone.FillAsync("Mobile phone number", "07700 900123");
        await phone.FillAsync("Create a password", Password);
        await phone.PressAsync("Continue");
        Assert.Equal("Your account is ready", await phone.HeadingAsync());
    }

    /// <summary>Opens the newest message to this mailbox whose subject says this.</summary>
    private static async Task OpenMailAsync(Window window, string to, string about)
    {
        var mail = window
            .Page.Locator("tr", new() { HasText = to })
            .Filter(new() { HasText = about })
            .GetByRole(AriaRole.Link)
            .First;
        await window.GoUntilAsync("/dev/mailbox", mail);
        await mail.ClickAsync();
    }

    private async Task<string> CodeAsync(string to, DateTimeOffset since = default) =>
        SixDigits().Match(await app.Main.MailAsync(to, " is your security code", since)).Value;

    [GeneratedRegex(@"\b\d{6}\b", RegexOptions.NonBacktracking)]
    private static partial Regex SixDigits();
}
