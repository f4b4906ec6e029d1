using Rollcall.Tests.Support;

namespace Rollcall.Tests.Web;

public sealed class FormAddressTests(TheApp app, Browser browser)
{
    [Theory]
    [InlineData(Device.Desktop)]
    [InlineData(Device.PhoneWithoutScripts)]
    public async Task U2_After_an_error_the_address_names_no_field_and_the_error_summary_has_the_focus(Device device)
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        var support = await app.Main.MakeUserAsync(support: true);
        await using var window = await browser.OpenAsync(app.Main.Address, device);
        await window.SignInAsync(support.Email);
        await window.GoAsync(Links.AddUser(organisation.Id) + "#LastName");
        await window.PressAsync("Continue");
        Assert.DoesNotContain("#", window.Page.Url, StringComparison.Ordinal);
        Assert.Equal(1, await window.Page.Locator(".govuk-error-summary").CountAsync());
        if (device == Device.Desktop)
        {
            await window.Page.Locator(".govuk-error-summary:focus").WaitForAsync();
        }
    }

    [Fact]
    public async Task U2_A_form_goes_to_its_own_page_and_keeps_the_question_in_the_address()
    {
        var page = await app.Client().GetAsync("/sign-in?returnUrl=%2Faccount");
        Assert.Equal(
            "/sign-in?returnUrl=%2Faccount",
            page.Document.QuerySelector("form[method=post]")!.GetAttribute("action")
        );
        var support = await app.SupportAsync();
        Assert.Equal(
            "/organisations",
            (await support.GetAsync("/organisations?search=x&page=2"))
                .Document.QuerySelector("form[role=search]")
                ?.GetAttribute("action")
                ?? "/organisations"
        );
    }
}
