using System.Net;
using Microsoft.EntityFrameworkCore;
using Rollcall.History;
using Rollcall.Model;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Users;

public sealed class EditTests(TheApp app)
{
    private async Task<(Client Support, Organisation Organisation, User User)> StartAsync(bool registered = true)
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        var user = await app.Main.MemberOfAsync(organisation, "Ada", "Lovelace", registered: registered);
        return (await app.SupportAsync(), organisation, user);
    }

    private static async Task<Page> CheckPageAsync(
        Client client,
        Organisation organisation,
        User user,
        Dictionary<string, string> changes
    ) => await (await client.GetAsync(Links.EditUser(organisation.Id, user.Id))).SubmitAsync("Continue", changes);

    private Task<User> StoredAsync(User user) => app.InDbAsync(db => db.Users.SingleAsync(u => u.Id == user.Id));

    private Task<List<string>> EmailsToAsync(string address) =>
        app.InDbAsync(db => db.OutgoingMessages.Where(m => m.ToAddress == address).Select(m => m.Kind).ToListAsync());

    [Fact]
    public async Task S1_9_S3_4_S1_27_Support_changes_a_name_and_an_address()
    {
        var (support, organisation, user) = await StartAsync();
        var email = Some.Email();
        var details = await support.GetAsync(Links.User(organisation.Id, user.Id));
        var form = await details.FollowAsync("Change first name");
        Assert.Equal(
            ("Ada", "Lovelace", user.Email),
            (form.Field("FirstName"), form.Field("LastName"), form.Field("Email"))
        );
        var check = await form.SubmitAsync(
            "Continue",
            new()
            {
                ["FirstName"] = "Augusta",
                ["LastName"] = "King",
                ["Email"] = email,
            }
        );
        Assert.Equal("Ada", (await StoredAsync(user)).FirstName);
        var saved = await check.SubmitAsync("Save changes");
        Assert.Equal("Augusta King’s details have been changed.", saved.Banner);
        Assert.Equal(
            ("Augusta", "King", email),
            (saved.Value("First name"), saved.Value("Last name"), saved.Value("Email address"))
        );
    }

    [Theory] // H5, H6
    [InlineData(true, false, new[] { "details-changed" }, new string[0])]
    [InlineData(true, true, new[] { "details-changed" }, new[] { "address-changed" })]
    [InlineData(false, false, new string[0], new string[0])]
    [InlineData(false, true, new[] { "added" }, new[] { "removed" })]
    public async Task H7_The_emails_that_the_check_page_promises_are_the_ones_that_are_sent(
        bool registered,
        bool newAddress,
        string[] toNew,
        string[] toOld
    )
    {
        var (support, organisation, user) = await StartAsync(registered);
        var email = newAddress ? Some.Email() : user.Email;
        var check = await CheckPageAsync(
            support,
            organisation,
            user,
            new() { ["FirstName"] = "Augusta", ["Email"] = email }
        );
        var promised = check
            .Texts("main p")
            .Where(p => p.StartsWith("We’ll email ", StringComparison.Ordinal))
            .Select(p => p.Split(' ')[2])
            .Order()
            .ToList();
        Assert.Equal(
            promised.Count == 0,
            check.Text().Contains("We will not email anyone about this change.", StringComparison.Ordinal)
        );
        await check.SubmitAsync("Save changes");
        var sent = (await EmailsToAsync(email))
            .Select(kind => (email, kind))
            .Concat(newAddress ? (await EmailsToAsync(user.Email)).Select(kind => (user.Email, kind)) : [])
            .ToList();
        Assert.Equal(promised, sent.Select(s => s.Item1).Order());
        Assert.Equal(toNew, await EmailsToAsync(email));
        Assert.Equal(newAddress ? toOld : toNew, await EmailsToAsync(user.Email));
    }

    [Fact]
    public async Task H2_Saving_without_a_change_records_and_sends_nothing()
    {
        var (support, organisation, user) = await StartAsync();
        var page = await CheckPageAsync(support, organisation, user, new() { ["FirstName"] = " Ada " });
        Assert.Equal(Links.User(organisation.Id, user.Id), page.Path);
        Assert.Equal(0, await app.InDbAsync(db => db.AuditEvents.CountAsync(e => e.UserId == user.Id)));
        Assert.Empty(await EmailsToAsync(user.Email));
    }

    [Fact]
    public async Task H3_Their_own_address_in_another_case_is_no_conflict()
    {
        var (support, organisation, user) = await StartAsync();
        var saved = await (
            await CheckPageAsync(support, organisation, user, new() { ["Email"] = user.Email.ToUpperInvariant() })
        ).SubmitAsync("Save changes");
        Assert.Equal(user.Email.ToUpperInvariant(), saved.Value("Email address"));
    }

    [Fact]
    public async Task H4_An_address_that_another_user_has_is_a_field_error_even_when_they_took_it_since()
    {
        var (support, organisation, user) = await StartAsync();
        var other = await app.Main.MakeUserAsync();
        var page = await CheckPageAsync(support, organisation, user, new() { ["Email"] = other.Email });
        Assert.Equal(["Email address already in use"], page.Errors);

        var email = Some.Email();
        var check = await CheckPageAsync(support, organisation, user, new() { ["Email"] = email });
        await app.Main.MakeUserAsync(email: email);
        var late = await check.SubmitAsync("Save changes");
        Assert.Equal(["Email address already in use"], late.Errors);
        Assert.Equal(email, late.Field("Email"));
        Assert.Equal(user.Email, (await StoredAsync(user)).Email);
        Assert.Empty(await EmailsToAsync(user.Email));
    }

    [Fact]
    public async Task H8_S1_10_S3_4_Nothing_but_name_and_address_can_be_changed()
    {
        var (support, organisation, user) = await StartAsync();
        var other = await app.Main.MakeOrganisationAsync();
        var extra = new Dictionary<string, string>
        {
            ["FirstName"] = "Augusta",
            ["LastSignedInAt"] = "2020-01-01",
            ["SupportSince"] = "2020-01-01",
            ["OrganisationId"] = other.Id.ToString(),
            ["Id"] = Guid.NewGuid().ToString(),
            ["PausedAt"] = "2020-01-01",
        };
        await (await CheckPageAsync(support, organisation, user, extra)).SubmitAsync("Save changes", extra);
        var stored = await StoredAsync(user);
        Assert.Equal(
            ("Augusta", null, null, null),
            (stored.FirstName, stored.LastSignedInAt, stored.SupportSince, stored.PausedAt)
        );
        Assert.Equal(
            [organisation.Id],
            await app.InDbAsync(db =>
                db.Memberships.Where(m => m.UserId == user.Id).Select(m => m.OrganisationId).ToListAsync()
            )
        );
    }

    [Fact]
    public async Task H9_The_faster_change_of_another_admin_is_shown_and_not_overwritten()
    {
        var (support, organisation, user) = await StartAsync();
        var slow = await CheckPageAsync(support, organisation, user, new() { ["FirstName"] = "Slow" });
        await (
            await CheckPageAsync(await app.SupportAsync(), organisation, user, new() { ["FirstName"] = "Fast" })
        ).SubmitAsync("Save changes");
        var conflict = await slow.SubmitAsync("Save changes", expected: HttpStatusCode.Conflict);
        Assert.Equal("Fast", conflict.Value("First name"));
        Assert.Contains("Slow Lovelace", conflict.Text(), StringComparison.Ordinal);
        Assert.Equal("Fast", (await conflict.FollowAsync("Change the details again")).Field("FirstName"));
        Assert.Equal("Fast", (await StoredAsync(user)).FirstName);
    }

    [Fact]
    public async Task G7_Changing_a_user_who_was_removed_since_is_not_found()
    {
        var (support, organisation, user) = await StartAsync();
        var check = await CheckPageAsync(support, organisation, user, new() { ["FirstName"] = "Augusta" });
        await (await (await app.SupportAsync()).GetAsync(Links.RemoveUser(organisation.Id, user.Id))).SubmitAsync(
            "Remove user"
        );
        await check.SubmitAsync("Save changes", expected: HttpStatusCode.NotFound);
        Assert.Equal("Ada", (await StoredAsync(user)).FirstName);
    }

    [Fact]
    public async Task B4_A_confirm_sent_again_changes_and_sends_once()
    {
        var (support, organisation, user) = await StartAsync();
        var check = await CheckPageAsync(support, organisation, user, new() { ["FirstName"] = "Augusta" });
        var pages = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => check.SubmitAsync("Save changes")));
        Assert.All(pages, page => Assert.NotNull(page.Banner));
        Assert.Equal(["details-changed"], await EmailsToAsync(user.Email));
        Assert.Equal(
            1,
            await app.InDbAsync(db =>
                db.AuditEvents.CountAsync(e => e.UserId == user.Id && e.Kind == Event.KindOf<UserDetailsChanged>())
            )
        );
    }

    [Theory]
    [InlineData("Never", false, false)]
    [InlineData("Never", true, false)]
    [InlineData("UntilFirstSignIn", false, true)]
    [InlineData("UntilFirstSignIn", true, false)]
    [InlineData("Always", false, true)]
    [InlineData("Always", true, true)]
    public async Task H1_S1_27_The_setting_decides_who_may_be_changed_on_the_page_and_on_the_server(
        string policy,
        bool registered,
        bool allowed
    )
    {
        foreach (var console in new[] { "Support", "Organisation" })
        {
            await using var host = await app.StartAsync(
                new() { [$"Rollcall:{console}:EditName"] = policy, [$"Rollcall:{console}:EditEmail"] = "Never" }
            );
            var organisation = await host.MakeOrganisationAsync();
            var user = await host.MemberOfAsync(organisation, "Ada", "Lovelace", registered: registered);
            var viewer = await host.MakeUserAsync(support: console == "Support");
            await host.JoinAsync(viewer, organisation, Roles.Admin);
            var client = await host.Client().SignInAsync(viewer.Email);

            var details = await client.GetAsync(Links.User(organisation.Id, user.Id));
            Assert.Equal(allowed, details.HasLink("Change first name"));
            Assert.False(details.HasLink("Change email address"));
            var (_, token) = (await client.GetAsync(Links.RemoveUser(organisation.Id, user.Id))).Form("Remove user");
            var posted = new Dictionary<string, string>(token)
            {
                ["FirstName"] = "Augusta",
                ["LastName"] = "King",
                ["Email"] = "other@example.com",
            };
            var page = await client.PostAsync(
                Links.EditUser(organisation.Id, user.Id),
                posted,
                allowed ? HttpStatusCode.OK : HttpStatusCode.Forbidden
            );
            if (allowed)
            {
                Assert.Equal(("Augusta", user.Email), (page.Value("First name"), page.Value("Email address")));
            }
        }
    }

    [Fact]
    public async Task H1_A_user_who_signs_in_between_form_and_confirm_is_no_longer_changed_by_their_organisation()
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        var user = await app.Main.MemberOfAsync(organisation, registered: false);
        var admin = await app.Main.AdminOfAsync(organisation);
        var check = await CheckPageAsync(
            await app.Client().SignInAsync(admin.Email),
            organisation,
            user,
            new() { ["FirstName"] = "Augusta" }
        );
        await app.Client().SignInAsync(user.Email);
        await check.SubmitAsync("Save changes", expected: HttpStatusCode.Forbidden);
        Assert.Equal("Jo", (await StoredAsync(user)).FirstName);
    }

    [Fact]
    public async Task H10_An_organisation_cannot_rename_a_user_who_also_belongs_to_another()
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        var elsewhere = await app.Main.MakeOrganisationAsync();
        var user = await app.Main.MemberOfAsync(organisation, registered: false);
        await app.Main.JoinAsync(user, elsewhere);
        var admin = await app.Main.AdminOfAsync(organisation);
        var client = await app.Client().SignInAsync(admin.Email);
        Assert.False((await client.GetAsync(Links.User(organisation.Id, user.Id))).HasLink("Change first name"));
        await client.GetAsync(Links.EditUser(organisation.Id, user.Id), HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task I1_A_new_name_moves_the_person_in_every_list()
    {
        var (support, organisation, user) = await StartAsync();
        var elsewhere = await app.Main.MakeOrganisationAsync();
        await app.Main.JoinAsync(user, elsewhere);
        foreach (var place in new[] { organisation, elsewhere })
        {
            await app.Main.MemberOfAsync(place, "Bea", "Smith");
        }

        await (await CheckPageAsync(support, organisation, user, new() { ["FirstName"] = "Zoë" })).SubmitAsync(
            "Save changes"
        );
        foreach (var place in new[] { organisation, elsewhere })
        {
            Assert.Equal(
                ["Bea Smith", "Zoë Lovelace"],
                (await support.GetAsync(Links.Users(place.Id))).Texts("tbody td:nth-child(1)")
            );
        }
    }

    [Fact]
    public async Task Trust24_An_organisation_cannot_change_support_staff_who_have_not_signed_in_yet()
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        var support = await app.Main.MakeUserAsync(registered: false, support: true);
        var admin = await app.Main.AdminOfAsync(organisation);
        await app.Main.JoinAsync(support, organisation);
        var client = await app.Client().SignInAsync(admin.Email);
        Assert.False((await client.GetAsync(Links.User(organisation.Id, support.Id))).HasLink("Change email address"));
        await client.GetAsync(Links.EditUser(organisation.Id, support.Id), HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task H7_Every_address_that_stops_being_used_hears_of_it_however_fast_the_changes_come()
    {
        await using var host = await app.StartAsync(
            new()
            {
                ["Rollcall:Email:Sender"] = "Smtp",
                ["Rollcall:Email:Smtp:Port"] = "1",
                ["Rollcall:Email:Smtp:StartTls"] = "false",
            }
        ); // nothing leaves
        var organisation = await host.MakeOrganisationAsync();
        var elsewhere = await host.MakeOrganisationAsync();
        var user = await host.MakeUserAsync("Ada", "Lovelace", registered: false);
        var support = await host.SupportAsync();
        foreach (var place in new[] { organisation, elsewhere })
        {
            await support.AddUserAsync(place, user.Email);
        }

        var second = Some.Email();
        var third = Some.Email();
        foreach (var email in new[] { second, third })
        {
            await (await CheckPageAsync(support, organisation, user, new() { ["Email"] = email })).SubmitAsync(
                "Save changes"
            );
        }

        var waiting = await host.InDbAsync(db =>
            db.OutgoingMessages.Where(m => m.SupersededAt == null).Select(m => m.ToAddress + " " + m.Kind).ToListAsync()
        );
        Assert.Equal(
            new[] { $"{user.Email} removed", $"{second} removed", $"{third} added", $"{third} added" }.Order(),
            waiting.Order()
        );
    }

    [Fact]
    public async Task H3_Another_spelling_of_the_same_mailbox_is_not_called_a_new_address()
    {
        var (support, organisation, user) = await StartAsync();
        var other = user.Email.ToUpperInvariant();
        var check = await CheckPageAsync(support, organisation, user, new() { ["Email"] = other });
        Assert.DoesNotContain("no longer used", check.Text(), StringComparison.Ordinal);
        await check.SubmitAsync("Save changes");
        Assert.Equal((0, 1), ((await EmailsToAsync(user.Email)).Count, (await EmailsToAsync(other)).Count));
    }

    [Fact]
    public async Task G7_A_removal_that_overtakes_the_confirm_is_a_page_that_is_not_found()
    {
        var (support, organisation, user) = await StartAsync();
        var check = await CheckPageAsync(support, organisation, user, new() { ["FirstName"] = "Augusta" });
        await using var connection = new Npgsql.NpgsqlConnection(app.Main.Database);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        async Task RunAsync(string sql)
        {
            await using var command = new Npgsql.NpgsqlCommand(sql, connection, transaction);
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }
        await RunAsync($"select from organisations where id = '{organisation.Id}' for no key update");
        var confirm = check.SubmitAsync("Save changes", expected: HttpStatusCode.NotFound);
        await WaitingForALockAsync();
        await RunAsync($"update memberships set removed_at = now() where user_id = '{user.Id}'");
        await transaction.CommitAsync(TestContext.Current.CancellationToken);
        await confirm;
        Assert.Equal("Ada", (await StoredAsync(user)).FirstName);
    }

    private async Task WaitingForALockAsync()
    {
        while (
            await app.InDbAsync(db =>
                db.Database.SqlQuery<int>(
                        $"""
                        select count(*)::int as "Value"
                        from pg_stat_activity
                        where wait_event_type = 'Lock' and query like '%select organisation_id from memberships%'
                        """
                    )
                    .SingleAsync()
            ) == 0
        )
        {
            await Task.Yield();
        }
    }

    [Fact]
    public async Task H7_No_email_is_promised_to_someone_who_is_paused_before_they_came()
    {
        var (support, organisation, user) = await StartAsync(registered: false);
        await app.InDbAsync(db =>
            db.Memberships.Where(m => m.UserId == user.Id)
                .ExecuteUpdateAsync(m => m.SetProperty(x => x.PausedAt, x => x.AddedAt))
        );
        var email = Some.Email();
        var check = await CheckPageAsync(support, organisation, user, new() { ["Email"] = email });
        Assert.DoesNotContain($"We’ll email {email}", check.Text(), StringComparison.Ordinal);
        Assert.Contains(
            $"We’ll email {user.Email} to tell them their invitation has been withdrawn.",
            check.Text(),
            StringComparison.Ordinal
        );
        await check.SubmitAsync("Save changes");
        Assert.Empty(await EmailsToAsync(email));
        Assert.Equal(["removed"], await EmailsToAsync(user.Email));
    }

    [Fact]
    public async Task H3_Another_spelling_of_an_invited_address_sends_nothing_and_the_link_goes_on_working()
    {
        var support = await app.SupportAsync();
        var invited = await app.Main.InviteAsync();
        var other = invited.User.Email.ToUpperInvariant();
        var check = await CheckPageAsync(support, invited.Organisation, invited.User, new() { ["Email"] = other });
        Assert.Contains("We will not email anyone about this change.", check.Text(), StringComparison.Ordinal);
        var saved = await check.SubmitAsync("Save changes");
        Assert.Equal(other, saved.Value("Email address"));
        Assert.Empty(await EmailsToAsync(other));
        Assert.Equal(
            [other],
            await app.InDbAsync(db =>
                db.Invitations.Where(i => i.UserId == invited.User.Id).Select(i => i.Email).ToListAsync()
            )
        );
        Assert.True((await app.Client().GetAsync(invited.Link)).HasLink("Create an account"));
    }

    [Fact]
    public async Task H7_Support_reads_that_every_organisation_that_waits_for_the_person_invites_them_again()
    {
        var (support, organisation, user) = await StartAsync(registered: false);
        await app.Main.JoinAsync(user, await app.Main.MakeOrganisationAsync());
        var email = Some.Email();
        var check = await CheckPageAsync(support, organisation, user, new() { ["Email"] = email });
        Assert.Contains(
            $"We’ll email {email} to tell them they have been added to {organisation.Name} and each other "
                + "organisation that has "
                + "invited them, and how to sign in.",
            check.Text(),
            StringComparison.Ordinal
        );
        await check.SubmitAsync("Save changes");
        Assert.Equal(["added", "added"], await EmailsToAsync(email));
    }
}
