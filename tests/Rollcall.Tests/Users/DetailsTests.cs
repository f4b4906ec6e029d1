using System.Net;
using Microsoft.EntityFrameworkCore;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Users;

public sealed class DetailsTests(TheApp app)
{
    [Fact]
    public async Task S1_7_S1_8_S3_3_Support_sees_the_details_the_organisations_and_the_last_sign_in()
    {
        var b = await app.Main.MakeOrganisationAsync(Some.Name("B school"));
        var a = await app.Main.MakeOrganisationAsync(Some.Name("A school"));
        var user = await app.Main.MemberOfAsync(b, "Ada", "Lovelace");
        await app.Main.JoinAsync(user, a);
        var support = await app.SupportAsync();
        var page = await support.GetAsync(Links.User(b.Id, user.Id));
        Assert.Equal(
            ("Ada", "Lovelace", user.Email),
            (page.Value("First name"), page.Value("Last name"), page.Value("Email address"))
        );
        Assert.Equal($"{a.Name} {b.Name}", page.Value("Organisations"));
        Assert.Equal("Never signed in", page.Value("Last sign-in"));
        Assert.True(page.HasLink("Remove user Ada Lovelace"));
        Assert.False(page.HasLink("Change organisations"));
    }

    [Theory]
    [InlineData("2026-07-01T11:05:00Z", "12:05pm on 1 July 2026")]
    [InlineData("2026-01-01T00:00:00Z", "midnight on 1 January 2026")]
    [InlineData("2026-01-01T12:00:00Z", "midday on 1 January 2026")]
    [InlineData("2026-01-01T17:30:00Z", "5:30pm on 1 January 2026")]
    [InlineData("2026-10-25T00:59:00Z", "1:59am on 25 October 2026")]
    [InlineData("2026-10-25T01:00:00Z", "1am on 25 October 2026")]
    [InlineData("2026-03-29T01:00:00Z", "2am on 29 March 2026")]
    public async Task S3_3_I11_The_last_sign_in_is_in_UK_time(string instant, string shown)
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        var user = await app.Main.MemberOfAsync(organisation);
        var at = DateTimeOffset.Parse(instant, System.Globalization.CultureInfo.InvariantCulture);
        await app.InDbAsync(db =>
            db.Users.Where(u => u.Id == user.Id).ExecuteUpdateAsync(u => u.SetProperty(x => x.LastSignedInAt, at))
        );
        Assert.Equal(
            shown,
            (await (await app.SupportAsync()).GetAsync(Links.User(organisation.Id, user.Id))).Value("Last sign-in")
        );
    }

    [Fact]
    public async Task J5_An_organisations_admin_sees_nothing_of_other_organisations()
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        var elsewhere = await app.Main.MakeOrganisationAsync();
        var admin = await app.Main.AdminOfAsync(organisation);
        var user = await app.Main.MemberOfAsync(organisation);
        await app.Main.JoinAsync(user, elsewhere);
        var page = await (await app.Client().SignInAsync(admin.Email)).GetAsync(Links.User(organisation.Id, user.Id));
        Assert.DoesNotContain(elsewhere.Name, page.Text("body"), StringComparison.Ordinal);
        Assert.Equal(["First name", "Last name", "Email address", "Status", "Role"], page.Texts("dt"));
    }

    [Fact]
    public async Task J1_J2_A_user_of_another_organisation_answers_like_a_user_who_does_not_exist()
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        var elsewhere = await app.Main.MakeOrganisationAsync();
        var user = await app.Main.MemberOfAsync(elsewhere);
        var support = await app.SupportAsync();
        foreach (
            var link in new Func<Guid, string>[]
            {
                id => Links.User(organisation.Id, id),
                id => Links.EditUser(organisation.Id, id),
                id => Links.RemoveUser(organisation.Id, id),
                id => Links.CheckEditedUser(organisation.Id, id, Guid.Empty),
            }
        )
        {
            var theirs = await support.GetAsync(link(user.Id), HttpStatusCode.NotFound);
            var missing = await support.GetAsync(link(Guid.NewGuid()), HttpStatusCode.NotFound);
            Assert.Equal(missing.Document.Body!.InnerHtml, theirs.Document.Body!.InnerHtml);
        }
    }

    [Fact]
    public async Task J6_The_history_tells_support_what_happened_in_words()
    {
        var support = await app.SupportAsync();
        var organisation = await app.Main.MakeOrganisationAsync();
        var email = Some.Email();
        await support.AddUserAsync(organisation, email);
        var user = await app.InDbAsync(db => db.Users.SingleAsync(u => u.Email == email));
        await (
            await (await support.GetAsync(Links.EditUser(organisation.Id, user.Id))).SubmitAsync(
                "Continue",
                new() { ["LastName"] = "King" }
            )
        ).SubmitAsync("Save changes");
        await app.Client().SignInAsync(email);
        var page = (await support.GetAsync(Links.User(organisation.Id, user.Id))).Text();
        Assert.Contains($"Jo Bloggs added them to {organisation.Name}", page, StringComparison.Ordinal);
        Assert.Contains("Jo Bloggs changed their last name from Lovelace to King", page, StringComparison.Ordinal);
        Assert.Contains("Created their account", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task J6_A_record_of_what_happened_cannot_be_changed_or_removed()
    {
        var user = await app.Main.MakeUserAsync();
        await app.Client().SignInAsync(user.Email);
        foreach (
            var sql in new[]
            {
                "update audit_events set kind = 'x'",
                "delete from audit_events",
                "truncate audit_events",
            }
        )
        {
            Assert.Contains(
                "append-only",
                (await Assert.ThrowsAsync<Npgsql.PostgresException>(() => app.Main.AsOwnerAsync(sql))).Message,
                StringComparison.Ordinal
            );
            var refused = await Assert.ThrowsAsync<Npgsql.PostgresException>(() =>
                app.InDbAsync(db => db.Database.ExecuteSqlRawAsync(sql))
            );
            Assert.Equal("permission denied for table audit_events", refused.MessageText);
        }
    }

    [Fact]
    public async Task J5_S0_5_An_admin_reads_what_happened_here_and_nothing_of_elsewhere_or_of_who_support_are()
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        var elsewhere = await app.Main.MakeOrganisationAsync();
        var admin = await app.Main.AdminOfAsync(organisation, "Ann", "Admin");
        var client = await app.Client().SignInAsync(admin.Email);
        var support = await app.Client()
            .SignInAsync((await app.Main.MakeUserAsync("Secret", "Helper", support: true)).Email);
        var email = Some.Email();
        await support.AddUserAsync(organisation, email, "Zoë", "O’Brien");
        var user = await app.InDbAsync(db => db.Users.SingleAsync(u => u.Email == email));
        await app.Client().SignInAsync(email);
        await (await client.GetAsync(Links.PauseUser(organisation.Id, user.Id))).SubmitAsync(
            "Pause user",
            new() { ["Reason"] = "On leave" }
        );
        var page = await client.GetAsync(Links.User(organisation.Id, user.Id));
        Assert.Contains(
            $"Ann Admin paused their access to {organisation.Name}: On leave",
            page.Text(),
            StringComparison.Ordinal
        );
        Assert.Contains($"The support team added them to {organisation.Name}", page.Text(), StringComparison.Ordinal);
        Assert.Contains("Last signed in", page.Text(), StringComparison.Ordinal);
        Assert.DoesNotContain("Secret Helper", page.Text(), StringComparison.Ordinal);

        await app.Main.JoinAsync(user, elsewhere);
        await (await support.GetAsync(Links.PauseUser(elsewhere.Id, user.Id))).SubmitAsync(
            "Pause user",
            new() { ["Reason"] = "Elsewhere’s own" }
        );
        page = await client.GetAsync(Links.User(organisation.Id, user.Id));
        Assert.DoesNotContain("Elsewhere’s own", page.Text(), StringComparison.Ordinal);
        // it may have been for the other organisation
        Assert.DoesNotContain("igned in", page.Text(), StringComparison.Ordinal);
    }
}
