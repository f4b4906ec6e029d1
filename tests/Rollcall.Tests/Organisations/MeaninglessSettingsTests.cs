using System.Net;
using Microsoft.EntityFrameworkCore;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Organisations;

/// <summary>What decides nothing in a service is not shown there.</summary>
public sealed class MeaninglessSettingsTests(TheApp app)
{
    [Theory]
    [InlineData("publish")]
    [InlineData("claim")]
    public async Task Where_everyone_signs_in_through_one_provider_there_is_nothing_to_set_about_it(string preset)
    {
        await using var host = await app.StartAsync(
            new() { ["ROLLCALL_PRESET"] = preset, ["Rollcall:ServiceName"] = "Rollcall" }
        );
        var organisation = await host.MakeOrganisationAsync();
        var admin = await host.MemberOfAsync(organisation);
        var client = await host.Client().SignInAsync(admin.Email);
        Assert.False((await client.GetAsync(Links.Organisation(organisation.Id))).HasLink("How people sign in"));
        await client.GetAsync(Links.SignInRules(organisation.Id), HttpStatusCode.NotFound);

        var list = await client.GetAsync(Links.Users(organisation.Id)); // no link expires, so no one is Expired
        Assert.DoesNotContain(
            list.Texts(".rollcall-filters a"),
            filter => filter.StartsWith("Expired", StringComparison.Ordinal)
        );
        var support = await host.SupportAsync();
        var ways = await support.GetAsync(Links.ResetSignIn(admin.Id, Links.Home));
        Assert.Equal(["Email address"], ways.Texts("dt"));
    }

    [Fact]
    public async Task With_providers_alone_only_the_providers_are_asked_about()
    {
        Dictionary<string, string?> settings = new() { ["Rollcall:SignIn:Passwords"] = "false" };
        foreach (var (key, i) in new[] { ("one", 0), ("two", 1) })
        {
            var provider = $"Rollcall:SignIn:Providers:{i}";
            settings[$"{provider}:Key"] = key;
            settings[$"{provider}:Name"] = key;
            settings[$"{provider}:Issuer"] = $"https://{key}.invalid";
            settings[$"{provider}:ClientId"] = "rollcall";
            settings[$"{provider}:ClientSecret"] = "secret";
        }

        await using var host = await app.StartAsync(settings);
        var organisation = await host.MakeOrganisationAsync();
        var support = await host.SupportAsync();
        var page = await support.GetAsync(Links.Organisation(organisation.Id));
        var form = await page.FollowAsync("How people sign in");
        Assert.Empty(form.Document.QuerySelectorAll("[name=SecondFactor]"));
        var saved = await form.SubmitAsync("Save", new() { ["Ways"] = "two" });
        Assert.Equal(organisation.Name, saved.Heading);
        var stored = await host.InDbAsync(db => db.Organisations.SingleAsync(o => o.Id == organisation.Id));
        Assert.Equal(["two"], stored.SignInMethods!);
        Assert.False(stored.SecondFactorRequired);
    }

    [Fact]
    public async Task A_daily_limit_that_is_not_shown_is_not_lost()
    {
        await using var host = await app.StartAsync(new() { ["Rollcall:BulkInvitations"] = "false" });
        var organisation = await host.MakeOrganisationAsync();
        var support = await host.SupportAsync();
        await host.InDbAsync(db =>
            db.Organisations.ExecuteUpdateAsync(o => o.SetProperty(x => x.BulkInvitationsADay, 7))
        );
        var form = await support.GetAsync(Links.EditOrganisation(organisation.Id));
        Assert.Empty(form.Document.QuerySelectorAll("[name=BulkInvitationsADay]"));
        await form.SubmitAsync("Save", new() { ["Name"] = "Renamed" });
        Assert.Equal(7, await host.InDbAsync(db => db.Organisations.Select(o => o.BulkInvitationsADay).SingleAsync()));
    }

    [Fact]
    public async Task S1_4_Support_has_the_actions_of_an_organisation_in_its_list()
    {
        var invited = await app.Main.InviteAsync();
        var admin = await app.Main.AdminOfAsync(invited.Organisation, "Ann", "Admin");
        var paused = await app.Main.MakeUserAsync("Pat", "Paused");
        var membership = await app.Main.JoinAsync(paused, invited.Organisation);
        await app.Main.PauseAsync(membership);
        async Task<IReadOnlyList<string>> ActionsAsync(Client client) =>
            (await client.GetAsync(Links.Users(invited.Organisation.Id))).Texts("tbody a.rollcall-action");
        var theirs = await ActionsAsync(await app.Client().SignInAsync(admin.Email));
        var support = await ActionsAsync(await app.SupportAsync());
        Assert.Equal(
            ["Pause Jo Bloggs", "Resend invitation to Jo Bloggs", "Resume Pat Paused"],
            theirs.Order(StringComparer.Ordinal)
        );
        Assert.Equal(theirs, support.Where(action => action != "Pause Ann Admin")); // not offered to Ann herself
    }
}
