using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Journeys;

/// <summary>Each preset behaves as the kind of service that it is for, in a browser.</summary>
public sealed class PresetJourneyTests(TheApp app, Browser browser)
{
    private Task<Instance> StartAsync(string preset) => app.StartAsync(new() { ["ROLLCALL_PRESET"] = preset });

    private static Task<int> MailsAsync(Instance host, string to, string kind) =>
        host.InDbAsync(db => db.OutgoingMessages.CountAsync(m => m.ToAddress == to && m.Kind == kind));

    [Theory]
    [InlineData(Device.Desktop)]
    [InlineData(Device.PhoneWithoutScripts)]
    public async Task Publish_S2_11_S2_12_An_organisation_looks_after_its_own_users(Device device)
    {
        await using var host = await StartAsync("publish");
        var organisation = await host.MakeOrganisationAsync("Hillview School");
        var email = Some.Email();
        var me = await host.MemberOfAsync(organisation, "Bea", "Able");
        await host.MemberOfAsync(organisation, "adam", "Zed");
        await using var window = await browser.OpenAsync(host.Address, device);
        var page = window.Page;
        // Everyone in an organisation manages its users, without asking support.
        await window.SignInAsync(me.Email);
        await window.FollowAsync("Users");
        Assert.Equal(
            ["adam Zed", "Bea Able"],
            (await page.Locator("tbody td:first-child a").AllInnerTextsAsync()).Select(name => name.Trim())
        );
        await Assertions.Expect(page.Locator("main")).Not.ToContainTextAsync("Request access");
        await Assertions.Expect(page.Locator("main")).Not.ToContainTextAsync("Invite users");
        await window.PressAsync("Add user");
        Assert.Equal(
            ["First name", "Last name", "Email address"],
            await page.Locator("form label").AllInnerTextsAsync()
        ); // no organisation, no reason, no role
        await window.FillAsync("Email address", me.Email);
        await window.PressAsync("Continue");
        await Assertions
            .Expect(page.Locator(".govuk-error-summary__list li"))
            .ToHaveTextAsync(["Enter a first name", "Enter a last name"]);
        await window.FillAsync("First name", "Zoë");
        await window.FillAsync("Last name", "O’Brien");
        await window.PressAsync("Continue");
        await Assertions
            .Expect(page.Locator(".govuk-error-summary__list li"))
            .ToHaveTextAsync(["Email address already in use"]);
        await window.FillAsync("Email address", email);
        await window.PressAsync("Continue");
        await Assertions.Expect(page.Locator("h1")).ToContainTextAsync("Check your answers");
        Assert.Equal(0, await MailsAsync(host, email, "added"));
        await window.PressAsync("Add user");
        // above the heading
        await Assertions.Expect(page.Locator("main > :first-child")).ToContainTextAsync($"{email} has been added");
        Assert.Equal(1, await MailsAsync(host, email, "added")); // as soon as they are added

        await window.FollowAsync("Zoë O’Brien");
        await Assertions.Expect(page.Locator("main")).Not.ToContainTextAsync("Change first name");
        await page.GetByRole(AriaRole.Link, new() { Name = "Remove user" }).ClickAsync();
        await Assertions.Expect(page.Locator("h1")).ToContainTextAsync("Are you sure you want to remove Zoë O’Brien?");
        await window.PressAsync("Remove user");
        await Assertions.Expect(page.Locator("main > :first-child")).ToContainTextAsync("Zoë O’Brien has been removed");
        Assert.Equal(1, await MailsAsync(host, email, "removed"));
        await window.FollowAsync("Bea Able");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("You cannot pause or remove yourself");
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "Remove user" })).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Publish_S2_6_S3_2_S3_3_Fifty_are_on_a_page_and_support_sees_organisations_and_the_last_sign_in()
    {
        await using var host = await app.StartAsync(
            new() { ["ROLLCALL_PRESET"] = "publish", ["Rollcall:ServiceName"] = "Rollcall" }
        ); // what is set elsewhere counts more
        var organisation = await host.MakeOrganisationAsync("Hillview School");
        foreach (var i in Enumerable.Range(0, 51))
        {
            await host.MemberOfAsync(organisation, $"Person {i:00}", "Same");
        }

        var support = await host.SupportAsync();
        var list = await support.GetAsync(Links.Users(organisation.Id));
        Assert.Equal(50, list.Texts("tbody tr").Count);
        var person = await list.FollowAsync("Person 00 Same");
        Assert.Equal(
            ("Hillview School", "Never signed in"),
            (person.Value("Organisations"), person.Value("Last sign-in").Split(" See")[0])
        );
        // A person who signs in with a provider has no link that expires.
        Assert.Null(await host.InDbAsync(db => db.Memberships.Select(m => m.ExpiresAt).FirstAsync()));
    }

    [Fact]
    public async Task Claim_S1_4_S1_5_S1_7_Support_sees_three_details_twenty_five_on_a_page_and_one_link_in_each_row()
    {
        await using var host = await StartAsync("claim");
        var organisation = await host.MakeOrganisationAsync("Hillview School");
        foreach (var i in Enumerable.Range(0, 26))
        {
            await host.MemberOfAsync(organisation, $"Person {i:00}", "Same");
        }

        await using var window = await browser.OpenAsync(host.Address, Device.Desktop);
        await window.SignInAsync((await host.MakeUserAsync(support: true)).Email);
        await window.GoAsync(Links.Users(organisation.Id));
        Assert.Equal(25, await window.Page.Locator("tbody tr").CountAsync());
        Assert.Equal(25, await window.Page.Locator("tbody a").CountAsync());
        await window.FollowAsync("Person 00 Same");
        var keys = await window.Page.Locator("dt").AllInnerTextsAsync();
        Assert.Equal(["First name", "Last name", "Email address"], keys.Take(3));
        Assert.DoesNotContain("Organisations", keys);
        Assert.DoesNotContain("Last sign-in", keys);
    }

    [Theory]
    [InlineData(Device.Desktop)]
    [InlineData(Device.Phone)]
    [InlineData(Device.PhoneWithoutScripts)]
    public async Task Onboarding_S4_1_S4_2_S4_3_S4_4_S4_5_S4_6_S4_8_S4_9_S4_13_S4_15_S4_16_An_elevated_user_invites_many_and_sees_where_each_stands(
        Device device
    )
    {
        await using var host = await StartAsync("onboarding");
        var organisation = await host.MakeOrganisationAsync("Formulae");
        var me = await host.AdminOfAsync(organisation, "Ella", "Elevated");
        await host.MakeAreaAsync(organisation, "Finance");
        var emails = Enumerable.Range(0, 9).Select(_ => Some.Email()).ToList();
        await using var window = await browser.OpenAsync(host.Address, device);
        var page = window.Page;
        await window.SignInAsync(me.Email);
        await window.FollowAsync("Users");
        await window.PressAsync("Invite users");
        await window.FillAsync(
            "Email addresses",
            $"{string.Join(", ", emails.Take(4))}\n{string.Join('\n', emails.Skip(4))}\n{me.Email}\nnot.an.address"
        );
        if (device != Device.PhoneWithoutScripts)
        {
            await Assertions
                .Expect(page.Locator(".govuk-character-count__message").First)
                .ToContainTextAsync("10 email addresses recognised. 1 we do not recognise, on line 8.");
        }

        await page.GetByLabel("Finance", new() { Exact = true }).CheckAsync();
        await page.GetByLabel("User", new() { Exact = true }).CheckAsync();
        await window.PressAsync("Continue");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("We found 10 email addresses.");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("Line 8: not.an.address");
        await window.PressAsync("Send 9 invitations");
        await Assertions.Expect(page.Locator(".govuk-panel__title")).ToHaveTextAsync("9 invitations sent");
        await Assertions.Expect(page.Locator("tbody tr")).ToHaveCountAsync(2);
        await Assertions.Expect(page.Locator("tbody")).ToContainTextAsync("Already in Formulae");
        await window.PressAsync("Send more invites");
        await Assertions.Expect(page.GetByLabel("Email addresses", new() { Exact = true })).ToHaveValueAsync("");

        await window.GoAsync(Links.Users(organisation.Id));
        await window.FollowAsync("Pending (9)");
        Assert.Equal(9, await page.Locator("tbody tr").CountAsync());
        await page.GetByRole(AriaRole.Link, new() { Name = $"Pause {emails[0]}", Exact = true }).ClickAsync();
        await window.PressAsync("Pause user");
        await window.GoAsync(Links.Users(organisation.Id));
        await Assertions.Expect(page.Locator(".rollcall-filters")).ToContainTextAsync("Inactive (1)");
        Assert.Equal(
            9,
            await host.InDbAsync(db =>
                db.OutgoingMessages.CountAsync(m => m.Kind == "added" && emails.Contains(m.ToAddress))
            )
        );
    }
}
