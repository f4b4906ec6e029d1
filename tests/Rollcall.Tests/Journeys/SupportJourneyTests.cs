using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using Rollcall.Tests.Support;
using Rollcall.Tests.Users;

namespace Rollcall.Tests.Journeys;

/// <summary>Support's tasks in Chromium: wide, narrow and without scripts.</summary>
public sealed class SupportJourneyTests(TheApp app, Browser browser)
{
    [Theory]
    [InlineData(Device.Desktop)]
    [InlineData(Device.Phone)]
    [InlineData(Device.PhoneWithoutScripts)]
    public async Task S1_1_S3_1_S3_6_S0_2_S0_14_Support_adds_changes_and_removes_a_user_who_gets_in_by_their_email(
        Device device
    )
    {
        var organisation = await app.Main.MakeOrganisationAsync(Some.Name("Journey school"));
        var support = await app.Main.MakeUserAsync("Sam", "Support", support: true);
        var email = Some.Email();
        await using var window = await browser.OpenAsync(app.Main.Address, device);
        var page = window.Page;
        await window.SignInAsync(support.Email);

        // Find the organisation and add a user, with a mistake first.
        await window.FillAsync("Search by name or code", organisation.Name);
        await window.PressAsync("Search");
        await window.FollowAsync(organisation.Name);
        await window.FollowAsync("Users");
        await window.PressAsync("Add user");
        await window.PressAsync("Continue");
        await Assertions
            .Expect(page.Locator(".govuk-error-summary__list li"))
            .ToHaveTextAsync(["Enter a first name", "Enter a last name", "Enter an email address"]);
        if (device != Device.PhoneWithoutScripts)
        {
            await Assertions.Expect(page.Locator(".govuk-error-summary")).ToBeFocusedAsync();
        }

        await page.GetByRole(AriaRole.Link, new() { Name = "Enter a last name" }).ClickAsync();
        await Assertions.Expect(page.GetByLabel("Last name")).ToBeVisibleAsync();
        await window.FillAsync("First name", "Zoë");
        await window.FillAsync("Last name", "O’Brien");
        await window.FillAsync("Email address", email);
        await window.PressAsync("Continue");
        await window.ChooseRoleAsync();
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync($"We’ll email {email}");
        await window.PressAsync("Add user");
        await Assertions
            .Expect(page.Locator(".govuk-notification-banner"))
            .ToContainTextAsync("Zoë O’Brien has been added");

        // The email is really in the mailbox, and its link leads to the organisation.
        var link = await LinkInMailAsync(window, email, organisation.Name);
        await using var theirs = await browser.OpenAsync(app.Main.Address, Device.Phone);
        await theirs.GoAsync(link);
        await theirs.PressAsync("Create an account");
        await theirs.FillAsync("Mobile phone number", "07700 900123");
        await theirs.FillAsync("Create a password", "correct horse battery staple");
        await theirs.PressAsync("Continue");
        Assert.Equal("Your account is ready", await theirs.HeadingAsync());
        await theirs.PressAsync("Continue");
        Assert.Equal(organisation.Name, await theirs.HeadingAsync());

        // Change the name.
        await window.GoAsync(Links.Users(organisation.Id));
        await window.FollowAsync("Zoë O’Brien");
        await Assertions.Expect(page.Locator("main")).Not.ToContainTextAsync("Never signed in");
        await window.FollowAsync("Change first name");
        await window.FillAsync("First name", "Zoe");
        await window.PressAsync("Continue");
        await window.PressAsync("Save changes");
        await Assertions
            .Expect(page.Locator(".govuk-notification-banner"))
            .ToContainTextAsync("Zoe O’Brien’s details have been changed");

        // Remove them.
        await window.FollowAsync("Remove user Zoe O’Brien");
        await window.FollowAsync("Cancel");
        await window.FollowAsync("Remove user Zoe O’Brien");
        await window.PressAsync("Remove user");
        await Assertions
            .Expect(page.Locator(".govuk-notification-banner"))
            .ToContainTextAsync("Zoe O’Brien has been removed");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync($"{organisation.Name} has no users yet.");
        await app.InDbAsync(db =>
            db.Database.ExecuteSqlAsync($"update outgoing_messages set available_at = now() where to_address = {email}")
        ); // the ten minutes are over
        await MailAsync(window, email, "Removed");
        await theirs.GoAsync(link);
        Assert.Equal($"You are no longer in {organisation.Name}", await theirs.HeadingAsync());
    }

    [Fact]
    public async Task J3_U7_The_back_button_after_sending_and_a_double_click_send_nothing_twice()
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        var support = await app.Main.MakeUserAsync(support: true);
        var email = Some.Email();
        await using var window = await browser.OpenAsync(app.Main.Address, Device.Desktop);
        await window.SignInAsync(support.Email);
        await window.GoAsync(Links.AddUser(organisation.Id));
        await window.FillAsync("First name", "Ada");
        await window.FillAsync("Last name", "Lovelace");
        await window.FillAsync("Email address", email);
        await window.PressAsync("Continue");
        await window.ChooseRoleAsync();
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Add user" }).DblClickAsync();
        await Assertions
            .Expect(window.Page.Locator(".govuk-notification-banner"))
            .ToContainTextAsync("Ada Lovelace has been added");
        await window.Page.GoBackAsync();
        Assert.NotEqual("", await window.HeadingAsync());
        await window.Page.ReloadAsync();
        Assert.Equal(1, await app.InDbAsync(db => db.OutgoingMessages.CountAsync(m => m.ToAddress == email)));
    }

    [Fact]
    public async Task The_whole_way_to_adding_a_user_works_with_the_keyboard_alone()
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        var support = await app.Main.MakeUserAsync(support: true);
        var email = Some.Email();
        await using var window = await browser.OpenAsync(app.Main.Address, Device.Desktop);
        await window.SignInAsync(support.Email);
        await window.GoAsync(Links.Users(organisation.Id));
        var keyboard = window.Page.Keyboard;
        await keyboard.PressAsync("Tab");
        await Assertions
            .Expect(window.Page.GetByRole(AriaRole.Link, new() { Name = "Skip to main content" }))
            .ToBeFocusedAsync();
        await keyboard.PressAsync("Enter");
        await keyboard.PressAsync("Tab");
        await Assertions.Expect(window.Page.GetByRole(AriaRole.Button, new() { Name = "Add user" })).ToBeFocusedAsync();
        await window.EnterAsync();
        await keyboard.PressAsync("Tab");
        await keyboard.PressAsync("Enter");
        await keyboard.PressAsync("Tab");
        await Assertions.Expect(window.Page.GetByLabel("First name")).ToBeFocusedAsync();
        await keyboard.TypeAsync("Ada");
        await keyboard.PressAsync("Tab");
        await keyboard.TypeAsync("Lovelace");
        await keyboard.PressAsync("Tab");
        await keyboard.TypeAsync(email);
        await window.EnterAsync();
        for (
            var stops = 0;
            stops < 20 && !await window.Page.EvaluateAsync<bool>("document.activeElement.type === 'radio'");
            stops++
        )
        {
            await keyboard.PressAsync("Tab");
        }

        await keyboard.PressAsync("Space");
        await window.EnterAsync();
        var add = window.Page.GetByRole(AriaRole.Button, new() { Name = "Add user" });
        await Assertions.Expect(add).ToBeVisibleAsync();
        for (var stops = 0; stops < 20 && !await add.EvaluateAsync<bool>("b => b === document.activeElement"); stops++)
        {
            await keyboard.PressAsync("Tab");
        }

        await window.EnterAsync();
        await Assertions
            .Expect(window.Page.Locator(".govuk-notification-banner"))
            .ToContainTextAsync("Ada Lovelace has been added");
    }

    private static async Task<string> LinkInMailAsync(Window window, string email, string organisation)
    {
        await MailAsync(window, email, organisation);
        return (await window.Page.Locator("main a[href*='/register/']").First.GetAttributeAsync("href"))!;
    }

    /// <summary>Opens the newest email to this address; the mailbox shows it as soon as it is delivered.</summary>
    private static async Task MailAsync(Window window, string email, string about)
    {
        var mail = window
            .Page.Locator("tr", new() { HasText = email })
            .Filter(new() { HasText = about })
            .GetByRole(AriaRole.Link)
            .First;
        await window.GoUntilAsync("/dev/mailbox", mail);
        await mail.ClickAsync();
    }
}
