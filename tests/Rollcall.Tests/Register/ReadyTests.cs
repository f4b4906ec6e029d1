using Microsoft.EntityFrameworkCore;
using Rollcall.Model;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Register;

/// <summary>The last page of registration.</summary>
public sealed class ReadyTests(TheApp app)
{
    private static async Task<Page> RegisterAsync(Instance host, Invited invited) =>
        await (await (await host.Client().GetAsync(invited.Link)).FollowAsync("Create an account")).SubmitAsync(
            "Continue",
            RegisterTests.Answers()
        );

    [Fact]
    public async Task The_last_page_says_what_the_service_is_for_leads_there_and_names_who_manages_users()
    {
        await using var host = await app.StartAsync(
            new(StringComparer.Ordinal)
            {
                ["Rollcall:ServiceUrl"] = "https://service.example/start",
                ["Rollcall:ServicePurpose"] = "order books",
            }
        );
        var organisation = await host.MakeOrganisationAsync();
        var admin = await host.AdminOfAsync(organisation, "Samira", "Khan");
        var waiting = await host.AdminOfAsync(organisation, "Not", "Here", registered: false);
        var ready = await RegisterAsync(host, await host.InviteAsync(organisation));
        Assert.Equal("Your account is ready", ready.Heading);
        Assert.Contains("You can use Rollcall to order books.", ready.Text(), StringComparison.Ordinal);
        Assert.Equal("https://service.example/start", ready.Href("Go to Rollcall"));
        Assert.Contains(
            $"Samira Khan can add, change and remove users at {organisation.Name}.",
            ready.Text(),
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("Not Here", ready.Text(), StringComparison.Ordinal);
        var page = Links.Organisation(organisation.Id);
        Assert.Equal("https://service.example/start", (await ready.Client.GetAsync(page)).Href("Go to Rollcall"));
        using var admins = await host.Client().SignInAsync(admin.Email);
        Assert.Equal("https://service.example/start", (await admins.GetAsync(page)).Href("Go to Rollcall"));
        using var support = await host.SupportAsync();
        Assert.False((await support.GetAsync(page)).HasLink("Go to Rollcall"));
    }

    [Fact]
    public async Task Without_the_services_address_the_page_leads_to_the_organisation_and_an_admin_to_its_users()
    {
        var invited = await app.Main.InviteAsync(role: Roles.Admin);
        var ready = await RegisterAsync(app.Main, invited);
        Assert.Equal(invited.Organisation.Name, (await ready.FollowAsync("Continue")).Heading);
        Assert.Equal(Links.Users(invited.Organisation.Id), ready.Href($"manage users at {invited.Organisation.Name}"));
    }

    [Fact]
    public async Task No_one_sees_the_last_page_before_they_have_an_account()
    {
        Assert.Equal("Sign in", (await app.Client().GetAsync("/account/ready")).Heading);
        var strict = await app.Main.InviteAsync(secondFactor: true);
        var half = await RegisterAsync(app.Main, strict);
        Assert.Equal("Choose how to get security codes", (await half.Client.GetAsync("/account/ready")).Heading);
    }

    [Fact]
    public async Task Trust18_An_admin_who_has_not_come_is_not_named_and_the_others_can_do_what_the_settings_say()
    {
        await using var host = await app.StartAsync(
            new() { ["Rollcall:Organisation:EditName"] = "Never", ["Rollcall:Organisation:EditEmail"] = "Never" }
        );
        var organisation = await host.MakeOrganisationAsync();
        var known = await host.AdminOfAsync(organisation, "Nia", "Lloyd");
        await host.InDbAsync(db =>
            db.Memberships.Where(m => m.UserId == known.Id)
                .ExecuteUpdateAsync(m =>
                    m.SetProperty(x => x.Awaited, true)
                        .SetProperty(x => x.TypedFirstName, "Pat")
                        .SetProperty(x => x.TypedLastName, "Person")
                        .SetProperty(x => x.TypedEmail, known.Email)
                )
        );
        var alone = await RegisterAsync(host, await host.InviteAsync(organisation));
        Assert.DoesNotContain("Nia", alone.Text(), StringComparison.Ordinal);
        Assert.Contains(
            $"If your details or your access at {organisation.Name} are wrong, ask the support team.",
            alone.Text(),
            StringComparison.Ordinal
        );

        foreach (var name in new[] { "Ann", "Bea", "Cy" })
        {
            await host.AdminOfAsync(organisation, name, "Able");
        }

        var ready = await RegisterAsync(host, await host.InviteAsync(organisation));
        Assert.Contains(
            $"Ann Able, Bea Able and Cy Able can add and remove users at {organisation.Name}. Ask them if "
                + "your details or access are wrong.",
            ready.Text(),
            StringComparison.Ordinal
        );
    }
}
