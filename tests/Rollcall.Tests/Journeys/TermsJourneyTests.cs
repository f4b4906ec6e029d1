using Microsoft.Playwright;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Journeys;

/// <summary>
/// Terms in Chromium: support publishes, a member declines and then accepts, a new user accepts on the way in.
/// </summary>
public sealed class TermsJourneyTests(TheApp app, Browser browser)
{
    private const string Asked = "Accept the terms and conditions";

    [Theory]
    [InlineData(Device.Desktop)]
    [InlineData(Device.PhoneWithoutScripts)]
    public async Task S4_12_D21_Support_publishes_a_member_declines_and_accepts_and_a_new_user_accepts_on_the_way_in(
        Device device
    )
    {
        await using var host = await app.StartAsync([]);
        var organisation = await host.MakeOrganisationAsync("Hillview School");
        var support = await host.MakeUserAsync(support: true);
        var member = await host.MemberOfAsync(organisation, role: Rollcall.Model.Roles.Admin);
        var invited = await host.InviteAsync(organisation);
        await using var theirs = await browser.OpenAsync(host.Address, device);
        await theirs.SignInAsync(member.Email);
        Assert.Equal("Hillview School", await theirs.HeadingAsync());

        await using (var desk = await browser.OpenAsync(host.Address, device))
        {
            await desk.SignInAsync(support.Email);
            await desk.GoAsync("/terms/versions");
            await desk.PressAsync("Publish a new version");
            await desk.FillAsync("Text", "# Looking after people’s details\n\nKeep them **safe**.");
            await desk.PressAsync("Continue");
            await Assertions.Expect(desk.Page.Locator("main h2")).ToHaveTextAsync("Looking after people’s details");
            await desk.PressAsync("Publish");
            await Assertions
                .Expect(desk.Page.Locator(".govuk-notification-banner"))
                .ToContainTextAsync("The new version has been published");
        }

        await theirs.FollowAsync("Users");
        Assert.Equal(Asked, await theirs.HeadingAsync());
        await theirs.PressAsync("I do not accept");
        Assert.StartsWith(
            "You cannot use Rollcall without accepting",
            await theirs.HeadingAsync(),
            StringComparison.Ordinal
        );
        await theirs.FollowAsync("read the terms and conditions");
        Assert.Contains("Keep them safe.", await theirs.TextAsync(), StringComparison.Ordinal);
        await theirs.SignInAsync(member.Email);
        Assert.Equal(Asked, await theirs.HeadingAsync());
        await theirs.GoAsync(Links.Users(organisation.Id)); // a deep link does not get past it
        await theirs.PressAsync("Accept and continue");
        Assert.Equal("Hillview School Users", await theirs.HeadingAsync());

        await using var phone = await browser.OpenAsync(host.Address, device);
        await phone.GoAsync(invited.Link);
        await phone.PressAsync("Create an account");
        await phone.FillAsync("Mobile phone number", "07700 900123");
        await phone.FillAsync("Create a password", "correct horse battery");
        await phone.PressAsync("Continue");
        Assert.Equal(Asked, await phone.HeadingAsync());
        await phone.PressAsync("Accept and continue");
        Assert.Equal("Your account is ready", await phone.HeadingAsync());
        await phone.PressAsync("Continue");
        Assert.Equal("Hillview School", await phone.HeadingAsync());
    }
}
