using System.Net;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Rollcall.History;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Security;
using Rollcall.Tests.Support;
using static Rollcall.Tests.SignIn.PasswordSignInTests;

namespace Rollcall.Tests.Users;

/// <summary>Two records of one person become one.</summary>
public sealed class MergeTests(TheApp app)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;
    private static Dictionary<string, string> Checked =>
        new() { ["HowChecked"] = "Called the number on their contract" };

    private Task<int> SetAsync(User user, Action<User> change) =>
        app.InDbAsync(async db =>
        {
            change(await db.Users.SingleAsync(u => u.Id == user.Id));
            return await db.SaveChangesAsync();
        });

    private Task<List<(Guid User, string Role)>> MembersAsync(Organisation organisation) =>
        app.InDbAsync(async db =>
            (
                await db
                    .Memberships.AsNoTracking()
                    .Where(m => m.OrganisationId == organisation.Id && m.RemovedAt == null)
                    .ToListAsync()
            ).ConvertAll(m => (m.UserId, m.Role))
        );

    private Task<List<string>> EmailsAsync(User to, string kind) =>
        app.InDbAsync(async db =>
            (
                await db
                    .OutgoingMessages.AsNoTracking()
                    .Where(m => m.ToAddress == to.Email && m.Kind == kind && m.SupersededAt == null)
                    .ToListAsync()
            ).ConvertAll(m => m.Data)
        );

    private Task<int> RowsAsync(string table, User of) =>
        app.InDbAsync(db =>
            db.Database.SqlQuery<int>(
                    FormattableStringFactory.Create(
                        $"select count(*)::int as \"Value\" from {table} where user_id = {{0}}",
                        of.Id
                    )
                )
                .SingleAsync()
        );

    [Fact]
    public async Task S3_1_Two_records_become_one_with_everything_that_either_could_use()
    {
        var (kept, both) = await PersonAsync(
            app.Main,
            change: u =>
            {
                u.FirstName = "Zoë";
                u.LastName = "O’Brien";
            }
        );
        var (gone, only) = await PersonAsync(app.Main, Roles.Admin);
        await app.Main.JoinAsync(gone, both, Roles.Admin);
        await app.Main.LimitAsync(kept, await app.Main.MakeAreaAsync(both, "North"));
        await app.Main.LimitAsync(gone, await app.Main.MakeAreaAsync(both, "South"));
        var session = app.Client();
        await SignInAsync(session, gone.Email);

        var support = await app.SupportAsync();
        var choose = await (await support.GetAsync(Links.Person(kept.Id))).FollowAsync("merge the 2 records");
        Assert.Equal(
            ["No one has this email address. Check it, or find the record in the list of all users"],
            (await choose.SubmitAsync("Continue", new() { ["Email"] = Some.Email() })).Errors
        );
        Assert.Equal(
            ["Enter the other email address. This record already has this one"],
            (await choose.SubmitAsync("Continue", new() { ["Email"] = kept.Email })).Errors
        );
        Assert.Equal(
            ["Enter an email address"],
            (await choose.SubmitAsync("Continue", new() { ["Email"] = "" })).Errors
        );
        var check = await choose.SubmitAsync("Continue", new() { ["Email"] = $" {gone.Email.ToUpperInvariant()}" });
        Assert.Equal("Admin, North, South In both records", check.Value(both.Name));
        Assert.Equal($"Admin From the record for {gone.Email}", check.Value(only.Name));
        var other = await check.FollowAsync($"Keep the other one with {gone.Email}");
        Assert.Equal(Links.Merge(gone.Id, kept.Id), other.Path);
        var empty = await check.SubmitAsync("Merge records");
        Assert.Equal(["Enter how you checked they are the same person"], empty.Errors);
        Assert.Equal(
            "How you checked must be 500 characters or fewer",
            Assert.Single(
                (await empty.SubmitAsync("Merge records", new() { ["HowChecked"] = new string('x', 501) })).Errors
            )
        );
        Assert.Equal(
            [(kept.Id, Roles.Member), (gone.Id, Roles.Admin)],
            (await MembersAsync(both)).OrderBy(m => m.User == gone.Id)
        ); // looking changes nothing

        var done = await empty.SubmitAsync("Merge records", Checked);
        Assert.Equal($"The records have been merged. Zoë O’Brien signs in with {kept.Email}.", done.Banner);
        Assert.Equal(("Active Admin", "Active Admin"), (done.Value(both.Name), done.Value(only.Name)));
        Assert.Contains(
            $"merged the record for {gone.Email} into the record for {kept.Email}. How they checked it was "
                + "the same person: Called the number on their contract",
            done.Text(),
            StringComparison.Ordinal
        );
        Assert.Equal([(kept.Id, Roles.Admin)], await MembersAsync(both));
        Assert.Equal([(kept.Id, Roles.Admin)], await MembersAsync(only));
        Assert.Equal("North, South", (await support.GetAsync(Links.User(both.Id, kept.Id))).Value("Service areas"));
        Assert.Contains(
            $"merged the record for {gone.Email} into this one",
            (await support.GetAsync(Links.User(only.Id, kept.Id))).Text(),
            StringComparison.Ordinal
        );

        Assert.Equal("Sign in", (await session.GetAsync("/account")).Heading);
        Assert.NotEmpty((await SignInAsync(app.Client(), gone.Email)).Errors);
        Assert.Equal("Your organisations", (await SignInAsync(app.Client(), kept.Email)).Heading);
        Assert.DoesNotContain(kept.Email, Assert.Single(await EmailsAsync(gone, "merged")), StringComparison.Ordinal);
        Assert.DoesNotContain(
            "O’Brien",
            System.Text.RegularExpressions.Regex.Unescape(Assert.Single(await EmailsAsync(gone, "merged"))),
            StringComparison.Ordinal
        ); // it would be a stranger's if support was mistaken
        Assert.DoesNotContain(gone.Email, Assert.Single(await EmailsAsync(kept, "merged")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task S3_1_The_record_that_was_given_up_is_found_nowhere_and_leads_to_the_other_one()
    {
        var (kept, organisation) = await PersonAsync(app.Main);
        var mark = Guid.NewGuid().ToString("N");
        var gone = await app.Main.MemberOfAsync(organisation, "Jo", mark, $"jo@{mark}.example");
        var support = await app.SupportAsync();
        Assert.Equal(2, await CountedAsync());
        var check = await support.GetAsync(Links.Merge(kept.Id, gone.Id));
        await check.SubmitAsync("Merge records", Checked);
        Assert.Contains(
            "No users match",
            (await support.GetAsync($"{Links.Everyone}?search={mark}")).Text(),
            StringComparison.Ordinal
        );
        Assert.DoesNotContain(
            mark,
            (await support.GetAsync($"{Links.Users(organisation.Id)}")).Text(),
            StringComparison.Ordinal
        );
        Assert.Equal(1, await CountedAsync());
        var page = await support.GetAsync(Links.Person(gone.Id));
        Assert.Equal(Links.Person(kept.Id), (await page.FollowAsync("another record for the same person")).Path);
        Assert.DoesNotContain("Pause", page.Text(), StringComparison.Ordinal);
        foreach (
            var path in new[]
            {
                Links.ResetSignIn(gone.Id, "/"),
                Links.Merge(gone.Id),
                Links.Merge(gone.Id, gone.Id),
                Links.Merge(kept.Id, Guid.NewGuid()),
            }
        )
        {
            await support.GetAsync(path, HttpStatusCode.NotFound);
        }

        // once more is done
        Assert.Equal(Links.Person(kept.Id), (await support.GetAsync(Links.Merge(kept.Id, gone.Id))).Path);
        Assert.Equal(Links.Person(kept.Id), (await check.SubmitAsync("Merge records", Checked)).Path);

        // The old address is free: a person who reads that mailbox now is a new user.
        await support.AddUserAsync(organisation, gone.Email, "New", "Comer");
        Assert.NotEqual(
            gone.Id,
            (await app.InDbAsync(db => db.Users.SingleAsync(u => u.EmailKey == gone.EmailKey))).Id
        );

        Task<int> CountedAsync() =>
            app.InDbAsync(db =>
                db.Database.SqlQuery<int>(
                        $"""
                        select sum(members)::int as "Value"
                        from member_counts
                        where organisation_id = {organisation.Id} and standing = 'active'
                        """
                    )
                    .SingleAsync()
            );
    }

    [Fact]
    public async Task D_Links_to_the_old_address_end_and_every_organisation_that_waits_invites_the_kept_one()
    {
        var invited = await app.Main.InviteAsync();
        var kept = await app.Main.InviteAsync();
        await app.InDbAsync(db =>
            db.Users.Where(u => u.Id == kept.User.Id)
                .ExecuteUpdateAsync(u =>
                    u.SetProperty(x => x.FirstName, (string?)null).SetProperty(x => x.LastName, (string?)null)
                )
        );
        await app.InDbAsync(db =>
            db.OutgoingMessages.Where(m => m.ToAddress == invited.User.Email)
                .ExecuteUpdateAsync(m =>
                    m.SetProperty(x => x.SentAt, (DateTimeOffset?)null)
                        .SetProperty(x => x.AvailableAt, DateTimeOffset.UtcNow.AddHours(1))
                )
        );
        var support = await app.SupportAsync();
        var check = await support.GetAsync(Links.Merge(kept.User.Id, invited.User.Id));
        Assert.Contains(
            $"We’ll invite {kept.User.Email} to {invited.Organisation.Name}.",
            check.Text(),
            StringComparison.Ordinal
        );
        Assert.DoesNotContain(
            $"We’ll invite {kept.User.Email} to {kept.Organisation.Name}.",
            check.Text(),
            StringComparison.Ordinal
        );
        Assert.Contains($"We’ll email {invited.User.Email} to tell them", check.Text(), StringComparison.Ordinal);
        Assert.Contains("The name on the record will change to Jo Bloggs", check.Text(), StringComparison.Ordinal);
        var done = await check.SubmitAsync("Merge records", Checked);
        Assert.Equal("Pending Member", done.Value(invited.Organisation.Name));
        Assert.Equal("Jo Bloggs", done.Heading);
        Assert.Empty(await EmailsAsync(invited.User, "added")); // what still waited for the old address
        Assert.Single(await EmailsAsync(invited.User, "merged"));
        Assert.Empty(await EmailsAsync(kept.User, "merged")); // the invitations say all they need
        Assert.Equal(2, (await EmailsAsync(kept.User, "added")).Count);
        Assert.DoesNotContain("Create", (await app.Client().GetAsync(invited.Link)).Heading, StringComparison.Ordinal);
        Assert.Contains(
            kept.Organisation.Name,
            (await app.Client().GetAsync(kept.Link)).Text(),
            StringComparison.Ordinal
        );
        Assert.Contains(
            invited.Organisation.Name,
            (await app.Client().GetAsync(await app.Main.LinkAsync(kept.User))).Text(),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Trust_No_way_to_sign_in_is_left_of_the_record_that_was_given_up()
    {
        var (kept, _) = await PersonAsync(app.Main);
        var (gone, _) = await PersonAsync(
            app.Main,
            change: u =>
            {
                u.Mobile = Some.Mobile();
                u.EmailCodes = true;
                u.LastSignedInAt = DateTimeOffset.UtcNow.AddDays(-1);
            }
        );
        await using (var scope = app.Main.Services.CreateAsyncScope())
        {
            await scope
                .ServiceProvider.GetRequiredService<Authenticators>()
                .SaveAsync(gone.Id, Totp.NewSecret(), 1, Stop);
        }

        await app.InDbAsync(async db =>
            await db.Database.ExecuteSqlAsync(
                $"""
                insert into sign_in_identities (issuer, subject, user_id, email, linked_at, last_used_at)
                values ('https://other.example', {gone.Id.ToString()}, {gone.Id}, {gone.Email}, now(), now());
                insert into recovery_codes (user_id, code_hash) values ({gone.Id}, {new byte[] { 1 }});
                insert into password_resets (id, user_id, token_hash, created_at)
                values (gen_random_uuid(), {gone.Id}, {gone.Id.ToByteArray()}, now());
                insert into pending_sign_ins (id, id_hash, user_id, created_at)
                values (gen_random_uuid(), {gone.Id.ToByteArray()}, {gone.Id}, now())
                """
            )
        );
        var earlier = await app.Main.MakeUserAsync();
        await SetAsync(
            earlier,
            u =>
            {
                u.MergedInto = gone.Id;
                u.MergedAt = u.CreatedAt;
            }
        );
        await (await (await app.SupportAsync()).GetAsync(Links.Merge(kept.Id, gone.Id))).SubmitAsync(
            "Merge records",
            Checked
        );
        foreach (
            var table in new[]
            {
                "sessions",
                "pending_sign_ins",
                "authenticators",
                "recovery_codes",
                "passkeys",
                "sign_in_identities",
            }
        )
        {
            Assert.Equal((table, 0), (table, await RowsAsync(table, gone)));
        }

        Assert.Equal(
            0,
            await app.InDbAsync(db => db.PasswordResets.CountAsync(r => r.UserId == gone.Id && r.UsedAt == null))
        );
        var after = await app.InDbAsync(db => db.Users.AsNoTracking().SingleAsync(u => u.Id == gone.Id));
        Assert.Equal(
            (null, null, false, kept.Id),
            (after.PasswordHash, after.Mobile, after.EmailCodes, after.MergedInto)
        );
        Assert.Equal(
            kept.Id,
            (await app.InDbAsync(db => db.Users.AsNoTracking().SingleAsync(u => u.Id == earlier.Id))).MergedInto
        ); // no chains
        Assert.NotNull(
            (await app.InDbAsync(db => db.Users.AsNoTracking().SingleAsync(u => u.Id == kept.Id))).LastSignedInAt
        ); // they did sign in, so their access is not listed for review
    }

    [Theory]
    [InlineData("support", "A support user’s record cannot be merged. Remove them from the support users first.")]
    [InlineData("paused", "One of the accounts is paused. Resume it first.")]
    [InlineData(
        "paused there",
        "They are paused at {0} with one of the records only. Resume or remove them there first."
    )]
    [InlineData("never came", "No one has ever signed in with {1}. Keep the other record.")]
    [InlineData("merged", "This record has been merged with another one.")]
    public async Task Trust20_S3_1_What_must_not_be_merged_is_refused_on_the_page_and_on_the_server(
        string why,
        string message
    )
    {
        var third = await app.Main.MakeUserAsync();
        var organisation = await app.Main.MakeOrganisationAsync();
        var kept = await app.Main.MemberOfAsync(organisation);
        var gone = await app.Main.MemberOfAsync(organisation);
        var support = await app.SupportAsync();
        var (path, fields) = (await support.GetAsync(Links.Merge(kept.Id, gone.Id))).Form("Merge records");
        fields["HowChecked"] = "In person";
        await SetAsync(
            why == "never came" ? kept : gone,
            u =>
            {
                u.SupportSince = why == "support" ? u.CreatedAt : null;
                u.PausedAt = why == "paused" ? u.CreatedAt : null;
                u.RegisteredAt = why == "never came" ? null : u.RegisteredAt;
                u.MergedInto = why == "merged" ? third.Id : null;
                u.MergedAt = why == "merged" ? u.CreatedAt : null;
            }
        );
        if (why == "paused there")
        {
            await app.InDbAsync(db =>
                db.Memberships.Where(m => m.UserId == gone.Id)
                    .ExecuteUpdateAsync(m => m.SetProperty(x => x.PausedAt, x => x.AddedAt))
            );
        }

        var page = await support.GetAsync(path);
        var words = string.Format(
            System.Globalization.CultureInfo.InvariantCulture,
            message,
            organisation.Name,
            kept.Email
        );
        Assert.Contains(words, page.Text(), StringComparison.Ordinal);
        Assert.Empty(page.Document.QuerySelectorAll("main form button"));
        Assert.Contains(words, (await support.PostAsync(path, fields)).Text(), StringComparison.Ordinal);
        var viewer = new Viewer(third.Id, "Sam", third.Email, true, []);
        var result = await app.Main.DoAsync<MergeUsers, Result<User>>(m =>
            m.MergeAsync(new(viewer, DateTimeOffset.UtcNow), kept.Id, gone.Id, fields["seen"], "In person")
        );
        Assert.Null(result.Value);
        Assert.NotNull(result.Refusal);
        Assert.Equal(2, (await MembersAsync(organisation)).Count);
    }

    [Fact]
    public async Task G6_Two_who_merge_the_same_two_records_either_way_at_once_get_one_outcome()
    {
        var viewer = Viewer.Of(await app.Main.MakeUserAsync(support: true));
        for (var round = 0; round < 20; round++)
        {
            var organisation = await app.Main.MakeOrganisationAsync();
            var one = await app.Main.MemberOfAsync(organisation);
            var other = await app.Main.AdminOfAsync(organisation);
            var ways = Enumerable
                .Range(0, 6)
                .Select(i => i % 2 == 0 ? (Kept: one.Id, Gone: other.Id) : (Kept: other.Id, Gone: one.Id))
                .ToList();
            var seen = new Dictionary<Guid, string>();
            foreach (var (kept, gone) in ways.Take(2))
            {
                seen[kept] = (await app.Main.DoAsync<MergeUsers, MergePlan?>(m => m.PlanAsync(kept, gone, Stop)))!.Seen;
            }

            var done = await Task.WhenAll(
                ways.Select(way =>
                    app.Main.DoAsync<MergeUsers, Result<User>>(m =>
                        m.MergeAsync(
                            new(viewer, DateTimeOffset.UtcNow),
                            way.Kept,
                            way.Gone,
                            seen[way.Kept],
                            "In person"
                        )
                    )
                )
            );
            var kepts = done.Where(d => d.Value is not null).Select(d => d.Value!.Id).Distinct().ToList();
            var winner = Assert.Single(kepts);
            Assert.Equal(3, done.Count(d => d.Value is not null)); // the same once more is the same answer
            Assert.All(done.Where(d => d.Value is null), d => Assert.Equal(MergeUsers.GivenUp, d.Refusal));
            Assert.Equal([(winner, Roles.Admin)], await MembersAsync(organisation));
            Assert.Equal(
                1,
                await app.InDbAsync(db =>
                    db.AuditEvents.CountAsync(e =>
                        e.UserId == winner && e.Kind == Event.KindOf<RecordsMerged>() && e.OrganisationId == null
                    )
                )
            );
            Assert.Single(await EmailsAsync(one, "merged"));
            Assert.Single(await EmailsAsync(other, "merged"));
        }
    }

    [Fact]
    public async Task H_What_changed_since_the_page_was_opened_is_shown_before_anything_happens()
    {
        var kept = await app.Main.MakeUserAsync();
        var gone = await app.Main.MakeUserAsync();
        var organisation = await app.Main.MakeOrganisationAsync();
        var membership = await app.Main.JoinAsync(gone, organisation);
        var check = await (await app.SupportAsync()).GetAsync(Links.Merge(kept.Id, gone.Id));
        await app.InDbAsync(db =>
            db.Memberships.Where(m => m.Id == membership.Id)
                .ExecuteUpdateAsync(m => m.SetProperty(x => x.Role, Roles.Admin))
        );
        var again = await check.SubmitAsync("Merge records", Checked);
        Assert.Equal(["Something has changed since you opened this page. Check what will happen again"], again.Errors);
        Assert.Equal($"Admin From the record for {gone.Email}", again.Value(organisation.Name));
        Assert.Equal("Called the number on their contract", again.Field("HowChecked"));
        Assert.Equal(
            $"The records have been merged. Jo Bloggs signs in with {kept.Email}.",
            (await again.SubmitAsync("Merge records")).Banner
        );
    }

    [Fact]
    public async Task Trust20_A_user_who_could_use_all_of_an_organisation_with_one_record_still_can()
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        var kept = await app.Main.AdminOfAsync(organisation);
        await app.Main.LimitAsync(kept, await app.Main.MakeAreaAsync(organisation, "North"));
        var gone = await app.Main.MemberOfAsync(organisation);
        var support = await app.SupportAsync();
        await (await support.GetAsync(Links.Merge(kept.Id, gone.Id))).SubmitAsync("Merge records", Checked);
        var page = await support.GetAsync(Links.User(organisation.Id, kept.Id));
        Assert.Equal(("Admin", "All"), (page.Value("Role"), page.Value("Service areas")));
    }

    [Fact]
    public async Task I13_A_membership_that_moves_stands_in_the_lists_as_the_person_it_belongs_to_now()
    {
        var kept = await app.Main.MakeUserAsync("Zoë", "Zed");
        var invited = await app.Main.InviteAsync();
        var other = await app.Main.MemberOfAsync(invited.Organisation, "Mo", "Member");
        var support = await app.SupportAsync();
        await (await support.GetAsync(Links.Merge(kept.Id, invited.User.Id))).SubmitAsync("Merge records", Checked);
        var active = await support.GetAsync(Links.Users(invited.Organisation.Id, MembershipStatus.Active));
        Assert.Equal(
            ["Mo Member", "Zoë Zed"],
            active.Texts("tbody th, tbody td:first-child").Select(text => text.Split(" person")[0])
        );
        Assert.Contains("2 active users", active.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task G1_Undo_does_not_bring_back_a_record_that_was_merged_away()
    {
        var kept = await app.Main.MakeUserAsync();
        var organisation = await app.Main.MakeOrganisationAsync();
        var gone = await app.Main.MemberOfAsync(organisation);
        var support = await app.SupportAsync();
        var list = await (await support.GetAsync(Links.RemoveUser(organisation.Id, gone.Id))).SubmitAsync(
            "Remove user"
        );
        await (await support.GetAsync(Links.Merge(kept.Id, gone.Id))).SubmitAsync("Merge records", Checked);
        var (path, fields) = list.Form($"Undo removing {gone.DisplayName}");
        await support.PostAsync(path, fields, HttpStatusCode.Conflict);
        Assert.Empty(await MembersAsync(organisation));
        var viewer = Viewer.Of(await app.Main.MakeUserAsync(support: true));
        Assert.Equal(
            MergeUsers.GivenUp,
            (
                await app.Main.DoAsync<PauseMember, Result>(p =>
                    p.SetAccountAsync(new(viewer, DateTimeOffset.UtcNow), gone.Id, true, null)
                )
            ).Refusal
        );
    }
}
