using System.Net;
using Microsoft.EntityFrameworkCore;
using Rollcall.History;
using Rollcall.Model;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Users;

/// <summary>What is hard to undo says what it will do to whom, and happens only after confirming.</summary>
public sealed class ConfirmationTests(TheApp app)
{
    private static void IsConfirmation(Page page, string heading, string button, string cancel)
    {
        Assert.EndsWith(heading, page.Heading, StringComparison.Ordinal);
        Assert.Equal([button], page.Texts("button.govuk-button--warning"));
        Assert.Equal(cancel, page.Href("Cancel"));
    }

    [Fact]
    public async Task U8_Pausing_a_whole_account_is_confirmed_on_a_page_that_says_what_happens_where()
    {
        var one = await app.Main.MakeOrganisationAsync();
        var two = await app.Main.MakeOrganisationAsync();
        var person = await app.Main.MemberOfAsync(one, "Ada", "King");
        await app.Main.JoinAsync(person, two, Roles.Admin);
        var support = await app.SupportAsync();
        var page = await support.GetAsync(Links.Person(person.Id));
        Assert.Empty(page.Document.QuerySelectorAll("main form"));
        var confirm = await page.FollowAsync("Pause account");
        IsConfirmation(
            confirm,
            "Are you sure you want to pause Ada King’s account?",
            "Pause account",
            Links.Person(person.Id)
        );
        string[] names = [one.Name, two.Name];
        Assert.Equal(names.Order(StringComparer.Ordinal), confirm.Texts("main li").Order(StringComparer.Ordinal));
        Assert.Contains("signed out", confirm.Text(), StringComparison.Ordinal);
        Assert.Contains(
            $"is the only person who can manage users at {two.Name}",
            confirm.Text(),
            StringComparison.Ordinal
        );
        Assert.Null(await PausedAsync(person)); // looking pauses no one
        await support.PostAsync(
            Links.Person(person.Id),
            confirm.Form("Pause account").Fields,
            HttpStatusCode.MethodNotAllowed
        );
        Assert.Null(await PausedAsync(person));

        var paused = await confirm.SubmitAsync("Pause account", new() { ["Reason"] = "Phished" });
        Assert.NotNull(await PausedAsync(person));
        await confirm.SubmitAsync("Pause account"); // a second click
        Assert.Equal(
            1,
            await app.InDbAsync(db =>
                db.AuditEvents.CountAsync(e => e.UserId == person.Id && e.Kind == Event.KindOf<AccountPaused>())
            )
        );
        var again = await support.GetAsync($"{Links.Person(person.Id)}/pause");
        Assert.Equal(Links.Person(person.Id), again.Path); // is paused already
        var resume = await paused.FollowAsync("Resume account");
        Assert.Equal(Links.Person(person.Id), resume.Href("Cancel"));
        Assert.NotNull(await PausedAsync(person));
        await resume.SubmitAsync("Resume account");
        Assert.Null(await PausedAsync(person));
    }

    private Task<DateTimeOffset?> PausedAsync(User user) =>
        app.InDbAsync(db => db.Users.Where(u => u.Id == user.Id).Select(u => u.PausedAt).SingleAsync());

    [Fact]
    public async Task U8_Signing_out_everywhere_is_confirmed_on_a_page_that_names_the_devices()
    {
        var user = await app.Main.MakeUserAsync();
        var here = await app.Client().SignInAsync(user.Email);
        var there = await app.Client().SignInAsync(user.Email);
        await app.InDbAsync(db =>
            db.Database.ExecuteSqlAsync(
                $"update sessions set user_agent = 'Firefox/150 (Windows)' where user_id = {user.Id}"
            )
        );
        Task<int> SessionsAsync() =>
            app.InDbAsync(db =>
                db.Database.SqlQuery<int>(
                        $"""select count(*)::int as "Value" from sessions where user_id = {user.Id}"""
                    )
                    .SingleAsync()
            );
        var confirm = await (await here.GetAsync(Links.Sessions)).FollowAsync("Sign out everywhere");
        IsConfirmation(confirm, "Are you sure you want to sign out everywhere?", "Sign out everywhere", Links.Sessions);
        var devices = confirm.Texts("main li");
        Assert.Equal(2, devices.Count(device => device.StartsWith("Firefox on Windows", StringComparison.Ordinal)));
        Assert.Equal(2, await SessionsAsync());
        Assert.Equal("Sign in", (await confirm.SubmitAsync("Sign out everywhere")).Heading);
        Assert.Equal(0, await SessionsAsync());
        Assert.Equal("Sign in", (await there.GetAsync(Links.Account)).Heading);
    }

    [Fact]
    public async Task U8_Removing_a_service_area_is_confirmed_on_a_page_that_says_who_can_use_it()
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        var limited = await app.Main.MemberOfAsync(organisation);
        var admin = await app.Main.AdminOfAsync(organisation);
        var finance = await app.Main.MakeAreaAsync(organisation, "Finance");
        var sales = await app.Main.MakeAreaAsync(organisation, "Sales");
        await app.Main.LimitAsync(limited, finance, sales);
        Task<int> AreasAsync() =>
            app.InDbAsync(db => db.ServiceAreas.CountAsync(a => a.OrganisationId == organisation.Id));
        var client = await app.Client().SignInAsync(admin.Email);
        var areas = await client.GetAsync(Links.Areas(organisation.Id));
        var confirm = await areas.FollowAsync("Remove Finance");
        IsConfirmation(
            confirm,
            "Are you sure you want to remove Finance?",
            "Remove service area",
            Links.Areas(organisation.Id)
        );
        Assert.Contains("1 person", confirm.Text(), StringComparison.Ordinal);
        Assert.Equal(2, await AreasAsync());
        Assert.Equal("Finance has been removed.", (await confirm.SubmitAsync("Remove service area")).Banner);
        Assert.Equal(1, await AreasAsync());
        var second = await confirm.SubmitAsync("Remove service area"); // a second click
        Assert.Equal(Links.Areas(organisation.Id), second.Path.Split('?')[0]);

        // Without the last one they could use everything: the page says so and offers no button.
        var last = await (await client.GetAsync(Links.Areas(organisation.Id))).FollowAsync("Remove Sales");
        Assert.Empty(last.Document.QuerySelectorAll("main button"));
        Assert.Contains(
            "1 person can use Sales and nothing else. Change their access before you remove it.",
            last.Text(),
            StringComparison.Ordinal
        );
        Assert.Equal(Links.Users(organisation.Id), last.Href($"Go to users at {organisation.Name}"));

        var elsewhere = await app.Main.MakeOrganisationAsync();
        var support = await app.SupportAsync();
        foreach (var (here, area) in new[] { (organisation, Guid.NewGuid()), (elsewhere, sales.Id) })
        {
            var path = Links.Areas(here.Id);
            Assert.Equal(path, (await support.GetAsync($"{path}/{area}/remove")).Path);
        }
    }
}
