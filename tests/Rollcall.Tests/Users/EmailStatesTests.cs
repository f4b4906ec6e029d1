using Microsoft.EntityFrameworkCore;
using Rollcall.Model;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Users;

/// <summary>What pages say of an email is what is known about it.</summary>
public sealed class EmailStatesTests(TheApp app)
{
    private const string At = "timestamptz '2026-11-14 17:30Z'";

    [Theory]
    [InlineData("sent_at = null", "Waiting to be sent.", "waiting to be sent")]
    [InlineData(
        "sent_at = null, attempts = 1, last_error = '451 busy'",
        "Waiting to be sent again.",
        "waiting to be sent again: “451 busy”"
    )]
    [InlineData(
        "sent_at = null, attempts = 1, unknown_outcomes = 1",
        "Being sent, and we do not know yet whether it arrived.",
        "being sent, and we do not know yet whether it arrived"
    )]
    [InlineData(
        "sent_at = " + At,
        "Handed over at 5:30pm on 14 November 2026.",
        "handed over at 5:30pm on 14 November 2026"
    )]
    [InlineData(
        "sent_at = null, failed_at = now(), ended_because = 'refused', last_error = '550 no such mailbox'",
        "Refused by the mail server: “550 no such mailbox”.",
        "refused by the mail server: “550 no such mailbox”"
    )]
    [InlineData(
        "sent_at = null, failed_at = now(), ended_because = 'gave-up', last_error = '421 relay 10.1.2.3 is down'",
        "Not sent, because the mail server did not take it for 4 hours.",
        "not sent, because the mail server did not take it for 4 hours: “421 relay 10.1.2.3 is down”"
    )]
    [InlineData(
        "sent_at = null, failed_at = now(), ended_because = 'unknown', last_error = 'It did not answer'",
        "We do not know whether it arrived.",
        "we do not know whether it arrived: “It did not answer”"
    )]
    [InlineData(
        "sent_at = null, superseded_at = now(), ended_because = 'newer'",
        "Not sent: a newer email replaced it.",
        "not sent: a newer email replaced it"
    )]
    [InlineData(
        "sent_at = null, superseded_at = now(), ended_because = 'late'",
        "Not sent: it would have come too late to be useful.",
        "not sent: it would have come too late to be useful"
    )]
    public async Task A_persons_page_says_only_what_is_known_of_their_invitation(
        string state,
        string toAdmin,
        string toSupport
    )
    {
        var invited = await app.Main.InviteAsync();
        var admin = await app.Main.AdminOfAsync(invited.Organisation);
        await SettleAsync(app.Main, invited.User, state);

        var page = await (await app.Client().SignInAsync(admin.Email)).GetAsync(
            Links.User(invited.Organisation.Id, invited.User.Id)
        );
        Assert.StartsWith(toAdmin, page.Value("Invitation"), StringComparison.Ordinal);
        Assert.DoesNotContain("10.1.2.3", page.Text(), StringComparison.Ordinal);
        var theirs = await (await app.SupportAsync()).GetAsync(Links.User(invited.Organisation.Id, invited.User.Id));
        Assert.Contains($" to {invited.User.Email}: {toSupport}", theirs.Text(), StringComparison.Ordinal);
        Assert.DoesNotContain("canceled", theirs.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_earlier_invitation_that_was_handed_over_is_said_beside_one_that_was_not()
    {
        var invited = await app.Main.InviteAsync();
        await SettleAsync(app.Main, invited.User, "sent_at = " + At);
        await app.Main.LetTimePassAsync(invited.User.Id, TimeSpan.FromMinutes(2));
        var support = await app.SupportAsync();
        await (await support.GetAsync(Links.ResendInvitation(invited.Organisation.Id, invited.User.Id))).SubmitAsync(
            "Resend invitation"
        );
        await SettleAsync(
            app.Main,
            invited.User,
            "sent_at = null, failed_at = now(), ended_because = 'refused', last_error = '550 no'",
            newestOnly: true
        );
        var page = await support.GetAsync(Links.User(invited.Organisation.Id, invited.User.Id));
        Assert.StartsWith(
            "Refused by the mail server: “550 no”. An earlier one was handed over at 5:30pm on 14 November 2026.",
            page.Value("Invitation"),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task What_was_undone_or_came_to_nothing_says_why()
    {
        var invited = await app.Main.InviteAsync();
        await SettleAsync(app.Main, invited.User, "sent_at = null, attempts = 0");
        var support = await app.SupportAsync();
        var removed = await (
            await support.GetAsync(Links.RemoveUser(invited.Organisation.Id, invited.User.Id))
        ).SubmitAsync("Remove user");
        await (await support.GetAsync(Links.UndoRemoval(invited.Organisation.Id, invited.User.Id))).SubmitAsync("Undo");
        var page = await support.GetAsync(Links.User(invited.Organisation.Id, invited.User.Id));
        Assert.Contains(
            "has been withdrawn” to " + invited.User.Email + ": not sent: the removal was undone",
            page.Text(),
            StringComparison.Ordinal
        );
        Assert.Contains("has been removed", removed.Banner, StringComparison.Ordinal);
    }

    /// <summary>Waits until the service has sent what it was to send, and then writes what became of it.</summary>
    private static async Task SettleAsync(Instance host, User user, string state, bool newestOnly = false)
    {
        await Wait.UntilAsync(
            () =>
                host.InDbAsync(db =>
                    db.OutgoingMessages.AllAsync(m =>
                        m.ToAddress != user.Email || m.SentAt != null || m.FailedAt != null || m.SupersededAt != null
                    )
                ),
            "It was not sent"
        );
#pragma warning disable EF1002 // written in this file
        await host.InDbAsync(db =>
            db.Database.ExecuteSqlRawAsync(
                $$"""
                update outgoing_messages set available_at = now() + interval '1 hour', {{state}}
                where id in (select id from outgoing_messages where to_address = {0} order by created_at desc limit {1})
                """,
                user.Email,
                newestOnly ? 1 : 100
            )
        );
#pragma warning restore EF1002
    }
}
