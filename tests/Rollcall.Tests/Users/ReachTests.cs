using System.Net;
using Microsoft.EntityFrameworkCore;
using Rollcall.History;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Users;

/// <summary>
/// No one acts beyond their current access: every act, by an admin of everything and by one limited to a service area.
/// </summary>
public sealed class ReachTests(TheApp app)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static readonly string[] Acts =
    [
        "remove",
        "undo",
        "pause",
        "resume",
        "access",
        "name",
        "email",
        "resend",
        "resend all",
        "keep",
        "remove after review",
    ];

    public static TheoryData<string, string, string, bool> Cases
    {
        get
        {
            var cases = new TheoryData<string, string, string, bool>();
            foreach (var act in Acts)
            {
                foreach (var member in (string[])["all", "A", "B", "A and B"])
                {
                    cases.Add(act, "all", member, true);
                    cases.Add(act, "A", member, member == "A");
                }
            }
            return cases;
        }
    }

    private async Task<Dictionary<string, ServiceArea>> AreasAsync(Organisation organisation) =>
        new()
        {
            ["A"] = await app.Main.MakeAreaAsync(organisation, "A"),
            ["B"] = await app.Main.MakeAreaAsync(organisation, "B"),
        };

    /// <param name="to">"A", "B", "A and B", or all of the organisation.</param>
    private Task LimitAsync(User member, Dictionary<string, ServiceArea> areas, string to) =>
        app.Main.LimitAsync(member, areas.Values.Where(a => to.Split(" and ").Contains(a.Name)));

    private async Task<(Organisation Organisation, Dictionary<string, ServiceArea> Areas, User Admin)> StartAsync(
        string admin
    )
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        var person = await app.Main.AdminOfAsync(organisation, "Ann", "Admin");
        var areas = await AreasAsync(organisation);
        await LimitAsync(person, areas, admin);
        return (organisation, areas, person);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Trust13_Trust20_An_act_reaches_only_people_who_hold_no_more(
        string act,
        string admin,
        string member,
        bool may
    )
    {
        var (organisation, areas, person) = await StartAsync(admin);
        var isInvited = act is "resend" or "resend all" or "name" or "email";
        var invited = isInvited ? await app.Main.InviteAsync(organisation) : null;
        var user = invited?.User ?? await app.Main.MakeUserAsync();
        var membership = invited?.Membership ?? await app.Main.JoinAsync(user, organisation);
        await LimitAsync(user, areas, member);
        var viewer = Some.AdminOf(organisation, person);
        var now = DateTimeOffset.UtcNow;
        switch (act)
        {
            case "resume":
                await app.InDbAsync(db =>
                    db.Memberships.Where(m => m.Id == membership.Id)
                        .ExecuteUpdateAsync(m => m.SetProperty(x => x.PausedAt, now))
                );
                break;
            case "undo": // they removed the member while they could, and were limited since
                await app.InDbAsync(db =>
                    db.AccessGrants.Where(g => db.Memberships.Any(m => m.Id == g.MembershipId && m.UserId == person.Id))
                        .ExecuteDeleteAsync()
                );
                await app.Main.DoAsync<RemoveMember, bool>(async removeMember =>
                    (await removeMember.RemoveAsync(new(viewer, now), organisation, user.Id)).Value is not null
                );
                await LimitAsync(person, areas, admin);
                break;
            case "resend" or "resend all":
                await app.InDbAsync(db =>
                    db.Invitations.Where(i => i.UserId == user.Id)
                        .ExecuteUpdateAsync(i =>
                            i.SetProperty(x => x.SentAt, now.AddDays(-8)).SetProperty(x => x.ExpiresAt, now.AddDays(-1))
                        )
                );
                await app.InDbAsync(db =>
                    db.Memberships.Where(m => m.Id == membership.Id)
                        .ExecuteUpdateAsync(m => m.SetProperty(x => x.ExpiresAt, now.AddDays(-1)))
                );
                await app.Main.LetTimePassAsync(user.Id, TimeSpan.FromDays(1));
                break;
        }
        var rules = new ConsoleOptions { EditName = EditPolicy.Always, EditEmail = EditPolicy.Always };
        var before = Details.Of(user);
        Task<bool> ChangeAsync(Details after) =>
            app.Main.DoAsync<ChangeDetails, bool>(async changeDetails =>
                (await Within(changeDetails, after)).Value is not null
            );
        Task<Result<User>> Within(ChangeDetails changeDetails, Details after) =>
            changeDetails.ChangeAsync(new(viewer, now), rules, organisation, user.Id, before, after);
        Assert.Equal(
            may,
            act switch
            {
                "remove" => await app.Main.DoAsync<RemoveMember, bool>(async removeMember =>
                    (await removeMember.RemoveAsync(new(viewer, now), organisation, user.Id)).Value is not null
                ),
                "undo" => await app.Main.DoAsync<RemoveMember, bool>(async removeMember =>
                    (await removeMember.UndoAsync(new(viewer, now), organisation, user.Id)).Refusal is null
                ),
                "pause" => await app.Main.DoAsync<PauseMember, bool>(async pauseMember =>
                    (await pauseMember.PauseAsync(new(viewer, now), organisation.Id, user.Id, null)).IsDone
                ),
                "resume" => await app.Main.DoAsync<PauseMember, bool>(async pauseMember =>
                    (await pauseMember.ResumeAsync(new(viewer, now), organisation.Id, user.Id)).IsDone
                ),
                "access" => await app.Main.DoAsync<ChangeAccess, bool>(async changeAccess =>
                    (
                        await changeAccess.ChangeAsync(
                            new(viewer, now),
                            organisation.Id,
                            user.Id,
                            Roles.Admin,
                            [areas["A"].Id]
                        )
                    ).IsDone
                ),
                "name" => await ChangeAsync(before with { FirstName = "Zoë" }),
                "email" => await ChangeAsync(before with { Email = Some.Email() }),
                "resend" => await app.Main.DoAsync<Invitations, bool>(async invitations =>
                    (await invitations.SendAgainAsync(new(viewer, now), membership)).IsDone
                ),
                "resend all" => await app.Main.DoAsync<ResendExpired, bool>(async resend =>
                    (await resend.SendAsync(new(viewer, now), organisation)).Value == new Resent(1, 0, 0)
                ),
                "keep" => await app.Main.DoAsync<AccessReviews, bool>(async reviews =>
                    (await reviews.KeepAsync(new(viewer, now), organisation.Id, [user.Id])).Value is [_]
                ),
                _ => await app.Main.DoAsync<AccessReviews, bool>(async reviews =>
                    (await reviews.RemoveAsync(new(viewer, now), organisation, user.Id)).Value is not null
                ),
            }
        );
    }

    [Theory]
    [InlineData("all", true)]
    [InlineData("A", false)]
    public async Task Trust13_Only_an_admin_of_everything_changes_what_concerns_everyone(string admin, bool may)
    {
        var (organisation, areas, person) = await StartAsync(admin);
        var actor = new Actor(Some.AdminOf(organisation, person), DateTimeOffset.UtcNow);
        Task<bool> MayAsync<T>(Func<T, Task<Result>> act)
            where T : notnull => app.Main.DoAsync<T, bool>(async operation => (await act(operation)).Refusal is null);
        Assert.Equal(
            may,
            await MayAsync<OrganisationSettings>(o => o.ChangeSignInAsync(actor, organisation.Id, true, null))
        );
        Assert.Equal(may, await MayAsync<ServiceAreas>(o => o.AddAsync(actor, organisation.Id, "C")));
        Assert.Equal(may, await MayAsync<ServiceAreas>(o => o.RenameAsync(actor, organisation.Id, areas["B"].Id, "D")));
        Assert.Equal(may, await MayAsync<ServiceAreas>(o => o.ChangeWordAsync(actor, organisation.Id, "department")));
        Assert.Equal(may, await MayAsync<ServiceAreas>(o => o.RemoveAsync(actor, organisation.Id, areas["B"].Id)));
        var client = await app.Client().SignInAsync(person.Email);
        if (!may) // the second factor is demanded in the other case
        {
            var home = await client.GetAsync(Links.Organisation(organisation.Id));
            Assert.Equal((false, false), (home.HasLink("How people sign in"), home.HasLink("Service areas")));
            await client.GetAsync(Links.SignInRules(organisation.Id), HttpStatusCode.Forbidden);
            await client.GetAsync(Links.Areas(organisation.Id), HttpStatusCode.Forbidden);
        }
    }

    [Theory]
    [InlineData("A", true)]
    [InlineData("B", false)]
    [InlineData("all", false)]
    public async Task Trust13_Pages_offer_only_what_is_not_refused(string member, bool may)
    {
        var (organisation, areas, person) = await StartAsync("A");
        var invited = await app.Main.InviteAsync(organisation);
        await LimitAsync(invited.User, areas, member);
        var away = await app.Main.MemberOfAsync(organisation, "Long", "Away");
        await LimitAsync(away, areas, member);
        await app.InDbAsync(db =>
            db.Users.Where(u => u.Id == away.Id)
                .ExecuteUpdateAsync(u => u.SetProperty(x => x.LastSignedInAt, x => x.CreatedAt.AddYears(-1)))
        );
        var client = await app.Client().SignInAsync(person.Email);
        var details = await client.GetAsync(Links.User(organisation.Id, invited.User.Id));
        foreach (
            var link in (string[])
                [
                    "Pause user Jo Bloggs",
                    "Remove user Jo Bloggs",
                    "Resend the invitation",
                    "Change role",
                    "Change service areas",
                    "Change first name",
                    "Change email address",
                ]
        )
        {
            Assert.True(may == details.HasLink(link), link);
        }

        var list = await client.GetAsync(Links.Users(organisation.Id));
        Assert.Equal(may, list.HasLink("Pause Long Away"));
        Assert.Equal(may, list.HasLink("Resend invitation to Jo Bloggs"));
        var refused = may ? HttpStatusCode.OK : HttpStatusCode.Forbidden;
        await client.GetAsync(Links.RemoveUser(organisation.Id, invited.User.Id), refused);
        await client.GetAsync(Links.PauseUser(organisation.Id, invited.User.Id), refused);
        await client.GetAsync(Links.ResendInvitation(organisation.Id, invited.User.Id), refused);
        var review = await client.GetAsync(Links.ReviewAccess(organisation.Id));
        Assert.Equal(may, review.Document.QuerySelector("input[value=keep]") is not null);
        await app.Main.PauseAsync(invited.Membership);
        await client.GetAsync(Links.ResumeUser(organisation.Id, invited.User.Id), refused);
    }
}
