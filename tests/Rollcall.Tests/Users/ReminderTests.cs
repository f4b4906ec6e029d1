using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Rollcall.Dev;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Users;

/// <summary>An invited person who has not signed in is reminded once, two days before the link expires.</summary>
public sealed class ReminderTests(TheApp app)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>An instance whose clock the test moves, and which sends reminders only when told to.</summary>
    private async Task<(Instance Host, DevClock Clock)> StartAsync(string? hours = null)
    {
        var clock = new DevClock();
        return (
            await app.StartAsync(
                new() { ["Rollcall:RemindHoursBefore"] = hours ?? "48" },
                services: s =>
                    s.AddSingleton<TimeProvider>(clock)
                        .Remove(
                            s.Single(d =>
                                d.ServiceType == typeof(IHostedService) && d.ImplementationType == typeof(Reminders)
                            )
                        )
            ),
            clock
        );
    }

    private static Task<int> RemindAsync(Instance host, DevClock clock) =>
        host.DoAsync<InvitationReminders, int>(reminders => reminders.RemindAsync(clock.GetUtcNow()));

    private static Task<int> EmailsAsync(Instance host, User user) =>
        host.InDbAsync(db => db.OutgoingMessages.CountAsync(m => m.ToAddress == user.Email && m.Kind == "reminder"));

    [Fact]
    public async Task D3_Once_two_days_before_with_the_same_link_and_it_stands_in_the_history()
    {
        var (host, clock) = await StartAsync();
        await using var _ = host;
        var invited = await host.InviteAsync();
        clock.Forward(TimeSpan.FromHours(168 - 48) - TimeSpan.FromMinutes(1));
        Assert.Equal(0, await RemindAsync(host, clock));
        clock.Forward(TimeSpan.FromMinutes(2));
        // five instances at once
        Assert.Equal(1, (await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => RemindAsync(host, clock)))).Sum());
        Assert.Equal(0, await RemindAsync(host, clock));
        Assert.Contains(
            invited.Link,
            await host.MailAsync(invited.User.Email, "This is the same link as in our first email"),
            StringComparison.Ordinal
        );
        Assert.Equal(1, await EmailsAsync(host, invited.User));
        var page = await (await host.SupportAsync()).GetAsync(Links.User(invited.Organisation.Id, invited.User.Id));
        Assert.Contains(
            "Their invitation was about to expire, so a reminder was due",
            page.Text(),
            StringComparison.Ordinal
        );
    }

    private static async Task<Viewer> SupportAsync(Instance host)
    {
        var user = await host.MakeUserAsync("Sam", "Support", support: true);
        return new(user.Id, user.DisplayName, user.Email, true, []);
    }

    [Fact]
    public async Task J9_Users_who_joined_were_removed_or_paused_got_a_newer_link_or_came_too_late_are_not_reminded()
    {
        var (host, clock) = await StartAsync();
        await using var _ = host;
        var registered = await host.InviteAsync();
        var removed = await host.InviteAsync();
        var paused = await host.InviteAsync();
        var pausedAccount = await host.InviteAsync();
        var again = await host.InviteAsync();
        var gone = await host.InviteAsync();
        await host.InDbAsync(db =>
            db.Users.Where(u => u.Id == registered.User.Id)
                .ExecuteUpdateAsync(u => u.SetProperty(x => x.RegisteredAt, x => x.CreatedAt))
        );
        await host.InDbAsync(db =>
            db.Memberships.Where(m => m.Id == removed.Membership.Id)
                .ExecuteUpdateAsync(m => m.SetProperty(x => x.RemovedAt, x => x.AddedAt))
        );
        await host.PauseAsync(paused.Membership);
        await host.PauseAsync(pausedAccount.User);
        await host.InDbAsync(db =>
            db.Invitations.Where(i => i.MembershipId == gone.Membership.Id)
                .ExecuteUpdateAsync(i => i.SetProperty(x => x.ExpiresAt, x => x.SentAt.AddHours(100)))
        );
        clock.Forward(TimeSpan.FromHours(121));
        var support = await SupportAsync(host);
        Assert.Equal(
            Result.Done,
            await host.DoAsync<Invitations, Result>(invitations =>
                invitations.SendAgainAsync(new(support, clock.GetUtcNow()), again.Membership)
            )
        );
        Assert.Equal(0, await RemindAsync(host, clock));
        clock.Forward(TimeSpan.FromHours(120));
        Assert.Equal(1, await RemindAsync(host, clock)); // the newer link has its own
        Assert.Equal(1, await EmailsAsync(host, again.User));
    }

    [Fact]
    public async Task R8_A_reminder_that_has_not_left_is_not_sent_with_a_link_that_is_replaced()
    {
        var (host, clock) = await StartAsync();
        await using var _ = host;
        var invited = await host.InviteAsync();
        clock.Forward(TimeSpan.FromHours(121));
        await host.InDbAsync(db =>
            db.Database.ExecuteSqlAsync(
                $"insert into outbox_pause (until, reason) values (now() + interval '1 hour', 'the test')"
            )
        );
        Assert.Equal(1, await RemindAsync(host, clock));
        var support = await SupportAsync(host);
        await host.DoAsync<Invitations, Result>(invitations =>
            invitations.SendAgainAsync(new(support, clock.GetUtcNow()), invited.Membership)
        );
        Assert.Equal(
            "Superseded",
            (
                await host.InDbAsync(db => db.OutgoingMessages.AsNoTracking().SingleAsync(m => m.Kind == "reminder"))
            ).State.ToString()
        );
    }

    [Fact]
    public async Task A_running_instance_reminds_by_itself_a_link_that_lives_shorter_never_is_and_a_setting_turns_it_off()
    {
        await using (var host = await app.StartAsync(new() { ["Rollcall:RemindHoursBefore"] = "48" }))
        {
            var invited = await host.InviteAsync();
            await host.InDbAsync(db =>
                db.Invitations.ExecuteUpdateAsync(i =>
                    i.SetProperty(x => x.SentAt, x => x.SentAt.AddDays(-6))
                        .SetProperty(x => x.ExpiresAt, x => x.ExpiresAt!.Value.AddDays(-6))
                )
            );
            await host.MailAsync(invited.User.Email, "We will not remind you again");
        }
        var (never, clock) = await StartAsync("720");
        await using (never)
        {
            await never.InviteAsync();
            clock.Forward(TimeSpan.FromHours(1));
            Assert.Equal(0, await RemindAsync(never, clock));
        }
        var (off, late) = await StartAsync("");
        await using (off)
        {
            await off.InviteAsync();
            late.Forward(TimeSpan.FromHours(160));
            Assert.Equal(0, await RemindAsync(off, late));
        }
    }
}
