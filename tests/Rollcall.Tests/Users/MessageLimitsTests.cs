using Microsoft.EntityFrameworkCore;
using Rollcall.Addresses;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Users;

/// <summary>Trust15: how much one person can send and one mailbox gets, from whatever page.</summary>
public sealed class MessageLimitsTests(TheApp app)
{
    private const string SenderIsFull = "You have reached the limit of";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static async Task<(Client Client, User Admin, Organisation Organisation)> StartAsync(Instance host)
    {
        var organisation = await host.MakeOrganisationAsync();
        var admin = await host.AdminOfAsync(organisation, "Ann", "Admin");
        return (await host.Client().SignInAsync(admin.Email), admin, organisation);
    }

    private static async Task<Page> AddAsync(Client client, Organisation organisation, string email)
    {
        var check = await client.CheckUserAsync(organisation, AddPages.Person("Ada", "Lovelace", email));
        return await check.SubmitAsync("Add user");
    }

    private static async Task<Page> ListAsync(Client client, Organisation organisation, params string[] addresses)
    {
        var check = await (await client.GetAsync(Links.InviteUsers(organisation.Id))).SubmitAsync(
            "Continue",
            new() { ["Addresses"] = string.Join('\n', addresses), ["Role"] = Roles.Member }
        );
        return await check.SubmitAsync(
            $"Send {(addresses.Length == 1 ? "1 invitation" : $"{addresses.Length} invitations")}"
        );
    }

    private static Task<int> RemoveAllAsync(Instance host, Organisation organisation) =>
        host.InDbAsync(db =>
            db.Memberships.Where(m => m.OrganisationId == organisation.Id && m.Role == Roles.Member)
                .ExecuteUpdateAsync(m => m.SetProperty(x => x.RemovedAt, DateTimeOffset.UtcNow))
        );

    private static Task<int> InvitationsToAsync(Instance host, string email) =>
        host.InDbAsync(db =>
            db.OutgoingMessages.CountAsync(m => m.ToAddress == email && MessageLimits.Invitations.Contains(m.Kind))
        );

    /// <summary>Queues messages that a person caused a moment ago.</summary>
    private static Task<int> SendBeforeAsync(Instance host, string email, int count, string kind, Guid? by = null) =>
        host.InDbAsync(db =>
            db.Database.ExecuteSqlAsync(
                $$"""
                insert into outgoing_messages
                  (id, kind, data, to_address, to_key, priority, created_at, sent_at, caused_by)
                select gen_random_uuid(), {{kind}}, '{}', {{email}}, {{email}}, 20, now(), now(), {{by
                    ?? Guid.NewGuid()}} from generate_series(1, {{count}})
                """
            )
        );

    [Fact]
    public async Task Trust15_Adding_and_removing_over_and_over_fills_no_mailbox()
    {
        var (client, _, organisation) = await StartAsync(app.Main);
        var email = Some.Email();
        for (var i = 0; i < MessageLimits.InvitationsToAMailbox; i++)
        {
            Assert.Contains(
                "has been added",
                (await AddAsync(client, organisation, email)).Banner,
                StringComparison.Ordinal
            );
            await RemoveAllAsync(app.Main, organisation);
        }

        var refused = await AddAsync(client, organisation, email);
        Assert.Equal([$"We have sent {email} as many emails as we can today. Try again tomorrow"], refused.Errors);
        Assert.Equal(
            0,
            await app.InDbAsync(db =>
                db.Memberships.CountAsync(m =>
                    m.OrganisationId == organisation.Id && m.RemovedAt == null && m.Role == Roles.Member
                )
            )
        );

        // Nor by another organisation, a list, or both.
        var (others, _, elsewhere) = await StartAsync(app.Main);
        Assert.Single((await AddAsync(others, elsewhere, email)).Errors);
        var new1 = Some.Email();
        var result = await ListAsync(others, elsewhere, email, new1);
        Assert.Equal("1 invitation sent", result.Heading);
        Assert.Contains(
            $"{email} We have sent this email address as many emails as we can today",
            result.Text(),
            StringComparison.Ordinal
        );
        Assert.Equal(
            (MessageLimits.InvitationsToAMailbox, 1),
            (await InvitationsToAsync(app.Main, email), await InvitationsToAsync(app.Main, new1))
        );
    }

    [Fact]
    public async Task Trust15_A_refusal_repeats_the_address_as_typed_and_not_as_an_account_has_it()
    {
        var (client, _, organisation) = await StartAsync(app.Main);
        var email = Some.Email();
        await app.Main.MakeUserAsync(email: email);
        await SendBeforeAsync(app.Main, email, MessageLimits.InvitationsToAMailbox, "added");
        var typed = email.ToUpperInvariant();
        Assert.Equal(
            [$"We have sent {typed} as many emails as we can today. Try again tomorrow"],
            (await AddAsync(client, organisation, typed)).Errors
        );
    }

    [Theory]
    [InlineData(false, 5, true, false)]
    [InlineData(false, 6, true, true)]
    [InlineData(true, 6, true, false)] // they correct the address of a person who waits in six organisations
    [InlineData(true, 20, false, false)]
    [InlineData(true, 21, false, true)]
    public async Task Trust15_One_plan_may_be_too_much_for_a_mailbox_that_had_nothing_today(
        bool support,
        int count,
        bool invitations,
        bool refused
    )
    {
        var email = Some.Email();
        var by = new Viewer(Guid.NewGuid(), "Ann Admin", "ann@example.org", support, []);
        await app.InDbAsync(async db =>
        {
            await using var transaction = await db.Database.BeginTransactionAsync(Stop);
            PlannedMessage[] plan = [.. Enumerable.Repeat(new PlannedMessage(email, invitations), count)];
            var refusal = await db.RefuseMessagesAsync(new(), by, plan, DateTimeOffset.UtcNow);
            Assert.Equal(refused, refusal is not null);
            return 0;
        });
    }

    [Fact]
    public async Task Trust15_Lists_over_and_over_fill_no_mailbox_and_leave_no_record_of_a_person_who_was_not_invited()
    {
        var (client, _, organisation) = await StartAsync(app.Main);
        var email = Some.Email();
        var unknown = Some.Email();
        await SendBeforeAsync(app.Main, unknown, MessageLimits.MessagesToAMailbox, "confirm-address");
        for (var i = 0; i < MessageLimits.InvitationsToAMailbox + 2; i++)
        {
            await ListAsync(client, organisation, email, unknown);
            await RemoveAllAsync(app.Main, organisation);
        }

        Assert.Equal(
            (MessageLimits.InvitationsToAMailbox, 0),
            (await InvitationsToAsync(app.Main, email), await InvitationsToAsync(app.Main, unknown))
        );
        Assert.False(await app.InDbAsync(db => db.Users.AnyAsync(u => u.EmailKey == unknown)));
    }

    [Fact]
    public async Task Trust15_Sending_an_invitation_again_stops_at_the_same_number()
    {
        var (client, _, organisation) = await StartAsync(app.Main);
        var email = Some.Email();
        await AddAsync(client, organisation, email);
        var user = await app.InDbAsync(db => db.Users.SingleAsync(u => u.Email == email));
        async Task LongAgoAsync()
        {
            await app.InDbAsync(db =>
                db.Invitations.Where(i => i.UserId == user.Id)
                    .ExecuteUpdateAsync(i => i.SetProperty(x => x.ExpiresAt, x => DateTimeOffset.UtcNow.AddMinutes(-1)))
            );
            await app.Main.LetTimePassAsync(user.Id, TimeSpan.FromMinutes(2));
        }

        var form = await client.GetAsync(Links.ResendInvitation(organisation.Id, user.Id));
        for (var i = 1; i < MessageLimits.InvitationsToAMailbox; i++)
        {
            await LongAgoAsync();
            Assert.Contains(
                "We’ll email the invitation to",
                (await form.SubmitAsync("Resend invitation")).Banner,
                StringComparison.Ordinal
            );
        }

        await LongAgoAsync();
        Assert.Equal(
            [$"We cannot send another invitation to {email} for you today. Try again tomorrow"],
            (await form.SubmitAsync("Resend invitation")).Errors
        );
        await app.InDbAsync(db =>
            db.Memberships.Where(m => m.UserId == user.Id)
                .ExecuteUpdateAsync(m => m.SetProperty(x => x.ExpiresAt, x => DateTimeOffset.UtcNow.AddMinutes(-1)))
        );
        var all = await (await client.GetAsync(Links.ResendExpired(organisation.Id))).SubmitAsync(
            "Resend 1 invitation"
        );
        Assert.Equal("We’ll resend the invitation to 0 people. 1 person cannot get another one yet.", all.Banner);
        Assert.Equal(MessageLimits.InvitationsToAMailbox, await InvitationsToAsync(app.Main, email));
    }

    [Fact]
    public async Task Trust15_Correcting_an_address_counts_both_mailboxes_and_the_sender()
    {
        await using var host = await app.StartAsync(new() { ["Rollcall:Limits:InvitationsADay"] = "6" });
        var (client, admin, organisation) = await StartAsync(host);
        var user = await host.MemberOfAsync(organisation, registered: false);
        async Task<Page> CorrectAsync(string email) =>
            await (
                await (await client.GetAsync(Links.EditUser(organisation.Id, user.Id))).SubmitAsync(
                    "Continue",
                    new() { ["Email"] = email }
                )
            ).SubmitAsync("Save changes");
        Task<string> AddressAsync() =>
            host.InDbAsync(db => db.Users.Where(u => u.Id == user.Id).Select(u => u.Email).SingleAsync());
        for (var i = 0; i < 3; i++)
        {
            Assert.Contains("have been changed", (await CorrectAsync(Some.Email())).Banner, StringComparison.Ordinal);
        }

        var before = await AddressAsync();
        Assert.Equal(
            ["We have reached today’s limit for emails about this change. Try again tomorrow"],
            (await CorrectAsync(Some.Email())).Errors
        );
        Assert.Equal(before, await AddressAsync());
        Assert.Equal(6, await host.InDbAsync(db => db.OutgoingMessages.CountAsync(m => m.CausedBy == admin.Id)));

        // Another admin meets the limit of the mailbox.
        var second = await host.AdminOfAsync(organisation);
        client = await host.Client().SignInAsync(second.Email);
        await SendBeforeAsync(host, before, MessageLimits.MessagesToAMailbox, "details-changed");
        Assert.Single((await CorrectAsync(Some.Email())).Errors); // nor a notice to the old one
        await SendBeforeAsync(host, "full@example.org", MessageLimits.InvitationsToAMailbox, "added");
        Assert.Single((await CorrectAsync("full@example.org")).Errors);
        Assert.Equal(before, await AddressAsync());
    }

    [Fact]
    public async Task Trust15_Support_staff_have_a_limit_too_and_a_higher_one()
    {
        await using var host = await app.StartAsync(
            new() { ["Rollcall:Limits:InvitationsADay"] = "1", ["Rollcall:Limits:SupportMessagesADay"] = "2" }
        );
        var support = await host.SupportAsync();
        var organisation = await host.MakeOrganisationAsync();
        Assert.Contains(
            "has been added",
            (await AddAsync(support, organisation, Some.Email())).Banner,
            StringComparison.Ordinal
        );
        var form = await (await support.GetAsync(Links.AddSupportUser())).SubmitAsync(
            "Continue",
            new()
            {
                ["FirstName"] = "Sam",
                ["LastName"] = "Port",
                ["Email"] = Some.Email(),
            }
        );
        Assert.Contains(
            "has been added",
            (await form.SubmitAsync("Add support user")).Banner,
            StringComparison.Ordinal
        );
        Assert.StartsWith(
            SenderIsFull,
            Assert.Single((await AddAsync(support, organisation, Some.Email())).Errors),
            StringComparison.Ordinal
        );
        var another = Some.Email();
        form = await (await support.GetAsync(Links.AddSupportUser())).SubmitAsync(
            "Continue",
            new()
            {
                ["FirstName"] = "Sam",
                ["LastName"] = "Port",
                ["Email"] = another,
            }
        );
        Assert.StartsWith(
            SenderIsFull,
            Assert.Single((await form.SubmitAsync("Add support user")).Errors),
            StringComparison.Ordinal
        );
        Assert.False(await host.InDbAsync(db => db.Users.AnyAsync(u => u.Email == another)));
    }

    [Fact]
    public async Task Trust15_Support_adds_a_person_to_many_organisations_but_not_without_end()
    {
        var support = await app.SupportAsync();
        var email = Some.Email();
        await SendBeforeAsync(app.Main, email, MessageLimits.MessagesToAMailbox - 1, "added");
        Assert.Contains(
            "has been added",
            (await AddAsync(support, await app.Main.MakeOrganisationAsync(), email)).Banner,
            StringComparison.Ordinal
        );
        Assert.Single((await AddAsync(support, await app.Main.MakeOrganisationAsync(), email)).Errors);
    }

    [Fact]
    public async Task Trust15_A_change_of_ones_own_address_writes_to_no_full_mailbox()
    {
        var user = await app.Main.MakeUserAsync();
        var full = Some.Email();
        await SendBeforeAsync(app.Main, full, MessageLimits.MessagesToAMailbox, "confirm-address");
        Assert.True(EmailAddress.TryParse(full, out var address));
        await app.Main.DoAsync<AccountDetails, int>(async account =>
        {
            await account.AskForAddressAsync(new(Viewer.Of(user), DateTimeOffset.UtcNow), address);
            return 0;
        });
        Assert.Equal(
            MessageLimits.MessagesToAMailbox,
            await app.InDbAsync(db => db.OutgoingMessages.CountAsync(m => m.ToAddress == full))
        );
    }

    [Fact]
    public async Task Trust15_Requests_at_once_on_two_instances_do_not_pass_the_limits()
    {
        await using var one = await app.StartAsync(new() { ["Rollcall:Limits:InvitationsADay"] = "3" });
        await using var two = await app.StartAsync(new() { ["Rollcall:Limits:InvitationsADay"] = "3" }, one.Database);
        var admins = new List<(Viewer Viewer, Organisation Organisation)>();
        for (var i = 0; i < 6; i++)
        {
            var (_, admin, organisation) = await StartAsync(one);
            admins.Add((new(admin.Id, admin.DisplayName, admin.Email, false, []), organisation));
        }

        // Six organisations and one mailbox.
        var mailbox = Some.Email();
        await SendBeforeAsync(one, mailbox, MessageLimits.InvitationsToAMailbox - 1, "added");
        var outcomes = await Task.WhenAll(
            admins.Select((a, i) => RefusedAsync(i % 2 == 0 ? one : two, a.Viewer, a.Organisation, mailbox))
        );
        Assert.Equal(1, outcomes.Count(refused => !refused));

        // One admin and six mailboxes: three of them at most, of which one may be used up above.
        var (viewer, own) = admins[0];
        var before = await one.InDbAsync(db => db.OutgoingMessages.CountAsync(m => m.CausedBy == viewer.UserId));
        outcomes = await Task.WhenAll(
            Enumerable.Range(0, 6).Select(i => RefusedAsync(i % 2 == 0 ? one : two, viewer, own, Some.Email()))
        );
        Assert.Equal(3 - before, outcomes.Count(refused => !refused));
    }

    private static Task<bool> RefusedAsync(Instance host, Viewer by, Organisation organisation, string email) =>
        host.InDbAsync(async db =>
        {
            await using var transaction = await db.Database.BeginTransactionAsync(Stop);
            var now = DateTimeOffset.UtcNow;
            if (
                await db.RefuseMessagesAsync(
                    new LimitOptions { InvitationsADay = 3 },
                    by,
                    [new(email, IsInvitation: true)],
                    now
                )
                is not null
            )
            {
                return true;
            }

            Rollcall.Emails.Outbox.Enqueue(
                db,
                email,
                new Rollcall.Emails.AddedToAnother(organisation.Id, organisation.Name, null),
                null,
                now,
                by.UserId
            );
            await db.SaveChangesAsync(Stop);
            await transaction.CommitAsync(Stop);
            return false;
        });
}
