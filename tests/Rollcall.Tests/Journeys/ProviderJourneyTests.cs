using Microsoft.Playwright;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Journeys;

/// <summary>
/// Signing in and out through a provider's own pages, in Chromium: the browser holds every redirect to our
/// Content-Security-Policy.
/// </summary>
public sealed class ProviderJourneyTests(TheApp app, Browser browser)
{
    [Theory]
    [InlineData(Device.Desktop)]
    [InlineData(Device.PhoneWithoutScripts)]
    public async Task S1_28_S1_29_S0_14_A_person_who_was_added_signs_in_at_the_provider_and_stands_at_their_organisation(
        Device device
    )
    {
        var organisation = await app.Main.MakeOrganisationAsync(Some.Name("Provider school"));
        var user = await app.Main.MemberOfAsync(organisation, registered: false);
        var mine = await app.Provider.PersonAsync(user.Email);
        var wrong = await app.Provider.PersonAsync(Some.Email());
        await using var window = await browser.OpenAsync(app.Main.Address, device);
        var page = window.Page;

        // The wrong account first: the page says so, and the provider asks again.
        await window.GoAsync(Links.Organisation(organisation.Id));
        await window.PressAsync("Sign in with Stand-in");
        await LogInAsync(window, wrong);
        Assert.Equal("You cannot use this account yet", await window.HeadingAsync());
        await window.PressAsync("Sign in with a different account");
        await LogInAsync(window, mine);
        if (device == Device.PhoneWithoutScripts)
        {
            // the provider ends its other session by a form that a script would send
            await window.PressAsync("Continue");
        }

        Assert.Equal(organisation.Name, await window.HeadingAsync());

        await window.FollowAsync("Sign out");
        await window.PressAsync("Sign out");
        await window.PressAsync("Yes, sign me out"); // the provider's own question
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("You are signed out");
        await page.GoBackAsync();
        await window.GoAsync(Links.Organisation(organisation.Id));
        Assert.Equal("Sign in", await window.HeadingAsync());

        // The provider has forgotten them too: it asks who comes.
        await window.PressAsync("Sign in with Stand-in");
        await page.GoBackAsync(); // changed their mind, and then again
        await window.PressAsync("Sign in with Stand-in");
        await LogInAsync(window, mine);
        Assert.Equal(organisation.Name, await window.HeadingAsync());
    }

    [Theory]
    [InlineData(Device.Phone)]
    [InlineData(Device.PhoneWithoutScripts)]
    public async Task S0_2_S0_14_S1_29_The_invitations_link_leads_through_the_provider_to_the_organisation_also_with_another_address(
        Device device
    )
    {
        foreach (var another in new[] { false, true })
        {
            var invited = await app.Main.InviteAsync(
                await app.Main.MakeOrganisationAsync(Some.Name("Inviting school"))
            );
            var address = another ? Some.Email() : invited.User.Email;
            await using var window = await browser.OpenAsync(app.Main.Address, device);
            await window.GoAsync(invited.Link);
            await window.PressAsync("Sign in with Stand-in");
            await LogInAsync(window, await app.Provider.PersonAsync(address));
            if (another)
            {
                Assert.Equal($"Use {address} to sign in from now on?", await window.HeadingAsync());
                await window.PressAsync("Use this account");
            }
            Assert.Equal("Your account is ready", await window.HeadingAsync());
            await window.PressAsync("Continue");
            Assert.Equal(invited.Organisation.Name, await window.HeadingAsync());
            await window.GoAsync(invited.Link); // S0-15: the same link leads in
            Assert.Equal(invited.Organisation.Name, await window.HeadingAsync());
        }
    }

    private static async Task LogInAsync(Window window, string subject)
    {
        await window.Page.Locator("input[name=login]").FillAsync(subject);
        await window.Page.Locator("input[name=password]").FillAsync("anything");
        await window.PressAsync("Sign-in");
    }
}
