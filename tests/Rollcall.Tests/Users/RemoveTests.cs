using System.Net;
using Microsoft.EntityFrameworkCore;
using Rollcall.History;
using Rollcall.Model;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Users;

public sealed class RemoveTests(TheApp app)
{
    private async Task<(Client Support, Organisation Organisation, User User)> StartAsync()
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        var user = await app.Main.MemberOfAsync(organisation, "Ada", "Lovelace");
        return (await app.SupportAsync(), organisation, user);
    }

    private Task<bool> BelongsAsync(User user, Organisation organisation) =>
        app.InDbAsync(db =>
            db.Memberships.AnyAsync(m =>
                m.UserId == user.Id && m.OrganisationId == organisation.Id && m.RemovedAt == null
            )
        );

    private Task<int> RemovalEmailsAsync(User user) =>
        app.InDbAsync(db => db.OutgoingMessages.CountAsync(m => m.ToAddress == user.Email && m.Kind == "removed"));

    [Fact]
    public async Task S1_18_S1_6_S3_5_S3_6_G1_Removes_a_user_from_the_details_page_after_a_confirmation()
    {
        var (support, organisation, user) = await StartAsync();
        var details = await support.GetAsync(Links.User(organisation.Id, user.Id));
        var confirm = await details.FollowAsync("Remove user Ada Lovelace");
        Assert.Equal($"{organisation.Name} Are you sure you want to remove Ada Lovelace?", confirm.Heading);
        Assert.Contains($"We’ll email {user.Email}", confirm.Text(), StringComparison.Ordinal);
        Assert.Equal(details.Path, (await confirm.FollowAsync("Cancel")).Path);
        Assert.True(await BelongsAsync(user, organisation)); // looking changes nothing
        var list = await confirm.SubmitAsync("Remove user");
        Assert.Contains("Ada Lovelace has been removed", list.Banner, StringComparison.Ordinal);
        Assert.False(await BelongsAsync(user, organisation));
        Assert.Equal(1, await RemovalEmailsAsync(user));
    }

    [Fact]
    public async Task S3_5_G8_Other_memberships_stay_and_a_user_without_any_still_exists()
    {
        var (support, organisation, user) = await StartAsync();
        var elsewhere = await app.Main.MakeOrganisationAsync();
        await app.Main.JoinAsync(user, elsewhere);
        var them = await app.Client().SignInAsync(user.Email);
        await (await support.GetAsync(Links.RemoveUser(organisation.Id, user.Id))).SubmitAsync("Remove user");
        Assert.True(await BelongsAsync(user, elsewhere));
        Assert.Equal(
            Links.OrganisationsAfter(organisation.Id),
            (await them.GetAsync(Links.Organisation(organisation.Id))).Path
        ); // G9: at the next request
        await them.GetAsync(Links.Organisation(elsewhere.Id));

        await (await support.GetAsync(Links.RemoveUser(elsewhere.Id, user.Id))).SubmitAsync("Remove user");
        var home = await them.GetAsync("/");
        Assert.Contains($"as {user.Email}. You may have been removed", home.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task G6_Removing_twice_at_once_or_later_is_a_success_with_one_email()
    {
        var (support, organisation, user) = await StartAsync();
        var confirm = await support.GetAsync(Links.RemoveUser(organisation.Id, user.Id));
        var pages = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => confirm.SubmitAsync("Remove user")));
        Assert.All(pages, page => Assert.Contains("been removed", page.Banner, StringComparison.Ordinal));
        Assert.Single(pages, page => page.Banner!.Contains(user.Email, StringComparison.Ordinal));
        await app.InDbAsync(db =>
            db.Users.Where(u => u.Id == user.Id).ExecuteUpdateAsync(u => u.SetProperty(x => x.FirstName, "Secret"))
        );
        // J5: nothing of who they are by now
        Assert.Equal("The user has already been removed.", (await confirm.SubmitAsync("Remove user")).Banner);
        Assert.Equal(1, await RemovalEmailsAsync(user));
        Assert.Equal(
            1,
            await app.InDbAsync(db =>
                db.AuditEvents.CountAsync(e => e.UserId == user.Id && e.Kind == Event.KindOf<MemberRemoved>())
            )
        );
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task S3_7_S2_11_G2_G3_No_one_can_remove_themselves_on_the_page_or_on_the_server(bool support)
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        var viewer = await app.Main.MakeUserAsync(support: support);
        await app.Main.JoinAsync(viewer, organisation, Roles.Admin);
        var other = await app.Main.MemberOfAsync(organisation);
        var client = await app.Client().SignInAsync(viewer.Email);
        var details = await client.GetAsync(Links.User(organisation.Id, viewer.Id));
        Assert.DoesNotContain(details.Texts("a"), text => text.StartsWith("Remove user", StringComparison.Ordinal));
        var (_, fields) = (await client.GetAsync(Links.RemoveUser(organisation.Id, other.Id))).Form("Remove user");
        foreach (
            var path in new[]
            {
                Links.RemoveUser(organisation.Id, viewer.Id),
                Links.RemoveUser(organisation.Id, viewer.Id).ToUpperInvariant(),
                $"/organisations/{organisation.Id:N}/users/{viewer.Id:B}/remove",
            }
        )
        {
            Assert.Equal("You cannot remove yourself", (await client.GetAsync(path, HttpStatusCode.Forbidden)).Heading);
            Assert.Equal(
                "You cannot remove yourself",
                (await client.PostAsync(path, fields, HttpStatusCode.Forbidden)).Heading
            );
        }
        Assert.True(await BelongsAsync(viewer, organisation));
    }

    [Fact]
    public async Task G1_J3_Removing_without_the_forms_token_is_refused()
    {
        var (support, organisation, user) = await StartAsync();
        await support.PostAsync(Links.RemoveUser(organisation.Id, user.Id), [], HttpStatusCode.BadRequest);
        var someoneElses = (await (await app.SupportAsync()).GetAsync(Links.RemoveUser(organisation.Id, user.Id))).Form(
            "Remove user"
        );
        await support.PostAsync(
            Links.RemoveUser(organisation.Id, user.Id),
            someoneElses.Fields,
            HttpStatusCode.BadRequest
        );
        Assert.True(await BelongsAsync(user, organisation));
    }

    [Fact]
    public async Task Trust22_What_the_form_says_about_whom_it_is_for_is_ignored()
    {
        var (support, organisation, user) = await StartAsync();
        var other = await app.Main.MemberOfAsync(organisation);
        await (await support.GetAsync(Links.RemoveUser(organisation.Id, user.Id))).SubmitAsync(
            "Remove user",
            new() { ["userId"] = other.Id.ToString() }
        );
        Assert.Equal((false, true), (await BelongsAsync(user, organisation), await BelongsAsync(other, organisation)));
    }
}
