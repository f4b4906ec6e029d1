using System.Net;
using Microsoft.EntityFrameworkCore;
using Rollcall.Addresses;
using Rollcall.History;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Users;

/// <summary>No one joins with more access than the person who gave it still had on that day.</summary>
public sealed class GiverTests(TheApp app)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private async Task<(Organisation Organisation, User Giver, Invited Invited)> StartAsync()
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        var giver = await app.Main.AdminOfAsync(organisation, "Gus", "Giver");
        var invited = await app.Main.InviteAsync(organisation, Roles.Admin);
        await app.InDbAsync(db =>
            db.Database.ExecuteSqlAsync(
                $"update memberships set added_by = {giver.Id} where id = {invited.Membership.Id}"
            )
        );
        return (organisation, giver, invited);
    }

    private Task<int> ComeAsync(User user) =>
        app.Main.DoAsync<SignIns, int>(async signIns =>
        {
            await signIns.SignInAsync(user, SignInMethods.PasswordAndAuthenticator, DateTimeOffset.UtcNow);
            return 0;
        });

    private Task<string> RoleAsync(Invited invited) =>
        app.InDbAsync(db => db.Memberships.Where(m => m.Id == invited.Membership.Id).Select(m => m.Role).SingleAsync());

    public static TheoryData<string, string> WhatBecameOfTheGiver =>
        new()
        {
            { "nothing", Roles.Admin },
            { "demoted", Roles.Member },
            { "removed", Roles.Member },
            { "paused", Roles.Member },
            { "account paused", Roles.Member },
            { "support staff", Roles.Admin },
            { "merged into a record that may", Roles.Admin },
            { "merged into a record that may not", Roles.Member },
            { "demoted, and another admin sent it again", Roles.Admin },
            { "demoted, and another admin gave the role again", Roles.Admin },
        };

    [Theory]
    [MemberData(nameof(WhatBecameOfTheGiver))]
    public async Task Trust13_A_role_is_looked_at_again_when_its_person_first_comes(string what, string expected)
    {
        var (organisation, giver, invited) = await StartAsync();
        Task<int> BecomesAsync(FormattableString sql) => app.InDbAsync(db => db.Database.ExecuteSqlAsync(sql));
        Assert.Equal(
            1,
            what switch
            {
                "nothing" => 1,
                "removed" => await BecomesAsync(
                    $"update memberships set removed_at = now() where user_id = {giver.Id}"
                ),
                "paused" => await BecomesAsync($"update memberships set paused_at = now() where user_id = {giver.Id}"),
                "account paused" => await BecomesAsync($"update users set paused_at = now() where id = {giver.Id}"),
                "merged into a record that may" or "merged into a record that may not" => await MergedAsync(
                    what.EndsWith("not", StringComparison.Ordinal) ? Roles.Member : Roles.Admin
                ),
                "support staff" => await BecomesAsync($"update users set support_since = now() where id = {giver.Id}"),
                _ => await BecomesAsync($"update memberships set role = 'member' where user_id = {giver.Id}"),
            }
        );
        async Task<int> MergedAsync(string role)
        {
            var kept = await app.Main.MemberOfAsync(organisation, role: role);
            await BecomesAsync($"update memberships set removed_at = now() where user_id = {giver.Id}");
            return await BecomesAsync(
                $"update users set merged_into = {kept.Id}, merged_at = now() where id = {giver.Id}"
            );
        }
        if (what.Contains("another", StringComparison.Ordinal))
        {
            var another = await app.Main.AdminOfAsync(organisation);
            var client = await app.Client().SignInAsync(another.Email);
            if (what.Contains("again", StringComparison.Ordinal) && what.Contains("sent", StringComparison.Ordinal))
            {
                await app.Main.LetTimePassAsync(invited.User.Id, TimeSpan.FromHours(1));
                await (await client.GetAsync(Links.ResendInvitation(organisation.Id, invited.User.Id))).SubmitAsync(
                    "Resend invitation"
                );
            }
            else
            {
                var page = Links.ChangeAccess(organisation.Id, invited.User.Id);
                await (await client.GetAsync(page)).SubmitAsync("Save", new() { ["Role"] = Roles.Member });
                await (await client.GetAsync(page)).SubmitAsync("Save", new() { ["Role"] = Roles.Admin });
            }
        }
        await ComeAsync(invited.User);
        Assert.Equal(expected, await RoleAsync(invited));
        Assert.Equal(
            expected == Roles.Admin ? 0 : 1,
            await app.InDbAsync(db =>
                db.AuditEvents.CountAsync(e =>
                    e.UserId == invited.User.Id && e.Kind == Event.KindOf<RoleNotConfirmed>()
                )
            )
        );
        if (expected == Roles.Member)
        {
            Assert.Contains(
                "because the person who gave them admin could no longer give it",
                (await (await app.SupportAsync()).GetAsync(Links.User(organisation.Id, invited.User.Id))).Text(),
                StringComparison.Ordinal
            );
            Assert.Equal(
                organisation.Name,
                (await (await app.Client().SignInAsync(invited.User.Email)).GetAsync("/")).Heading
            ); // they came in all the same
        }
    }

    [Fact]
    public async Task Trust13_A_giver_who_was_limited_and_then_removed_gives_no_more_than_they_last_held()
    {
        var (organisation, giver, invited) = await StartAsync();
        var area = await app.Main.MakeAreaAsync(organisation, "A");
        await app.Main.LimitAsync(giver, area);
        await app.InDbAsync(db =>
            db.Memberships.Where(m => m.UserId == giver.Id)
                .ExecuteUpdateAsync(m => m.SetProperty(x => x.RemovedAt, DateTimeOffset.UtcNow))
        );
        await ComeAsync(invited.User);
        Assert.Equal(
            [area.Id],
            await app.InDbAsync(db =>
                db.AccessGrants.Where(g => g.MembershipId == invited.Membership.Id)
                    .Select(g => g.ServiceAreaId)
                    .ToListAsync()
            )
        );
    }

    [Theory]
    [InlineData("", "", "", false)]
    [InlineData("", "A", "A", false)] // every area was given: the giver's are left
    [InlineData("A and B", "A", "A", false)]
    [InlineData("A", "A", "A", false)]
    [InlineData("B", "A", "B", true)] // nothing is left, and no areas would be every area
    public async Task Trust13_Service_areas_are_looked_at_again_when_their_person_first_comes(
        string given,
        string giverHolds,
        string expected,
        bool paused
    )
    {
        foreach (var known in (bool[])[false, true])
        {
            var organisation = await app.Main.MakeOrganisationAsync();
            var giver = await app.Main.AdminOfAsync(organisation, "Gus", "Giver");
            ServiceArea[] areas =
            [
                await app.Main.MakeAreaAsync(organisation, "A"),
                await app.Main.MakeAreaAsync(organisation, "B"),
            ];
            Task LimitAsync(User member, string to) =>
                app.Main.LimitAsync(member, areas.Where(a => to.Split(" and ").Contains(a.Name)));
            var email = Some.Email();
            var user = (User?)null;
            if (known)
            {
                user = await app.Main.MakeUserAsync(email: email);
            }

            var viewer = Some.AdminOf(organisation, giver);
            Assert.True(EmailAddress.TryParse(email, out var address));
            await app.Main.DoAsync<AddMember, Refusal?>(async addMember =>
                (
                    await addMember.AddAsync(
                        new(viewer, DateTimeOffset.UtcNow),
                        organisation,
                        "New",
                        "Person",
                        address,
                        new(Roles.Member, [])
                    )
                ).Refusal
            );
            user ??= await app.InDbAsync(db => db.Users.SingleAsync(u => u.Email == email));
            var membership = await app.InDbAsync(db => db.Memberships.SingleAsync(m => m.UserId == user.Id));
            await LimitAsync(user, given);
            await LimitAsync(giver, giverHolds);
            await ComeAsync(user);
            await app.Main.DoAsync<SignIns, int>(async signIns =>
            {
                await signIns.JoinAsync(new(Viewer.Of(user), DateTimeOffset.UtcNow), organisation.Id);
                return 0;
            });
            var left = await app.InDbAsync(db =>
                (
                    from g in db.AccessGrants
                    where g.MembershipId == membership.Id
                    join a in db.ServiceAreas on g.ServiceAreaId equals a.Id
                    orderby a.Name
                    select a.Name
                ).ToListAsync()
            );
            var after = await app.InDbAsync(db => db.Memberships.SingleAsync(m => m.Id == membership.Id));
            Assert.Equal(
                (expected, paused, false),
                (string.Join(" and ", left), after.PausedAt is not null, after.Awaited)
            );
            Assert.Equal(
                given == expected && !paused ? 0 : 1,
                await app.InDbAsync(db =>
                    db.AuditEvents.CountAsync(e => e.UserId == user.Id && e.Kind == Event.KindOf<AreasNotConfirmed>())
                )
            );
            // the history has words for it
            await (await app.SupportAsync()).GetAsync(Links.User(organisation.Id, user.Id));
        }
    }

    [Fact]
    public async Task Trust13_No_one_can_resend_an_invitation_to_a_role_above_their_own_one_by_one_or_all_at_once()
    {
        await using var host = await app.StartAsync(
            new()
            {
                ["Rollcall:Roles:0:Key"] = "helper",
                ["Rollcall:Roles:0:Name"] = "Helper",
                ["Rollcall:Roles:0:ManagesUsers"] = "true",
                ["Rollcall:Roles:1:Key"] = "head",
                ["Rollcall:Roles:1:Name"] = "Head",
                ["Rollcall:Roles:1:ManagesUsers"] = "true",
            }
        );
        var organisation = await host.MakeOrganisationAsync();
        var helper = await host.MemberOfAsync(organisation, role: "helper");
        var above = await host.InviteAsync(organisation, "head");
        var same = await host.InviteAsync(organisation, "helper");
        await host.InDbAsync(db =>
            db.Invitations.ExecuteUpdateAsync(i =>
                i.SetProperty(x => x.SentAt, x => x.SentAt.AddDays(-8))
                    .SetProperty(x => x.ExpiresAt, x => x.ExpiresAt!.Value.AddDays(-8))
            )
        );
        await host.InDbAsync(db =>
            db.Memberships.Where(m => m.ExpiresAt != null)
                .ExecuteUpdateAsync(m => m.SetProperty(x => x.ExpiresAt, x => x.ExpiresAt!.Value.AddDays(-8)))
        );
        await host.InDbAsync(db =>
            db.OutgoingMessages.ExecuteUpdateAsync(m => m.SetProperty(x => x.CreatedAt, x => x.CreatedAt.AddDays(-8)))
        );
        var client = await host.Client().SignInAsync(helper.Email);
        var (_, fields) = (await client.GetAsync(Links.ResendInvitation(organisation.Id, same.User.Id))).Form(
            "Resend invitation"
        );
        await client.GetAsync(Links.ResendInvitation(organisation.Id, above.User.Id), HttpStatusCode.Forbidden);
        var refused = await client.PostAsync(
            Links.ResendInvitation(organisation.Id, above.User.Id),
            fields,
            HttpStatusCode.Forbidden
        );
        Assert.Equal("You cannot change someone who has more access than you", refused.Heading);
        var all = await (await client.GetAsync(Links.ResendExpired(organisation.Id))).SubmitAsync(
            "Resend 2 invitations"
        );
        Assert.Equal(
            "We’ll resend the invitation to 1 person. 1 person has more access than you, so ask another "
                + "admin to invite them again.",
            all.Banner
        );
        Assert.Equal(
            (1, 2),
            await host.InDbAsync(async db =>
                (
                    await db.Invitations.CountAsync(i => i.UserId == above.User.Id),
                    await db.Invitations.CountAsync(i => i.UserId == same.User.Id)
                )
            )
        );
        Assert.Equal(
            helper.Id,
            await host.InDbAsync(db =>
                db.Memberships.Where(m => m.Id == same.Membership.Id).Select(m => m.AccessBy).SingleAsync()
            )
        );
    }
}
