using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Playwright;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Journeys;

/// <summary>
/// Passkeys in a real browser, with its virtual authenticator: from the invitation to signing in with nothing typed.
/// </summary>
public sealed class PasskeyJourneyTests(TheApp app, Browser browser)
{
    /// <summary>An IP address cannot have passkeys, and localhost needs no certificate.</summary>
    private async Task<(Instance Host, Uri Address)> LocalhostAsync()
    {
        var host = await app.StartAsync([]);
        var address = new UriBuilder(host.Address) { Host = "localhost" }.Uri;
        host.Services.GetRequiredService<IOptions<RollcallOptions>>().Value.PublicBaseUrl = address;
        return (host, address);
    }

    private static async Task SignOutAsync(Window window)
    {
        await window.GoAsync("/sign-out");
        await window.PressAsync("Sign out");
        Assert.Equal("You are signed out", await window.HeadingAsync());
    }

    /// <summary>What a browser of some years ago lacks.</summary>
    private const string Older = """
        delete PublicKeyCredential.parseCreationOptionsFromJSON;
        delete PublicKeyCredential.parseRequestOptionsFromJSON;
        delete PublicKeyCredential.prototype.toJSON;
        """;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Trust44_S0_13_S4_10_S4_11_A_person_registers_with_a_passkey_and_signs_in_with_it_and_not_once_it_is_removed(
        bool older
    )
    {
        var (host, address) = await LocalhostAsync();
        await using var _ = host;
        var invited = await host.InviteAsync(secondFactor: true);
        await using var phone = await browser.OpenAsync(address, Device.Phone);
        if (older)
        {
            await phone.Page.AddInitScriptAsync(Older);
        }

        var authenticator = await VirtualAuthenticator.InAsync(phone);
        await phone.GoAsync(invited.Link);
        await phone.PressAsync("Create an account");
        await phone.FillAsync("Mobile phone number", "07700 900123");
        await phone.FillAsync("Create a password", "correct horse battery");
        await phone.PressAsync("Continue");
        await phone.FollowAsync("a passkey");
        Assert.False(await phone.Page.Locator("[data-passkey-unsupported]").IsVisibleAsync());
        await phone.FillAsync("Name of the passkey (optional)", "My phone");
        await phone.PressAsync("Add a passkey");
        Assert.True(await phone.HeadingAsync() == "Save your recovery codes", await phone.TextAsync());
        await phone.PressAsync("I have saved the codes");
        await phone.PressAsync("Continue");
        Assert.Equal(invited.Organisation.Name, await phone.HeadingAsync());
        Assert.Equal(1, await authenticator.CountAsync());

        await SignOutAsync(phone);
        await phone.GoAsync("/sign-in");
        await phone.PressAsync("Sign in with a passkey");
        Assert.Equal(invited.Organisation.Name, await phone.HeadingAsync());

        await host.InDbAsync(db =>
            db.Organisations.Where(o => o.Id == invited.Organisation.Id)
                .ExecuteUpdateAsync(o => o.SetProperty(x => x.SecondFactorRequired, false))
        );
        await phone.GoAsync("/account/passkeys");
        Assert.Contains("Last used", await phone.TextAsync(), StringComparison.Ordinal);
        await phone.FollowAsync("Remove My phone");
        await phone.PressAsync("Remove passkey");
        await SignOutAsync(phone);
        await phone.GoAsync("/sign-in");
        await phone.PressAsync("Sign in with a passkey");
        Assert.Equal("This passkey did not sign you in", await phone.HeadingAsync());
    }

    [Fact]
    public async Task Trust44_The_browser_offers_the_passkey_where_the_address_is_asked_for()
    {
        var (host, address) = await LocalhostAsync();
        await using var _ = host;
        var user = await host.MakeUserAsync();
        await using var window = await browser.OpenAsync(address, Device.Desktop);
        await VirtualAuthenticator.InAsync(window, offers: true);
        await window.SignInAsync(user.Email);
        await window.GoAsync("/account/passkeys/add");
        await window.PressAsync("Add a passkey");
        await window.PressAsync("I have saved the codes");
        await SignOutAsync(window);
        await window.GoAsync(Links.SignIn("/account"));
        await window.Page.WaitForURLAsync(new Uri(address, "/account").ToString());
        Assert.Equal("Your account", await window.HeadingAsync());
    }

    [Fact]
    public async Task Trust44_What_goes_wrong_in_the_browser_is_said_in_words_and_the_other_ways_stay()
    {
        var (host, address) = await LocalhostAsync();
        await using var _ = host;
        var user = await host.MakeUserAsync();
        await using var window = await browser.OpenAsync(address, Device.Desktop);
        var authenticator = await VirtualAuthenticator.InAsync(window);
        await window.SignInAsync(user.Email);
        await window.GoAsync("/account/passkeys/add");
        await window.PressAsync("Add a passkey");
        await window.PressAsync("I have saved the codes");

        async Task SaysAsync(string button, string words)
        {
            await window.Page.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();
            await Assertions.Expect(window.Page.GetByRole(AriaRole.Alert)).ToHaveTextAsync(words);
            Assert.Equal([], await Browser.AxeAsync(window.Page));
        }
        await window.GoAsync("/account/passkeys/add");
        await SaysAsync("Add a passkey", "This device already has a passkey for your account");
        await SignOutAsync(window);
        await window.GoAsync("/sign-in");
        await authenticator.VerifyAsync(false);
        await SaysAsync(
            "Sign in with a passkey",
            "You did not use a passkey, or it took too long. Try again, or sign in another way"
        );
        await window.Page.RouteAsync("**/sign-in/passkey?handler=Options", route => route.AbortAsync());
        await SaysAsync(
            "Sign in with a passkey",
            "We could not use the passkey. Reload the page and try again, or sign in another way"
        );
        await window.FillAsync("Email address", user.Email);
        await window.FillAsync("Password", "wrong");
        await window.PressAsync("Sign in");
        await Assertions.Expect(window.Page.Locator(".govuk-error-summary")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Trust44_Without_JavaScript_no_passkey_is_offered_and_the_other_ways_stay()
    {
        var user = await app.Main.MakeUserAsync();
        await using var window = await browser.OpenAsync(app.Main.Address, Device.PhoneWithoutScripts);
        await window.GoAsync("/sign-in");
        Assert.Equal(
            0,
            await window.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in with a passkey" }).CountAsync()
        );
        Assert.True(
            await window.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).IsVisibleAsync()
        );
        await window.SignInAsync(user.Email);
        await window.GoAsync("/account/passkeys/add");
        Assert.Contains("You need JavaScript", await window.TextAsync(), StringComparison.Ordinal);
    }
}
