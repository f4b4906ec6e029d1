using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Dev;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Security;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.SignIn.Providers;

/// <summary>Which user a provider's identity belongs to.</summary>
public sealed class IdentitiesTests(TheApp app)
{
    private const string Unknown = "You cannot use this account yet";

    private async Task<(User User, Organisation Organisation)> InvitedAsync(
        string? email = null,
        bool registered = false,
        string first = "Jo",
        string last = "Bloggs"
    )
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        var user = await app.Main.MemberOfAsync(organisation, first, last, email, registered);
        return (user, organisation);
    }

    /// <summary>The token of a new invitation for this person.</summary>
    private async Task<string> LinkAsync(User user, bool toSupport = false)
    {
        await using var scope = app.Main.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<Db>();
        var membership = toSupport ? null : await db.Memberships.SingleAsync(m => m.UserId == user.Id);
        var invitation = await scope
            .ServiceProvider.GetRequiredService<Invitations>()
            .NewLinkAsync(user, membership, null, DateTimeOffset.UtcNow);
        return LinkToken.Of(scope.ServiceProvider.GetRequiredService<Secret>(), LinkToken.Invitation, invitation.Id);
    }

    private Task<User> ReadAsync(User user) =>
        app.InDbAsync(db => db.Users.AsNoTracking().SingleAsync(u => u.Id == user.Id));

    private Task<int> IdentitiesOfAsync(User user) =>
        app.InDbAsync(db =>
            db.Database.SqlQuery<int>(
                    $"select count(*)::int as \"Value\" from sign_in_identities where user_id = {user.Id}"
                )
                .SingleAsync()
        );

    private Task<List<string>> KindsAsync(User user) =>
        app.InDbAsync(db =>
            db.AuditEvents.Where(e => e.UserId == user.Id).OrderBy(e => e.At).Select(e => e.Kind).ToListAsync()
        );

    [Fact]
    public async Task Trust46_F1_F8_The_same_subject_with_a_new_address_is_the_same_person_who_is_written_to_there_from_now_on()
    {
        var (user, organisation) = await InvitedAsync();
        var subject = await app.Provider.PersonAsync(user.Email);
        await IdentityProvider.SignInAsync(app.Client(), subject);
        var moved = Some.Email();
        await app.Provider.PersonAsync(moved, subject: subject);
        Assert.Equal(organisation.Name, (await IdentityProvider.SignInAsync(app.Client(), subject)).Heading);
        Assert.Equal(moved, (await ReadAsync(user)).Email);
        Assert.Contains("details-changed", await KindsAsync(user));

        // A new subject with the old address, or with the new one, is not the same person.
        foreach (var address in new[] { user.Email, moved })
        {
            Assert.Equal(
                address == moved ? "You already have an account" : Unknown,
                (await IdentityProvider.SignInAsync(app.Client(), await app.Provider.PersonAsync(address))).Heading
            );
        }

        Assert.Equal(1, await IdentitiesOfAsync(user));
    }

    [Fact]
    public async Task F8_A_new_address_that_belongs_to_another_user_lets_the_person_in_and_stands_in_the_record()
    {
        var (user, organisation) = await InvitedAsync();
        var other = await app.Main.MakeUserAsync();
        var subject = await app.Provider.PersonAsync(user.Email, first: "Grace");
        await IdentityProvider.SignInAsync(app.Client(), subject);
        var before = await ReadAsync(user);
        await app.Provider.PersonAsync(other.Email.ToUpperInvariant(), subject: subject);
        Assert.Equal(organisation.Name, (await IdentityProvider.SignInAsync(app.Client(), subject)).Heading);
        var after = await ReadAsync(user);
        Assert.Equal((user.Email, true), (after.Email, after.LastSignedInAt > before.LastSignedInAt));
        Assert.Contains("provider-address-taken", await KindsAsync(user));
        await IdentityProvider.SignInAsync(app.Client(), subject);
        Assert.Single(await KindsAsync(user), "provider-address-taken"); // once, not at every sign-in
    }

    [Fact]
    public async Task F8_A_new_address_that_is_not_verified_changes_nothing()
    {
        var (user, _) = await InvitedAsync();
        var subject = await app.Provider.PersonAsync(user.Email);
        await IdentityProvider.SignInAsync(app.Client(), subject);
        await app.Provider.PersonAsync(Some.Email(), verified: false, subject: subject);
        await IdentityProvider.SignInAsync(app.Client(), subject);
        Assert.Equal(user.Email, (await ReadAsync(user)).Email);
    }

    [Fact]
    public async Task S1_29_S2_13_F2_An_address_in_other_letters_still_matches()
    {
        var (_, organisation) = await InvitedAsync(Some.Email().Replace("person", "Person", StringComparison.Ordinal));
        var user = await app.InDbAsync(db =>
            db.Memberships.Where(m => m.OrganisationId == organisation.Id)
                .Join(db.Users, m => m.UserId, u => u.Id, (m, u) => u)
                .SingleAsync()
        );
        Assert.Equal(
            organisation.Name,
            (
                await IdentityProvider.SignInAsync(
                    app.Client(),
                    await app.Provider.PersonAsync(" " + user.Email.ToUpperInvariant() + " ")
                )
            ).Heading
        );
    }

    [Theory]
    [InlineData(false)]
    [InlineData(null)]
    public async Task Trust47_F3_An_address_that_is_not_verified_never_joins(bool? verified)
    {
        var (user, _) = await InvitedAsync();
        Assert.Equal(
            Unknown,
            (
                await IdentityProvider.SignInAsync(app.Client(), await app.Provider.PersonAsync(user.Email, verified))
            ).Heading
        );
        Assert.Null((await ReadAsync(user)).RegisteredAt);
        Assert.Equal(0, await IdentitiesOfAsync(user));
    }

    [Fact]
    public async Task Trust47_A_provider_whose_settings_say_that_it_verifies_addresses_is_believed()
    {
        var settings = app.Provider.Settings("verifies");
        settings["Rollcall:SignIn:Providers:0:VerifiesEmails"] = "true";
        await using var host = await app.StartAsync(settings, app.Main.Database);
        await app.Provider.KnowAsync(host, "verifies");
        var (user, organisation) = await InvitedAsync();
        Assert.Equal(
            organisation.Name,
            (
                await IdentityProvider.SignInAsync(
                    host.Client(),
                    await app.Provider.PersonAsync(user.Email, verified: null)
                )
            ).Heading
        );
    }

    [Fact]
    public async Task Trust48_Support_staff_are_never_joined_by_an_address_and_are_by_their_link()
    {
        var user = await app.Main.MakeUserAsync(registered: false, support: true);
        var organisation = await app.Main.MakeOrganisationAsync();
        await app.Main.JoinAsync(user, organisation);
        var subject = await app.Provider.PersonAsync(user.Email);
        Assert.Equal(Unknown, (await IdentityProvider.SignInAsync(app.Client(), subject)).Heading);
        var ready = await IdentityProvider.SignInAsync(
            app.Client(),
            subject,
            invitation: await LinkAsync(user, toSupport: true)
        );
        Assert.Equal("Organisations", (await ready.FollowAsync("Continue")).Heading);
    }

    [Fact]
    public async Task Trust46_F4_The_same_address_at_another_provider_is_an_unknown_person()
    {
        await using var second = await IdentityProvider.StartAsync();
        await using var host = await app.StartAsync(second.Settings(), app.Main.Database);
        await second.KnowAsync(host);
        var (user, _) = await InvitedAsync();
        await IdentityProvider.SignInAsync(
            app.Client(),
            await app.Provider.PersonAsync(user.Email, subject: "the same subject")
        );
        Assert.Equal(
            Unknown,
            (
                await IdentityProvider.SignInAsync(
                    host.Client(),
                    await second.PersonAsync(user.Email, subject: "the same subject")
                )
            ).Heading
        );
        Assert.Equal(1, await IdentitiesOfAsync(user));
    }

    [Fact]
    public async Task F1_Fifty_first_sign_ins_at_once_join_once_and_all_get_in()
    {
        var (user, organisation) = await InvitedAsync();
        var subject = await app.Provider.PersonAsync(user.Email);
        var identity = new ProviderIdentity(
            IdentityProvider.Key,
            app.Provider.Issuer,
            subject,
            user.Email,
            true,
            null,
            null
        );
        var rivals = Enumerable
            .Range(0, 50)
            .Select(i => i % 2 == 0 ? identity : identity with { Subject = $"{subject}-rival" })
            .ToList();
        var entries = await Task.WhenAll(
            rivals.Select(async rival =>
            {
                await using var scope = app.Main.Services.CreateAsyncScope();
                return (
                    rival.Subject,
                    (
                        await scope
                            .ServiceProvider.GetRequiredService<ProviderSignIn>()
                            .EnterAsync(rival, null, false, DateTimeOffset.UtcNow)
                    ).Outcome
                );
            })
        );
        Assert.Equal(1, await IdentitiesOfAsync(user));
        var winner = entries.First(e => e.Outcome == ProviderOutcome.SignedIn).Subject;
        Assert.All(
            entries,
            e => Assert.Equal(e.Subject == winner ? ProviderOutcome.SignedIn : ProviderOutcome.HasAccount, e.Outcome)
        );
        var kinds = await KindsAsync(user);
        Assert.Equal(
            (1, 1, 25),
            (
                kinds.Count(k => k == "identity-linked"),
                kinds.Count(k => k == "registered"),
                kinds.Count(k => k == "signed-in")
            )
        );
        Assert.NotNull(organisation);
    }

    [Fact]
    public async Task Trust47_S0_12_An_invitations_link_joins_without_a_verified_address_and_ends_the_link()
    {
        var (user, organisation) = await InvitedAsync();
        var link = await LinkAsync(user);
        var subject = await app.Provider.PersonAsync(user.Email, verified: null);
        var page = await IdentityProvider.SignInAsync(app.Client(), subject, invitation: link);
        Assert.Equal(organisation.Name, (await page.FollowAsync("Continue")).Heading);
        Assert.NotNull(
            await app.InDbAsync(db =>
                db.Invitations.Where(i => i.UserId == user.Id).Select(i => i.AcceptedAt).SingleAsync()
            )
        );

        // Once used, it proves nothing for anyone else.
        Assert.Equal(
            Unknown,
            (
                await IdentityProvider.SignInAsync(
                    app.Client(),
                    await app.Provider.PersonAsync(Some.Email()),
                    invitation: link
                )
            ).Heading
        );
    }

    [Fact]
    public async Task S1_29_An_account_with_another_address_is_joined_by_the_link_only_when_the_person_says_so()
    {
        var (user, organisation) = await InvitedAsync();
        var client = app.Client();
        var theirs = Some.Email();
        var leave = await IdentityProvider.LeaveAsync(client, invitation: await LinkAsync(user));
        Assert.DoesNotContain(await LinkAsync(user), leave.OriginalString, StringComparison.Ordinal);
        client = app.Client();
        var page = await IdentityProvider.SignInAsync(
            client,
            await app.Provider.PersonAsync(theirs),
            invitation: await LinkAsync(user)
        );
        Assert.Equal($"Use {theirs} to sign in from now on?", page.Heading);
        Assert.Contains(user.Email, page.Text(), StringComparison.Ordinal);
        Assert.Equal(0, await IdentitiesOfAsync(user));
        Assert.StartsWith("/sign-in", (await client.GetAsync("/organisations")).Path, StringComparison.Ordinal);

        Assert.Equal("Your account is ready", (await page.SubmitAsync("Use this account")).Heading);
        Assert.Equal(user.Email, (await ReadAsync(user)).Email);
        // an answer counts once
        Assert.StartsWith("/sign-in", (await client.GetAsync(Links.UseAddress)).Path, StringComparison.Ordinal);
        Assert.Equal(1, await IdentitiesOfAsync(user));
    }

    [Fact]
    public async Task Trust5_A_link_withdrawn_while_the_question_stood_joins_no_one()
    {
        var (user, _) = await InvitedAsync();
        var page = await IdentityProvider.SignInAsync(
            app.Client(),
            await app.Provider.PersonAsync(Some.Email()),
            invitation: await LinkAsync(user)
        );
        await app.InDbAsync(db =>
            db.Invitations.Where(i => i.UserId == user.Id)
                .ExecuteUpdateAsync(i => i.SetProperty(x => x.WithdrawnAt, DateTimeOffset.UtcNow))
        );
        Assert.Equal(Unknown, (await page.SubmitAsync("Use this account")).Heading);
        Assert.Equal(0, await IdentitiesOfAsync(user));
    }

    [Fact]
    public async Task Trust9_An_invitation_opened_by_another_known_person_attaches_nothing()
    {
        var (known, organisation) = await InvitedAsync();
        var (user, _) = await InvitedAsync();
        var subject = await app.Provider.PersonAsync(known.Email);
        await IdentityProvider.SignInAsync(app.Client(), subject);
        var client = app.Client();
        var page = await IdentityProvider.SignInAsync(client, subject, invitation: await LinkAsync(user));
        Assert.Equal("This invitation is for another email address", page.Heading);
        Assert.All(
            [known.Email, user.Email],
            address => Assert.Contains(address, page.Text(), StringComparison.Ordinal)
        );
        Assert.Equal(organisation.Name, (await page.SubmitAsync($"Continue as {known.Email}")).Heading);
        Assert.Equal(0, await IdentitiesOfAsync(user));
        Assert.Null((await ReadAsync(user)).RegisteredAt);
    }

    [Fact]
    public async Task S1_30_S2_13_F5_An_unknown_person_learns_which_address_was_used_and_what_to_do()
    {
        var address = $"x@{Guid.NewGuid():n}.example";
        var client = app.Client();
        var page = await IdentityProvider.SignInAsync(client, await app.Provider.PersonAsync(address));
        Assert.Equal((Unknown, "/sign-in/not-recognised"), (page.Heading, page.Path));
        Assert.Contains($"You signed in with Stand-in as {address}", page.Text(), StringComparison.Ordinal);
        var (path, fields) = page.Form("Sign in with a different account");
        using var again = await client.RawAsync(
            new(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(fields) }
        );
        Assert.Contains("prompt=login", again.Headers.Location!.Query, StringComparison.Ordinal);
        // also when reloaded
        Assert.Contains(address, (await client.GetAsync(page.Path)).Text(), StringComparison.Ordinal);
        Assert.Equal("/sign-in", (await app.Client().GetAsync(page.Path)).Path); // and no one else can see it
        Assert.Equal(
            1,
            await app.InDbAsync(db =>
                db.Database.SqlQuery<int>(
                        $"""
                        select count(*)::int as "Value"
                        from audit_events where kind = 'sign-in-refused' and data->>'email' =
                          {EmailAddress.Mask(address)}
                        """
                    )
                    .SingleAsync()
            )
        );
    }

    [Fact]
    public async Task S1_30_S2_13_F6_F16_A_known_person_with_no_organisation_left_gets_another_page_at_the_next_request()
    {
        var (user, organisation) = await InvitedAsync();
        var client = app.Client();
        var subject = await app.Provider.PersonAsync(user.Email);
        await IdentityProvider.SignInAsync(client, subject);
        await app.InDbAsync(db =>
            db.Memberships.Where(m => m.UserId == user.Id)
                .ExecuteUpdateAsync(m => m.SetProperty(x => x.RemovedAt, DateTimeOffset.UtcNow))
        );
        foreach (
            var path in new[]
            {
                Links.Organisation(organisation.Id),
                Links.Users(organisation.Id),
                "/organisations",
                "/",
            }
        )
        {
            var page = await client.GetAsync(path);
            Assert.Equal(("You are not in an organisation", Links.NoOrganisation), (page.Heading, page.Path));
            Assert.Contains(user.Email, page.Text(), StringComparison.Ordinal);
            Assert.DoesNotContain(
                organisation.Name,
                page.Document.DocumentElement.TextContent,
                StringComparison.Ordinal
            );
        }
        Assert.Equal(Links.NoOrganisation, (await IdentityProvider.SignInAsync(app.Client(), subject)).Path);
        Assert.Equal(
            Unknown,
            (await IdentityProvider.SignInAsync(app.Client(), await app.Provider.PersonAsync(user.Email))).Heading
        ); // nor by the address alone
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task F7_Trust21_A_paused_user_gets_a_third_page_even_with_a_session(bool account)
    {
        var (user, _) = await InvitedAsync();
        var client = app.Client();
        var subject = await app.Provider.PersonAsync(user.Email);
        await IdentityProvider.SignInAsync(client, subject);
        if (account)
        {
            await app.InDbAsync(db =>
                db.Users.Where(u => u.Id == user.Id)
                    .ExecuteUpdateAsync(u => u.SetProperty(x => x.PausedAt, DateTimeOffset.UtcNow))
            );
        }
        else
        {
            await app.InDbAsync(db =>
                db.Memberships.Where(m => m.UserId == user.Id)
                    .ExecuteUpdateAsync(m => m.SetProperty(x => x.PausedAt, DateTimeOffset.UtcNow))
            );
        }

        var before = (await ReadAsync(user)).LastSignedInAt;
        foreach (
            var page in new[]
            {
                await client.GetAsync("/organisations"),
                await IdentityProvider.SignInAsync(app.Client(), subject),
            }
        )
        {
            Assert.Equal(("You cannot use this service at the moment", Links.Paused), (page.Heading, page.Path));
            Assert.Contains(user.Email, page.Text(), StringComparison.Ordinal);
        }
        Assert.Equal(before, (await ReadAsync(user)).LastSignedInAt);
        Assert.Equal("/sign-in", (await app.Client().GetAsync(Links.Paused)).Path);
    }

    [Theory]
    [InlineData(NameSource.Directory, "Jo", "Bloggs", "Ada", "Lovelace", "Jo", "Bloggs")]
    [InlineData(NameSource.Directory, null, null, "Ada", "Lovelace", "Ada", "Lovelace")]
    [InlineData(NameSource.IdentityProvider, "Jo", "Bloggs", "Ada", "Lovelace", "Ada", "Lovelace")]
    [InlineData(NameSource.IdentityProvider, "Jo", "Bloggs", " ", null, "Jo", "Bloggs")]
    [InlineData(NameSource.IdentityProvider, "Jo", "Bloggs", "<b>Ada</b>", "https://evil.example", "Jo", "Bloggs")]
    [InlineData(NameSource.Directory, null, null, "evil.example", "Lovelace", null, "Lovelace")]
    public async Task F9_Whose_name_counts_is_a_setting_and_no_blank_or_link_replaces_one(
        NameSource source,
        string? first,
        string? last,
        string? theirFirst,
        string? theirLast,
        string? becomesFirst,
        string? becomesLast
    )
    {
        var settings = app.Provider.Settings("names");
        settings["Rollcall:SignIn:Providers:0:NameSource"] = source.ToString();
        await using var host = await app.StartAsync(settings, app.Main.Database);
        await app.Provider.KnowAsync(host, "names");
        var (user, _) = await InvitedAsync(first: first!, last: last!);
        var subject = await app.Provider.PersonAsync(user.Email, first: theirFirst, last: theirLast);
        for (var times = 0; times < 2; times++)
        {
            await IdentityProvider.SignInAsync(host.Client(), subject);
            var now = await ReadAsync(user);
            Assert.Equal((becomesFirst, becomesLast), (now.FirstName, now.LastName));
        }
        Assert.Equal(
            first == becomesFirst && last == becomesLast ? 0 : 1,
            (await KindsAsync(user)).Count(k => k == "details-changed")
        );
    }

    [Fact]
    public async Task S1_28_An_organisation_that_does_not_let_its_people_in_this_way_says_so()
    {
        var (user, organisation) = await InvitedAsync();
        await app.InDbAsync(db =>
            db.Organisations.Where(o => o.Id == organisation.Id)
                .ExecuteUpdateAsync(o => o.SetProperty(x => x.SignInMethods, new[] { "password" }))
        );
        var subject = await app.Provider.PersonAsync(user.Email);
        var page = await IdentityProvider.SignInAsync(app.Client(), subject);
        Assert.Equal("Sign in another way", page.Heading);
        Assert.Equal(0, await IdentitiesOfAsync(user));
        await app.InDbAsync(db =>
            db.Organisations.Where(o => o.Id == organisation.Id)
                .ExecuteUpdateAsync(o => o.SetProperty(x => x.SignInMethods, new[] { "password", "stand-in" }))
        );
        Assert.Equal(organisation.Name, (await IdentityProvider.SignInAsync(app.Client(), subject)).Heading);
    }

    [Fact]
    public async Task S1_28_One_of_several_organisations_that_asks_for_another_way_says_so_at_its_door()
    {
        var (user, strict) = await InvitedAsync();
        var elsewhere = await app.Main.MakeOrganisationAsync();
        await app.Main.JoinAsync(user, elsewhere);
        await app.InDbAsync(db =>
            db.Organisations.Where(o => o.Id == strict.Id)
                .ExecuteUpdateAsync(o => o.SetProperty(x => x.SignInMethods, new[] { "password" }))
        );
        var client = app.Client();
        await IdentityProvider.SignInAsync(client, await app.Provider.PersonAsync(user.Email));
        Assert.Equal(elsewhere.Name, (await client.GetAsync(Links.Organisation(elsewhere.Id))).Heading);
        foreach (var link in new[] { Links.Organisation(strict.Id), Links.Users(strict.Id) })
        {
            var page = await client.GetAsync(link);
            Assert.Equal($"Sign in another way to use {strict.Name}", page.Heading);
            Assert.Contains(
                "needs you to sign in with an email address and password",
                page.Text(),
                StringComparison.Ordinal
            );
        }
        var signIn = await (await client.GetAsync(Links.Organisation(strict.Id))).SubmitAsync(
            "Sign out and sign in another way"
        );
        Assert.Equal(Links.SignIn(Links.Organisation(strict.Id)), signIn.Path);
        await app.InDbAsync(db =>
            db.Organisations.Where(o => o.Id == strict.Id)
                .ExecuteUpdateAsync(o => o.SetProperty(x => x.SignInMethods, new[] { "stand-in" }))
        );
        await IdentityProvider.SignInAsync(
            client,
            await app.Provider.PersonAsync(user.Email, subject: (await SubjectAsync(user)))
        );
        Assert.Equal(strict.Name, (await client.GetAsync(Links.AnotherWay(strict.Id))).Heading);
    }

    private Task<string> SubjectAsync(User user) =>
        app.InDbAsync(db =>
            db.Database.SqlQuery<string>(
                    $"select subject as \"Value\" from sign_in_identities where user_id = {user.Id}"
                )
                .SingleAsync()
        );

    [Fact]
    public async Task Trust3_A_password_that_another_person_chose_with_the_link_does_not_outlive_the_first_sign_in()
    {
        var (user, _) = await InvitedAsync();
        await app.InDbAsync(db =>
            db.Users.Where(u => u.Id == user.Id)
                .ExecuteUpdateAsync(u => u.SetProperty(x => x.PasswordHash, "chosen by another person"))
        );
        await IdentityProvider.SignInAsync(app.Client(), await app.Provider.PersonAsync(user.Email));
        var now = await ReadAsync(user);
        Assert.Equal((true, null), (now.RegisteredAt is not null, now.PasswordHash));
    }

    [Fact]
    public async Task Trust33_Confirming_that_it_is_you_makes_the_provider_ask_again_and_believes_no_older_answer()
    {
        var (user, _) = await InvitedAsync();
        var client = app.Client();
        var subject = await app.Provider.PersonAsync(user.Email);
        var atProvider = new System.Net.CookieContainer();
        await IdentityProvider.SignInAsync(client, subject, cookies: atProvider);
        foreach (
            var (variant, heading) in new[] { ("asked long ago", "You could not be signed in"), ("", "Your account") }
        )
        {
            await app.Provider.PersonAsync(user.Email, variant: variant, subject: subject);
            var (path, fields) = (await client.GetAsync(Links.ConfirmIdentity(Links.Account))).Form(
                "Sign in with Stand-in"
            );
            using var there = await client.RawAsync(
                new(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(fields) }
            );
            Assert.Contains("prompt=login&max_age=0", there.Headers.Location!.Query, StringComparison.Ordinal);
            Assert.Equal(
                heading,
                (
                    await client.GetAsync(
                        await IdentityProvider.LogInAsync(there.Headers.Location!, subject, atProvider)
                    )
                ).Heading
            );
        }
    }

    [Fact]
    public async Task S1_29_Trust29_Invited_at_another_address_sends_the_link_there_and_says_the_same_to_everyone()
    {
        var clock = new DevClock();
        await using var host = await app.StartAsync(
            app.Provider.Settings("elsewhere"),
            services: services => services.AddSingleton<TimeProvider>(clock)
        );
        await app.Provider.KnowAsync(host, "elsewhere");
        var registered = await host.MakeUserAsync();
        var organisation = await host.MakeOrganisationAsync();
        var user = await host.MemberOfAsync(organisation, registered: false);
        await host.JoinAsync(registered, organisation);
        var client = host.Client();
        var subject = await app.Provider.PersonAsync(Some.Email());
        var page = await IdentityProvider.SignInAsync(client, subject);
        Assert.Equal(
            ["Enter an email address"],
            (await page.SubmitAsync("Resend the invitation", new() { ["Email"] = "" })).Errors
        );

        var answers = new List<string>();
        foreach (var address in new[] { Some.Email(), registered.Email, user.Email.ToUpperInvariant(), user.Email })
        {
            answers.Add((await page.SubmitAsync("Resend the invitation", new() { ["Email"] = address })).Text());
        }

        Assert.Single(answers.Distinct(StringComparer.Ordinal));
        await host.InDbAsync(async db =>
        {
            while (!await db.OutgoingMessages.AnyAsync())
            {
                TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            }
            return true;
        });
        // Only the invited mailbox hears of it, and once a minute at most.
        Assert.Equal(
            [user.Email],
            await host.InDbAsync(db => db.OutgoingMessages.Select(m => m.ToAddress).ToListAsync())
        );

        var invitation = await host.InDbAsync(db => db.Invitations.SingleAsync(i => i.UserId == user.Id));
        var question = await IdentityProvider.SignInAsync(
            client,
            subject,
            invitation: LinkToken.Of(host.Services.GetRequiredService<Secret>(), LinkToken.Invitation, invitation.Id)
        );
        Assert.Equal("Your account is ready", (await question.SubmitAsync("Use this account")).Heading);
        // and from now on
        Assert.Equal(organisation.Name, (await IdentityProvider.SignInAsync(host.Client(), subject)).Heading);
    }
}
