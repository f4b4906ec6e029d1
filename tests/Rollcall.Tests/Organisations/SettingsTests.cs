using Microsoft.EntityFrameworkCore;
using Rollcall.History;
using Rollcall.Model;
using Rollcall.Tests.SignIn;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Organisations;

/// <summary>
/// What is decided for one organisation: its name and code, how much it may send, how its people sign in.
/// </summary>
public sealed class SettingsTests(TheApp app)
{
    [Fact]
    public async Task S3_1_Support_changes_name_code_and_limit_and_the_limit_holds()
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        var other = await app.Main.MakeOrganisationAsync();
        var support = await app.SupportAsync();
        await app.InDbAsync(db =>
            db.Organisations.Where(o => o.Id == other.Id)
                .ExecuteUpdateAsync(o => o.SetProperty(x => x.Code, $"T{other.Id:N}"))
        );
        var form = await (await support.GetAsync(Links.Organisation(organisation.Id))).FollowAsync(
            "Change the organisation"
        );
        Assert.Equal(
            ["Enter a name", "Daily limit for bulk invitations must be a whole number between 0 and 1,000,000"],
            (await form.SubmitAsync("Save", new() { ["Name"] = " ", ["BulkInvitationsADay"] = "many" })).Errors
        );
        var taken = await form.SubmitAsync("Save", new() { ["Name"] = "Kept", ["Code"] = $"t{other.Id:N}" });
        Assert.Equal(["An organisation with this code already exists"], taken.Errors);
        Assert.Equal("Kept", taken.Field("Name"));

        var name = Some.Name("Renamed");
        var saved = await form.SubmitAsync(
            "Save",
            new()
            {
                ["Name"] = name,
                ["Code"] = $"N{organisation.Id:N}",
                ["BulkInvitationsADay"] = "1",
            }
        );
        Assert.Equal((name, $"{name} has been changed."), (saved.Heading, saved.Banner));
        var record = await app.InDbAsync(db =>
            db.AuditEvents.SingleAsync(e =>
                e.OrganisationId == organisation.Id && e.Kind == Event.KindOf<OrganisationChanged>()
            )
        );
        Assert.Contains(name, record.Data, StringComparison.Ordinal);
        Assert.Contains(organisation.Name, record.Data, StringComparison.Ordinal);
        await (await saved.FollowAsync("Change the organisation")).SubmitAsync("Save"); // the same again
        Assert.Equal(
            1,
            await app.InDbAsync(db =>
                db.AuditEvents.CountAsync(e =>
                    e.OrganisationId == organisation.Id && e.Kind == Event.KindOf<OrganisationChanged>()
                )
            )
        );

        var invite = await (await support.GetAsync(Links.InviteUsers(organisation.Id))).SubmitAsync(
            "Continue",
            new() { ["Addresses"] = $"{Some.Email()} {Some.Email()}", ["Role"] = Roles.Member }
        );
        Assert.Contains(
            "can invite 1 people a day",
            Assert.Single((await invite.SubmitAsync("Send 2 invitations")).Errors),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task C7_An_organisation_chooses_how_its_people_sign_in()
    {
        var (admin, organisation) = await PasswordSignInTests.PersonAsync(app.Main, Roles.Admin);
        using var client = app.Client();
        await PasswordSignInTests.SignInAsync(client, admin.Email);
        var form = await (await client.GetAsync(Links.Organisation(organisation.Id))).FollowAsync("How people sign in");
        Assert.Equal(
            ["password", IdentityProvider.Key],
            form.Document.QuerySelectorAll("input[name='Ways'][checked]").Select(i => i.GetAttribute("value"))
        );
        var (path, fields) = form.Form("Save");
        fields.Remove("Ways");
        Assert.Equal(["Select at least one way to sign in"], (await client.PostAsync(path, fields)).Errors);
        Assert.Contains(
            "you will lock yourself out",
            Assert.Single((await client.PostAsync(path, new(fields) { ["Ways"] = IdentityProvider.Key })).Errors),
            StringComparison.Ordinal
        );
        Assert.Null(await WaysAsync(organisation));

        Assert.Equal(
            "How people sign in has been changed.",
            (await client.PostAsync(path, new(fields) { ["Ways"] = "password" })).Banner
        );
        Assert.Equal(["password"], (await WaysAsync(organisation))!);
        var support = await app.SupportAsync();
        var theirs = await support.GetAsync(Links.SignInRules(organisation.Id));
        (path, fields) = theirs.Form("Save");
        await support.PostAsync(path, new(fields) { ["Ways"] = IdentityProvider.Key });
        Assert.Contains(
            "sign in",
            (await client.GetAsync(Links.Organisation(organisation.Id))).Heading,
            StringComparison.OrdinalIgnoreCase
        ); // at the next request
        Assert.NotEqual(organisation.Name, (await client.GetAsync(Links.Organisation(organisation.Id))).Heading);
        Assert.Equal(
            2,
            await app.InDbAsync(db =>
                db.AuditEvents.CountAsync(e =>
                    e.OrganisationId == organisation.Id && e.Kind == Event.KindOf<SignInMethodsChanged>()
                )
            )
        );
    }

    [Fact]
    public async Task Trust42_Allowing_more_ways_again_asks_who_it_is()
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        var admin = await app.Main.AdminOfAsync(organisation);
        await app.InDbAsync(db =>
            db.Organisations.Where(o => o.Id == organisation.Id)
                .ExecuteUpdateAsync(o => o.SetProperty(x => x.SignInMethods, new[] { "password" }))
        );
        var client = await app.Client().SignInAsync(admin.Email);
        var (path, fields) = (await client.GetAsync(Links.SignInRules(organisation.Id))).Form("Save");
        await app.InDbAsync(db =>
            db.Database.ExecuteSqlAsync(
                $"update sessions set confirmed_at = now() - interval '1 day' where user_id = {admin.Id}"
            )
        );
        fields["Ways"] = IdentityProvider.Key;
        Assert.StartsWith("/sign-in?again=true", (await client.PostAsync(path, fields)).Path, StringComparison.Ordinal);
        Assert.Equal(["password"], (await WaysAsync(organisation))!);
        Assert.StartsWith(
            "/sign-in?again=true",
            (await client.GetAsync(Links.SignInRules(organisation.Id))).Path,
            StringComparison.Ordinal
        ); // before anything is answered
    }

    private Task<string[]?> WaysAsync(Organisation organisation) =>
        app.InDbAsync(db =>
            db.Organisations.Where(o => o.Id == organisation.Id).Select(o => o.SignInMethods).SingleAsync()
        );

    [Fact]
    public async Task S3_1_A_way_to_sign_in_that_the_service_no_longer_has_is_forgotten_at_the_next_change()
    {
        await using var host = await app.StartAsync([]); // passwords and nothing else
        var organisation = await host.MakeOrganisationAsync();
        var support = await host.SupportAsync();
        await host.InDbAsync(db =>
            db.Organisations.Where(o => o.Id == organisation.Id)
                .ExecuteUpdateAsync(o => o.SetProperty(x => x.SignInMethods, ["gone"]))
        );
        await (await support.GetAsync(Links.SignInRules(organisation.Id))).SubmitAsync(
            "Save",
            new() { ["SecondFactor"] = "no" }
        );
        Assert.Null(
            await host.InDbAsync(db =>
                db.Organisations.Where(o => o.Id == organisation.Id).Select(o => o.SignInMethods).SingleAsync()
            )
        );
    }
}
