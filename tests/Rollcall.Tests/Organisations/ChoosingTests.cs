using System.Net;
using Microsoft.EntityFrameworkCore;
using Rollcall.Model;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Organisations;

/// <summary>Choosing between a person's organisations.</summary>
public sealed class ChoosingTests(TheApp app)
{
    private async Task<(User User, Organisation One, Organisation Two, Client Client)> BelongsToTwoAsync()
    {
        var one = await app.Main.MakeOrganisationAsync();
        var two = await app.Main.MakeOrganisationAsync();
        var user = await app.Main.AdminOfAsync(one);
        await app.Main.JoinAsync(user, two);
        return (user, one, two, await app.Client().SignInAsync(user.Email));
    }

    private Task<int> LeaveAsync(User user, params Organisation[] organisations)
    {
        var ids = organisations.Select(o => o.Id).ToArray();
        return app.InDbAsync(db =>
            db.Memberships.Where(m => m.UserId == user.Id && ids.Contains(m.OrganisationId))
                .ExecuteUpdateAsync(m => m.SetProperty(x => x.RemovedAt, x => x.AddedAt))
        );
    }

    [Fact]
    public async Task F14_One_organisation_straight_in_several_to_be_chosen()
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        var only = await app.Main.MemberOfAsync(organisation);
        Assert.Equal(organisation.Name, (await (await app.Client().SignInAsync(only.Email)).GetAsync("/")).Heading);
        var (_, one, two, client) = await BelongsToTwoAsync();
        var choose = await client.GetAsync("/");
        Assert.Equal("Your organisations", choose.Heading);
        Assert.Equal(two.Name, (await choose.FollowAsync(two.Name)).Heading);
        Assert.Equal([one.Name, two.Name], choose.Texts("tbody a").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task F14_A_user_of_several_organisations_sees_which_one_they_are_in_and_can_change()
    {
        var (_, one, two, client) = await BelongsToTwoAsync();
        foreach (var path in new[] { Links.Organisation(one.Id), Links.Users(one.Id), Links.AddUser(one.Id) })
        {
            var page = await client.GetAsync(path);
            Assert.Equal(
                $"{one.Name} Change organisation",
                Page.Squish(page.Document.QuerySelector("header .rollcall-change")!.ParentElement!.TextContent)
            );
            Assert.Equal(
                two.Name,
                (await (await page.FollowAsync("Change organisation")).FollowAsync(two.Name)).Heading
            );
        }
        Assert.False((await client.GetAsync("/organisations")).HasLink("Change organisation"));
        var organisation = await app.Main.MakeOrganisationAsync();
        var only = await app.Main.MemberOfAsync(organisation);
        Assert.False(
            (await (await app.Client().SignInAsync(only.Email)).GetAsync(Links.Organisation(organisation.Id))).HasLink(
                "Change organisation"
            )
        );
        Assert.False(
            (await (await app.SupportAsync()).GetAsync(Links.Organisation(organisation.Id))).HasLink(
                "Change organisation"
            )
        ); // support has its list
    }

    [Fact]
    public async Task F14_An_organisation_that_the_user_has_left_since_leads_to_the_others_with_words()
    {
        var (user, one, two, client) = await BelongsToTwoAsync();
        var form = await client.GetAsync(Links.AddUser(one.Id));
        await LeaveAsync(user, one);
        foreach (var page in new[] { await client.GetAsync(Links.Users(one.Id)), await form.SubmitAsync("Continue") })
        {
            Assert.Equal("Your organisations", page.Heading);
            Assert.Contains($"You have been removed from {one.Name}.", page.Text(), StringComparison.Ordinal);
            Assert.Equal([two.Name], page.Texts("tbody a"));
        }
        Assert.DoesNotContain(
            "have been removed",
            (await client.GetAsync("/organisations")).Text(),
            StringComparison.Ordinal
        );
        Assert.DoesNotContain(
            "have been removed",
            (await client.GetAsync(Links.OrganisationsAfter(two.Id))).Text(),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task F16_A_user_who_is_removed_from_their_only_organisation_is_told_so_at_the_next_request()
    {
        var (user, one, two, client) = await BelongsToTwoAsync();
        await LeaveAsync(user, one, two);
        var page = await client.GetAsync(Links.Organisation(two.Id));
        Assert.Equal("You are not in an organisation", page.Heading);
        Assert.Contains(user.Email, page.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task F14_J1_An_organisation_that_never_was_theirs_does_not_exist_and_is_not_named()
    {
        var (_, _, _, client) = await BelongsToTwoAsync();
        var elsewhere = await app.Main.MakeOrganisationAsync();
        var theirs = await client.GetAsync(Links.Organisation(elsewhere.Id), HttpStatusCode.NotFound);
        Assert.Equal(
            (await client.GetAsync(Links.Organisation(Guid.NewGuid()), HttpStatusCode.NotFound))
                .Document
                .DocumentElement
                .OuterHtml,
            theirs.Document.DocumentElement.OuterHtml
        );
        Assert.DoesNotContain(
            elsewhere.Name,
            (await client.GetAsync(Links.OrganisationsAfter(elsewhere.Id))).Text(),
            StringComparison.Ordinal
        );
    }
}
