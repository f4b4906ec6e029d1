using Microsoft.Playwright;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Journeys;

public sealed class PrintingTests(TheApp app, Browser browser)
{
    [Fact]
    public async Task A_printed_list_has_no_address_behind_its_links()
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        var admin = await app.Main.AdminOfAsync(organisation);
        await app.Main.MemberOfAsync(organisation, "Ada", "King");
        await using var window = await browser.OpenAsync(app.Main.Address, Device.Desktop);
        await window.SignInAsync(admin.Email);
        await window.Page.EmulateMediaAsync(new() { Media = Media.Print });
        foreach (var path in new[] { Links.Users(organisation.Id), Links.User(organisation.Id, admin.Id), "/help" })
        {
            await window.GoAsync(path);
            var printed = await window.Page.EvaluateAsync<string[]>(
                """
                [...document.links].filter(link => getComputedStyle(link, '::after').content.includes('/'))
                    .map(link => link.textContent)
                """
            );
            Assert.Empty(printed);
        }
    }
}
