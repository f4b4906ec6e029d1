using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using Rollcall.Tests.Support;
using Rollcall.Tests.Users;

namespace Rollcall.Tests.Journeys;

/// <summary>
/// What an admin does once everyone has joined: undoes a mistake, works through a long list, reviews access.
/// </summary>
public sealed class LookingAfterJourneyTests(TheApp app, Browser browser)
{
    [Theory]
    [InlineData(Device.Desktop)]
    [InlineData(Device.PhoneWithoutScripts)]
    public async Task G1_A_removal_is_undone_from_the_banner_by_keyboard(Device device)
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        var me = await app.Main.AdminOfAsync(organisation);
        var other = await app.Main.MemberOfAsync(organisation, "Ada", "Lovelace");
        await using var window = await browser.OpenAsync(app.Main.Address, device);
        await window.SignInAsync(me.Email);
        await window.GoAsync(Links.RemoveUser(organisation.Id, other.Id));
        await window.PressAsync("Remove user");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Undo removing Ada Lovelace" }).FocusAsync();
        await window.EnterAsync();
        await Assertions
            .Expect(window.Page.Locator("main > :first-child"))
            .ToContainTextAsync("Ada Lovelace has not been removed");
        Assert.Equal(
            0,
            await app.InDbAsync(db =>
                db.OutgoingMessages.CountAsync(m => m.ToAddress == other.Email && m.SupersededAt == null)
            )
        );
    }

    [Fact]
    public async Task S4_8_The_page_of_a_list_says_how_many_emails_have_been_sent_while_they_are()
    {
        await using var host = await app.StartAsync([]);
        var organisation = await host.MakeOrganisationAsync();
        var me = await host.AdminOfAsync(organisation);
        await host.InDbAsync(db =>
            db.Database.ExecuteSqlAsync(
                $"insert into outbox_pause (until, reason) values (now() + interval '1 hour', 'the test')"
            )
        );
        await using var window = await browser.OpenAsync(host.Address, Device.Desktop);
        await window.SignInAsync(me.Email);
        await window.GoAsync(Links.InviteUsers(organisation.Id));
        await window.FillAsync("Email addresses", string.Join('\n', Enumerable.Range(0, 30).Select(_ => Some.Email())));
        await window.ChooseRoleAsync();
        await window.PressAsync("Send 30 invitations");
        await Assertions.Expect(window.Page.Locator("#progress")).ToContainTextAsync("0 of 30 emails have been sent");
        Assert.Equal([], await Browser.AxeAsync(window.Page));
        await host.InDbAsync(db => db.Database.ExecuteSqlAsync($"delete from outbox_pause"));
        await Assertions
            .Expect(window.Page.Locator("#progress"))
            .ToHaveTextAsync("30 emails have been sent.", new() { Timeout = 30_000 }); // without loading the page again
        await Assertions.Expect(window.Page.GetByRole(AriaRole.Status)).ToHaveTextAsync("30 emails have been sent.");
    }

    [Theory]
    [InlineData(Device.Desktop)]
    [InlineData(Device.PhoneWithoutScripts)]
    public async Task Access_is_reviewed_person_by_person(Device device)
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        var me = await app.Main.AdminOfAsync(organisation, "Ann", "Admin");
        var olga = await app.Main.MemberOfAsync(organisation, "Olga", "Away");
        var milo = await app.Main.MemberOfAsync(organisation, "Milo", "Away");
        await app.InDbAsync(db =>
            db.Users.Where(u => u.Id == olga.Id || u.Id == milo.Id)
                .ExecuteUpdateAsync(u => u.SetProperty(x => x.LastSignedInAt, x => x.CreatedAt.AddYears(-1)))
        );
        await using var window = await browser.OpenAsync(app.Main.Address, device);
        await window.SignInAsync(me.Email);
        await window.FollowAsync("Review access");
        await window.Page.GetByLabel("Keep Olga Away").CheckAsync();
        await window.Page.GetByLabel("Remove Milo Away").CheckAsync();
        await window.PressAsync("Save");
        await Assertions
            .Expect(window.Page.Locator("h1"))
            .ToContainTextAsync("Are you sure you want to remove Milo Away?");
        await Assertions.Expect(window.Page.Locator("main")).ToContainTextAsync("1 user kept.");
        await window.PressAsync("Remove user");
        await Assertions.Expect(window.Page.Locator("main > :first-child")).ToContainTextAsync("1 user removed");
        await Assertions.Expect(window.Page.Locator("main")).ToContainTextAsync("Ann Admin removed Milo Away");
    }
}
