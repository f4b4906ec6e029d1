using System.Net;
using Microsoft.EntityFrameworkCore;
using Rollcall.Dev;
using Rollcall.History;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Users;

/// <summary>A removal can be undone for ten minutes, and until then no one is told.</summary>
public sealed class UndoTests(TheApp app)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private async Task<(Organisation Organisation, Client Admin, User AdminUser, User Member)> StartAsync(
        bool registered = true
    )
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        var admin = await app.Main.AdminOfAsync(organisation, "Ann", "Admin");
        var member = registered
            ? await app.Main.MakeUserAsync("Mo", "Member")
            : (await app.Main.InviteAsync(organisation)).User;
        if (registered)
        {
            await app.Main.JoinAsync(member, organisation, Roles.Admin);
        }

        return (organisation, await app.Client().SignInAsync(admin.Email), admin, member);
    }

    private static async Task<Page> RemoveAsync(Client by, Organisation organisation, User user) =>
        await (await by.GetAsync(Links.RemoveUser(organisation.Id, user.Id))).SubmitAsync("Remove user");

    /// <summary>State, and whether it can leave before nine minutes are over, of the email about the removal.</summary>
    private Task<List<(string State, bool Held)>> EmailsAsync(User user) =>
        app.InDbAsync(async db =>
            (
                await db
                    .OutgoingMessages.AsNoTracking()
                    .Where(m => m.ToAddress == user.Email && m.Kind == "removed")
                    .OrderBy(m => m.CreatedAt)
                    .ToListAsync()
            ).ConvertAll(m => (m.State.ToString(), m.AvailableAt > m.CreatedAt.AddMinutes(9)))
        );

    [Fact]
    public async Task G1_Undo_in_the_banner_gives_everything_back_and_no_one_is_told()
    {
        var (organisation, admin, _, member) = await StartAsync();
        await app.Main.LimitAsync(member, await app.Main.MakeAreaAsync(organisation, "Payroll"));
        var theirs = await app.Client().SignInAsync(member.Email);
        var list = await RemoveAsync(admin, organisation, member);
        Assert.Equal(
            $"Mo Member has been removed. We’ll email {member.Email} in 10 minutes, unless you undo it.",
            list.Banner
        );
        Assert.Equal([("Waiting", true)], await EmailsAsync(member));
        // a removed person has no access, even while the removal can be undone
        Assert.Equal("You are not in an organisation", (await theirs.GetAsync("/")).Heading);

        var back = await list.SubmitAsync("Undo removing Mo Member");
        Assert.Equal("Mo Member has not been removed. They will not be emailed.", back.Banner);
        Assert.Equal(
            ("Active", "Admin", "Payroll"),
            (back.Value("Status"), back.Value("Role"), back.Value("Service areas"))
        );
        Assert.Contains(
            $"Ann Admin undid their removal from {organisation.Name}",
            back.Text(),
            StringComparison.Ordinal
        );
        Assert.Equal([("Superseded", true)], await EmailsAsync(member));
        Assert.Equal(organisation.Name, (await theirs.GetAsync("/")).Heading);
        // G6: once more is the same
        Assert.Equal(back.Path.Split('?')[0], (await list.SubmitAsync("Undo removing Mo Member")).Path.Split('?')[0]);
        Assert.Equal(
            1,
            await app.InDbAsync(db =>
                db.AuditEvents.CountAsync(e => e.UserId == member.Id && e.Kind == Event.KindOf<RemovalUndone>())
            )
        );
    }

    [Fact]
    public async Task D_A_withdrawn_link_works_again_and_an_email_that_had_not_left_leaves()
    {
        var (organisation, admin, _, member) = await StartAsync(registered: false);
        var link = await app.Main.LinkAsync(member);
        await app.InDbAsync(db =>
            db.OutgoingMessages.Where(m => m.ToAddress == member.Email)
                .ExecuteUpdateAsync(m =>
                    m.SetProperty(x => x.AvailableAt, DateTimeOffset.UtcNow.AddHours(1))
                        .SetProperty(x => x.SentAt, (DateTimeOffset?)null)
                )
        );
        var list = await RemoveAsync(admin, organisation, member);
        Assert.Contains("withdrawn", (await app.Client().GetAsync(link)).Heading, StringComparison.Ordinal);
        await list.SubmitAsync("Undo removing Jo Bloggs");
        Assert.Contains(organisation.Name, (await app.Client().GetAsync(link)).Text(), StringComparison.Ordinal);
        Assert.DoesNotContain("withdrawn", (await app.Client().GetAsync(link)).Heading, StringComparison.Ordinal);
        Assert.Equal(
            ["added: Waiting", "removed: Superseded"],
            await app.InDbAsync(async db =>
                (
                    await db
                        .OutgoingMessages.AsNoTracking()
                        .Where(m => m.ToAddress == member.Email)
                        .OrderBy(m => m.Kind)
                        .ToListAsync()
                ).Select(m => $"{m.Kind}: {m.State}")
            )
        );
    }

    [Fact]
    public async Task D5_A_link_to_a_mailbox_that_is_no_longer_theirs_does_not_come_back()
    {
        var (organisation, admin, _, member) = await StartAsync(registered: false);
        var old = await app.Main.LinkAsync(member);
        var list = await RemoveAsync(admin, organisation, member);
        var corrected = Some.Email();
        await app.InDbAsync(db =>
            db.Users.Where(u => u.Id == member.Id)
                .ExecuteUpdateAsync(u => u.SetProperty(x => x.Email, corrected).SetProperty(x => x.EmailKey, corrected))
        );
        await list.SubmitAsync("Undo removing Jo Bloggs");
        Assert.Contains("withdrawn", (await app.Client().GetAsync(old)).Heading, StringComparison.Ordinal);
        Assert.Equal(
            "added",
            await app.InDbAsync(db =>
                db.OutgoingMessages.Where(m => m.ToAddress == corrected).Select(m => m.Kind).SingleAsync()
            )
        );
        Assert.NotEqual(old, await app.Main.LinkAsync(member));
    }

    [Fact]
    public async Task G11_The_email_that_waits_goes_to_the_address_that_they_have_when_it_leaves()
    {
        var (organisation, admin, _, member) = await StartAsync();
        var elsewhere = await app.Main.MakeOrganisationAsync();
        await app.Main.JoinAsync(member, elsewhere);
        await RemoveAsync(admin, organisation, member);
        var moved = Some.Email();
        var edit = await (await app.SupportAsync()).GetAsync(Links.EditUser(elsewhere.Id, member.Id));
        await (await edit.SubmitAsync("Continue", new() { ["Email"] = moved })).SubmitAsync("Save changes");
        Assert.Equal([("Superseded", true)], await EmailsAsync(member));
        var waits = await app.InDbAsync(db =>
            db.OutgoingMessages.AsNoTracking().SingleAsync(m => m.ToAddress == moved && m.Kind == "removed")
        );
        Assert.True(waits.AvailableAt > waits.CreatedAt.AddMinutes(9)); // and no sooner
        await admin.GetAsync(Links.UndoRemoval(organisation.Id, member.Id));
        await admin.PostAsync(
            Links.UndoRemoval(organisation.Id, member.Id),
            new()
            {
                ["__RequestVerificationToken"] = (
                    await admin.GetAsync(Links.UndoRemoval(organisation.Id, member.Id))
                ).Field("__RequestVerificationToken"),
            }
        );
        Assert.Equal(
            "Superseded",
            (
                await app.InDbAsync(db => db.OutgoingMessages.AsNoTracking().SingleAsync(m => m.Id == waits.Id))
            ).State.ToString()
        );
    }

    [Fact]
    public async Task R8_A_user_who_is_added_again_before_the_email_of_removal_left_hears_only_of_being_added()
    {
        var (organisation, admin, _, member) = await StartAsync();
        await RemoveAsync(admin, organisation, member);
        await admin.AddUserAsync(organisation, member.Email, "Mo", "Member");
        Assert.Equal([("Superseded", true)], await EmailsAsync(member));

        var (another, other, _, second) = await StartAsync();
        await RemoveAsync(other, another, second);
        var invite = await (await other.GetAsync(Links.InviteUsers(another.Id))).SubmitAsync(
            "Continue",
            new() { ["Addresses"] = second.Email, ["Role"] = Roles.Member }
        );
        await invite.SubmitAsync("Send 1 invitation");
        Assert.Equal([("Superseded", true)], await EmailsAsync(second));
    }

    [Fact]
    public async Task Once_the_email_is_on_its_way_it_is_too_late_and_the_page_says_what_to_do()
    {
        var (organisation, admin, _, member) = await StartAsync();
        var list = await RemoveAsync(admin, organisation, member);
        var undo = Links.UndoRemoval(organisation.Id, member.Id);
        Assert.Contains(
            "Do you want to undo removing Mo Member?",
            (await admin.GetAsync(undo)).Heading,
            StringComparison.Ordinal
        ); // looking changes nothing
        await app.InDbAsync(db =>
            db.Database.ExecuteSqlAsync(
                $"update outgoing_messages set available_at = now() where to_address = {member.Email}"
            )
        );
        await Wait.UntilAsync(async () => (await EmailsAsync(member))[0].State == "Sent", "The email did not leave");
        var late = await list.SubmitAsync("Undo removing Mo Member", expected: HttpStatusCode.Conflict);
        Assert.Contains("It is too late to undo this", late.Heading, StringComparison.Ordinal);
        // J5: they are not a user of this organisation now
        Assert.DoesNotContain("Mo Member", late.Text(), StringComparison.Ordinal);
        Assert.Equal(Links.AddUser(organisation.Id), late.Href("Add them again"));
        Assert.False(
            await app.InDbAsync(db => db.Memberships.AnyAsync(m => m.UserId == member.Id && m.RemovedAt == null))
        );
    }

    [Fact]
    public async Task After_ten_minutes_it_is_too_late_even_when_the_email_could_not_leave()
    {
        var clock = new DevClock();
        await using var host = await app.StartAsync(
            [],
            services: s =>
                Microsoft.Extensions.DependencyInjection.ServiceCollectionServiceExtensions.AddSingleton<TimeProvider>(
                    s,
                    clock
                )
        );
        var organisation = await host.MakeOrganisationAsync();
        var admin = await host.AdminOfAsync(organisation);
        var member = await host.MemberOfAsync(organisation);
        var viewer = Some.AdminOf(organisation, admin);
        await host.DoAsync<RemoveMember, Result<User>>(removeMember =>
            removeMember.RemoveAsync(new(viewer, clock.GetUtcNow()), organisation, member.Id)
        );
        clock.Forward(TimeSpan.FromMinutes(9.9));
        Assert.NotNull(
            await host.DoAsync<RemoveMember, User?>(removeMember =>
                removeMember.RemovedLatelyAsync(new(viewer, clock.GetUtcNow()), organisation.Id, member.Id, Stop)
            )
        );
        clock.Forward(TimeSpan.FromMinutes(0.2));
        Assert.Null(
            await host.DoAsync<RemoveMember, User?>(removeMember =>
                removeMember.RemovedLatelyAsync(new(viewer, clock.GetUtcNow()), organisation.Id, member.Id, Stop)
            )
        );
        Assert.Equal(
            RemoveMember.TooLate,
            (
                await host.DoAsync<RemoveMember, Result<User>>(removeMember =>
                    removeMember.UndoAsync(new(viewer, clock.GetUtcNow()), organisation, member.Id)
                )
            ).Refusal
        );
    }

    [Fact]
    public async Task Trust17_J1_Only_the_admin_who_removed_a_user_can_undo_it_and_only_while_they_may_manage_them()
    {
        var (organisation, admin, adminUser, member) = await StartAsync();
        var colleague = await app.Main.AdminOfAsync(organisation);
        var list = await RemoveAsync(admin, organisation, member);
        var (path, fields) = list.Form("Undo removing Mo Member");
        var others = await app.Client().SignInAsync(colleague.Email);
        fields["__RequestVerificationToken"] = (await others.GetAsync(Links.InviteUsers(organisation.Id))).Field(
            "__RequestVerificationToken"
        );
        Assert.Contains(
            "It is too late",
            (await others.PostAsync(path, fields, HttpStatusCode.Conflict)).Heading,
            StringComparison.Ordinal
        );
        await others.GetAsync(Links.UndoRemoval(organisation.Id, Guid.NewGuid()), HttpStatusCode.NotFound);
        await app.InDbAsync(db =>
            db.Memberships.Where(m => m.UserId == adminUser.Id)
                .ExecuteUpdateAsync(m => m.SetProperty(x => x.Role, Roles.Member))
        );
        await list.SubmitAsync("Undo removing Mo Member", expected: HttpStatusCode.Forbidden);
        Assert.False(
            await app.InDbAsync(db => db.Memberships.AnyAsync(m => m.UserId == member.Id && m.RemovedAt == null))
        );
    }

    [Fact]
    public async Task Twenty_clicks_at_once_and_the_postman_have_one_outcome()
    {
        var (organisation, admin, _, member) = await StartAsync();
        var list = await RemoveAsync(admin, organisation, member);
        var (path, fields) = list.Form("Undo removing Mo Member");
        var clicks = Enumerable
            .Range(0, 20)
            .Select(_ => admin.RawAsync(new(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(fields) }))
            .ToList();
        await app.InDbAsync(db =>
            db.Database.ExecuteSqlAsync(
                $"update outgoing_messages set available_at = now() where to_address = {member.Email}"
            )
        );
        var answers = (await Task.WhenAll(clicks)).Select(r => r.StatusCode).Distinct().ToList();
        await Wait.UntilAsync(
            async () => (await EmailsAsync(member))[0].State != "Waiting",
            "The email was neither sent nor recalled"
        );
        var belongs = await app.InDbAsync(db =>
            db.Memberships.CountAsync(m => m.UserId == member.Id && m.RemovedAt == null)
        );
        Assert.Equal(
            (await EmailsAsync(member))[0].State == "Sent"
                ? (0, HttpStatusCode.Conflict)
                : (1, HttpStatusCode.Redirect),
            (belongs, Assert.Single(answers))
        );
    }

    [Fact]
    public async Task Without_the_setting_the_email_leaves_at_once_and_nothing_is_offered()
    {
        await using var host = await app.StartAsync(new() { ["Rollcall:UndoMinutes"] = "0" });
        var organisation = await host.MakeOrganisationAsync();
        var member = await host.MemberOfAsync(organisation, "Mo", "Member");
        var list = await RemoveAsync(await host.SupportAsync(), organisation, member);
        Assert.Equal($"Mo Member has been removed. We’ll email {member.Email}.", list.Banner);
        Assert.DoesNotContain(list.Texts("button"), text => text.StartsWith("Undo", StringComparison.Ordinal));
        Assert.Contains(
            "You have been removed",
            await host.MailAsync(member.Email, "removed"),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task G4_Trust20_An_admin_who_lost_the_permission_cannot_undo_a_removal()
    {
        var (organisation, admin, adminUser, member) = await StartAsync();
        await RemoveAsync(admin, organisation, member);
        await app.InDbAsync(db =>
            db.Memberships.Where(m => m.UserId == adminUser.Id)
                .ExecuteUpdateAsync(m => m.SetProperty(x => x.Role, Roles.Member))
        );
        var asBefore = Some.AdminOf(organisation, adminUser); // the request began a moment earlier
        var result = await app.Main.DoAsync<RemoveMember, Result<User>>(l =>
            l.UndoAsync(new(asBefore, DateTimeOffset.UtcNow), organisation, member.Id)
        );
        Assert.Equal(MemberPolicy.NoLonger, result.Refusal);
        Assert.Null(result.Value);
        Assert.Equal([("Waiting", true)], await EmailsAsync(member));
    }

    [Fact]
    public async Task Trust20_A_user_who_is_brought_back_is_as_limited_as_before()
    {
        var (organisation, admin, _, member) = await StartAsync();
        var area = await app.Main.MakeAreaAsync(organisation, "Finance");
        await app.Main.LimitAsync(member, area);
        var viewer = Viewer.Of(await app.Main.MakeUserAsync(support: true));
        var list = await RemoveAsync(admin, organisation, member);
        async Task<Refusal?> RemoveAreaAsync(DateTimeOffset at) =>
            (
                await app.Main.DoAsync<ServiceAreas, Result>(areas =>
                    areas.RemoveAsync(new(viewer, at), organisation.Id, area.Id)
                )
            ).Refusal;
        Assert.Equal(
            "Someone who could use Finance and nothing else was removed a short while ago. Their removal "
                + "can still be undone. Try again in 10 minutes",
            (await RemoveAreaAsync(DateTimeOffset.UtcNow))?.Message
        );
        Assert.Equal("Finance", (await list.SubmitAsync($"Undo removing {member.DisplayName}")).Value("Service areas"));
        await RemoveAsync(admin, organisation, member);
        Assert.Null(await RemoveAreaAsync(DateTimeOffset.UtcNow.AddMinutes(11)));
    }

    [Fact]
    public async Task Trust20_Where_one_minute_is_left_to_undo_the_page_says_a_minute()
    {
        await using var host = await app.StartAsync(new() { ["Rollcall:UndoMinutes"] = "1" });
        var organisation = await host.MakeOrganisationAsync();
        var support = await host.SupportAsync();
        var user = await host.MemberOfAsync(organisation);
        var area = await host.MakeAreaAsync(organisation, "Finance");
        await host.LimitAsync(user, area);
        await (await support.GetAsync(Links.RemoveUser(organisation.Id, user.Id))).SubmitAsync("Remove user");
        var refused = await support.GetAsync($"{Links.Areas(organisation.Id)}/{area.Id}/remove");
        Assert.Contains("Try again in a minute.", refused.Text(), StringComparison.Ordinal);
    }
}
