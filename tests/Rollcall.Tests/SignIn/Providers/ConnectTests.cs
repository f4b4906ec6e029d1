using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Rollcall.Addresses;
using Rollcall.Dev;
using Rollcall.History;
using Rollcall.Model;
using Rollcall.Security;
using Rollcall.Tests.Account;
using Rollcall.Tests.Register;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.SignIn.Providers;

/// <summary>
/// A provider's identity with the address of an existing account is connected only after signing in to that account.
/// </summary>
public sealed class ConnectTests(TheApp app)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private async Task<(User User, Organisation Organisation, byte[] Key)> OwnerAsync(
        Instance? host = null,
        bool authenticator = true,
        string role = Roles.Member
    )
    {
        host ??= app.Main;
        var (user, organisation) = await PasswordSignInTests.PersonAsync(host, role);
        var key = Totp.NewSecret();
        if (authenticator)
        {
            await host.DoAsync<Authenticators, int>(async a =>
            {
                await a.SaveAsync(user.Id, key, 1, Stop);
                return 0;
            });
        }

        return (user, organisation, key);
    }

    private static string Code(byte[] key) => AuthenticatorApp.Code(Totp.Base32(key), DateTimeOffset.UtcNow);

    private static Task<int> IdentitiesAsync(Instance host, User user) =>
        host.InDbAsync(db =>
            db.Database.SqlQuery<int>(
                    $"select count(*)::int as \"Value\" from sign_in_identities where user_id = {user.Id}"
                )
                .SingleAsync()
        );

    private static Task<int> SessionsAsync(Instance host, User user) =>
        host.InDbAsync(db =>
            db.Database.SqlQuery<int>($"select count(*)::int as \"Value\" from sessions where user_id = {user.Id}")
                .SingleAsync()
        );

    private Task<int> NoticesAsync(User user) =>
        app.InDbAsync(db =>
            db.OutgoingMessages.CountAsync(m => m.ToAddress == user.Email && m.Kind == "provider-connected")
        );

    [Fact]
    public async Task Trust46_F4_A_verified_address_alone_does_not_join_an_account_with_a_password_and_a_second_factor()
    {
        var (user, _, _) = await OwnerAsync();
        var client = app.Client();
        var page = await IdentityProvider.SignInAsync(client, await app.Provider.PersonAsync(user.Email));
        Assert.Equal("You already have an account", page.Heading);
        Assert.Contains(
            "To connect Stand-in, sign in to that account the way you usually do.",
            page.Text(),
            StringComparison.Ordinal
        );
        Assert.Equal((0, 0), (await IdentitiesAsync(app.Main, user), await SessionsAsync(app.Main, user)));
        Assert.StartsWith("/sign-in", (await client.GetAsync("/account")).Path, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trust47_After_its_own_sign_in_with_both_factors_the_owner_confirms_is_told_and_goes_on()
    {
        var (user, organisation, key) = await OwnerAsync();
        var client = app.Client();
        var subject = await app.Provider.PersonAsync(user.Email);
        var asked = await IdentityProvider.SignInAsync(client, subject, returnUrl: "/account/name");
        var signIn = await asked.FollowAsync("Sign in to your account");
        var second = await signIn.SubmitAsync(
            "Sign in",
            new() { ["Email"] = user.Email, ["Password"] = RegisterTests.Password }
        );
        Assert.Equal("Enter the code from your authenticator app", second.Heading);
        var confirm = await second.SubmitAsync("Continue", new() { ["Code"] = Code(key) });
        Assert.Equal("Connect Stand-in to your account", confirm.Heading);
        Assert.Equal(0, await IdentitiesAsync(app.Main, user)); // looking joins nothing
        var done = await confirm.SubmitAsync("Connect Stand-in");
        Assert.Equal(("/account/name", "You can now sign in with Stand-in."), (done.Path.Split('?')[0], done.Banner));
        Assert.Equal(1, await NoticesAsync(user));
        Assert.Contains(
            "If it was not you",
            await app.Main.MailAsync(user.Email, "Stand-in was connected to your account"),
            StringComparison.Ordinal
        );
        Assert.Equal(organisation.Name, (await IdentityProvider.SignInAsync(app.Client(), subject)).Heading);
        // sent twice: nothing is pending now
        Assert.Equal(organisation.Name, (await confirm.SubmitAsync("Connect Stand-in")).Heading);
        Assert.Equal(1, await NoticesAsync(user));
    }

    [Fact]
    public async Task Trust47_A_session_of_another_account_connects_nothing()
    {
        var (user, _, _) = await OwnerAsync();
        var (other, _, _) = await OwnerAsync(authenticator: false);
        var client = app.Client();
        await IdentityProvider.SignInAsync(client, await app.Provider.PersonAsync(user.Email));
        await PasswordSignInTests.SignInAsync(client, other.Email);
        var page = await client.GetAsync("/sign-in/connect");
        Assert.Equal("You already have an account", page.Heading);
        Assert.Contains(
            $"You are signed in as {other.Email}, which is another account.",
            page.Text(),
            StringComparison.Ordinal
        );
        Assert.Equal(
            "You already have an account",
            (
                await client.PostAsync("/sign-in/connect", page.Form("Sign out and sign in to your account").Fields)
            ).Heading
        );
        Assert.Equal((0, 0), (await IdentitiesAsync(app.Main, user), await IdentitiesAsync(app.Main, other)));
    }

    [Fact]
    public async Task Trust33_A_session_of_more_than_fifteen_minutes_proves_itself_again()
    {
        var clock = new DevClock();
        await using var host = await app.StartAsync(
            app.Provider.Settings("connect-late"),
            services: services => services.AddSingleton<TimeProvider>(clock)
        );
        await app.Provider.KnowAsync(host, "connect-late");
        var (user, _, _) = await OwnerAsync(host, authenticator: false);
        var client = host.Client();
        await PasswordSignInTests.SignInAsync(client, user.Email);
        clock.Forward(TimeSpan.FromMinutes(16));
        // The provider's own clock goes on as before: what came from it is put where it would be.
        var identity = new Operations.ProviderIdentity(
            IdentityProvider.Key,
            app.Provider.Issuer,
            Some.Email(),
            user.Email,
            true,
            null,
            null
        );
        var entered = await host.DoAsync<Operations.ProviderSignIn, Operations.ProviderResult>(i =>
            i.EnterAsync(identity, null, false, clock.GetUtcNow())
        );
        Assert.Equal(Operations.ProviderOutcome.HasAccount, entered.Outcome);
        await KeepAsync(
            host,
            client,
            new(identity, "", null, null, entered.Outcome, entered.Known, null),
            clock.GetUtcNow()
        );
        var page = await client.GetAsync("/sign-in/connect");
        Assert.Equal("Confirm that it is you", page.Heading);
        Assert.Equal(
            "Confirm that it is you",
            (await client.PostAsync("/sign-in/connect", page.Form("Continue").Fields)).Heading
        );
        Assert.Equal(0, await IdentitiesAsync(host, user));
        var confirm = await page.SubmitAsync("Continue", new() { ["Password"] = RegisterTests.Password });
        Assert.Equal("Connect Stand-in to your account", confirm.Heading);
        await confirm.SubmitAsync("Connect Stand-in");
        Assert.Equal(1, await IdentitiesAsync(host, user));
    }

    /// <summary>As if this browser had just come from the provider.</summary>
    private static async Task KeepAsync(
        Instance host,
        Client client,
        Rollcall.SignIn.Providers.PendingProviderSignIn waiting,
        DateTimeOffset now
    )
    {
        var key = Guid.NewGuid().ToString("N");
        var sealedBox = host
            .Services.GetRequiredService<Rollcall.Security.Secret>()
            .Protect("proven identities", System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(waiting));
        var hash = System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(key));
        await host.InDbAsync(db =>
            db.Database.ExecuteSqlAsync(
                $"insert into proven_identities (id_hash, identity, created_at) values ({hash}, {sealedBox}, {now})"
            )
        );
        client.Cookies.Add(host.Address, new System.Net.Cookie("rollcall-identity", key));
    }

    [Fact]
    public async Task Trust46_A_new_account_at_the_provider_replaces_the_old_one_only_after_the_owners_sign_in()
    {
        var (user, organisation, _) = await OwnerAsync(authenticator: false);
        await app.InDbAsync(db =>
            db.Database.ExecuteSqlAsync(
                $"""
                insert into sign_in_identities (issuer, subject, user_id, email, linked_at, last_used_at)
                values ({app.Provider.Issuer}, {user.Id.ToString()}, {user.Id}, {user.Email}, now(), now())
                """
            )
        );
        var client = app.Client();
        var subject = await app.Provider.PersonAsync(user.Email);
        var page = await IdentityProvider.SignInAsync(client, subject);
        Assert.Equal("You already have an account", page.Heading);
        var confirm = await (await page.FollowAsync("Sign in to your account")).SubmitAsync(
            "Sign in",
            new() { ["Email"] = user.Email, ["Password"] = RegisterTests.Password }
        );
        await confirm.SubmitAsync("Connect Stand-in");
        Assert.Equal(1, await IdentitiesAsync(app.Main, user));
        Assert.Equal(organisation.Name, (await IdentityProvider.SignInAsync(app.Client(), subject)).Heading);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Trust47_A_member_whose_organisation_allows_only_the_provider_connects_it_with_their_password(
        bool authenticator
    )
    {
        var (user, organisation, key) = await OwnerAsync(authenticator: authenticator);
        await app.InDbAsync(async db =>
        {
            (await db.Organisations.SingleAsync(o => o.Id == organisation.Id)).SignInMethods = [IdentityProvider.Key];
            return await db.SaveChangesAsync();
        });
        Assert.Equal(
            ["Your organisation does not use passwords for this service. Sign in another way"],
            (await PasswordSignInTests.SignInAsync(app.Client(), user.Email)).Errors
        ); // as usual
        var client = app.Client();
        var subject = await app.Provider.PersonAsync(user.Email);
        var asked = await IdentityProvider.SignInAsync(client, subject, returnUrl: Links.Organisation(organisation.Id));
        Assert.Equal("You already have an account", asked.Heading);
        var confirm = await (await asked.FollowAsync("Sign in to your account")).SubmitAsync(
            "Sign in",
            new() { ["Email"] = user.Email, ["Password"] = RegisterTests.Password }
        );
        if (authenticator)
        {
            confirm = await confirm.SubmitAsync("Continue", new() { ["Code"] = Code(key) });
        }

        Assert.Equal("Connect Stand-in to your account", confirm.Heading);
        var closed = $"Sign in another way to use {organisation.Name}";
        Assert.Equal(closed, (await client.GetAsync(Links.Organisation(organisation.Id))).Heading);
        Assert.Equal(closed, (await confirm.SubmitAsync("Connect Stand-in")).Heading);
        Assert.Equal(1, await IdentitiesAsync(app.Main, user));
        Assert.Equal(organisation.Name, (await IdentityProvider.SignInAsync(app.Client(), subject)).Heading);
    }

    [Fact]
    public async Task Trust47_A_session_without_the_second_factor_that_is_demanded_is_led_to_set_one_up()
    {
        var (user, organisation, _) = await OwnerAsync(authenticator: false);
        await app.InDbAsync(db =>
            db.Organisations.Where(o => o.Id == organisation.Id)
                .ExecuteUpdateAsync(o => o.SetProperty(x => x.SecondFactorRequired, true))
        );
        var client = app.Client();
        var asked = await IdentityProvider.SignInAsync(client, await app.Provider.PersonAsync(user.Email));
        var page = await (await asked.FollowAsync("Sign in to your account")).SubmitAsync(
            "Sign in",
            new() { ["Email"] = user.Email, ["Password"] = RegisterTests.Password }
        );
        Assert.Equal("Choose how to get security codes", page.Heading);
        Assert.EndsWith(Uri.EscapeDataString(Links.Connect), page.Path, StringComparison.Ordinal);
        Assert.Equal(0, await IdentitiesAsync(app.Main, user));
    }

    [Theory]
    [InlineData(Roles.Member, true)]
    [InlineData(Roles.Admin, false)]
    public async Task Trust48_An_admin_without_a_way_in_is_not_joined_by_the_address_alone(string role, bool joins)
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        var user = await app.Main.MemberOfAsync(organisation, role: role);
        var page = await IdentityProvider.SignInAsync(app.Client(), await app.Provider.PersonAsync(user.Email));
        Assert.Equal(joins ? organisation.Name : "You cannot sign in with Stand-in yet", page.Heading);
        Assert.Equal(joins ? 1 : 0, await IdentitiesAsync(app.Main, user));
    }

    [Fact]
    public async Task Trust48_Support_staff_are_not_connected_by_an_address()
    {
        var (user, _, _) = await OwnerAsync();
        await app.InDbAsync(db =>
            db.Users.Where(u => u.Id == user.Id)
                .ExecuteUpdateAsync(u => u.SetProperty(x => x.SupportSince, x => x.CreatedAt))
        );
        var page = await IdentityProvider.SignInAsync(app.Client(), await app.Provider.PersonAsync(user.Email));
        Assert.Equal("/sign-in/not-recognised", page.Path);
        Assert.Equal(0, await IdentitiesAsync(app.Main, user));
    }

    [Fact]
    public async Task Trust48_Someone_invited_to_manage_users_comes_in_by_the_link_and_never_by_the_address_alone()
    {
        var invited = await app.Main.InviteAsync(role: Roles.Admin);
        var subject = await app.Provider.PersonAsync(invited.User.Email);
        var page = await IdentityProvider.SignInAsync(app.Client(), subject);
        Assert.Equal("Use the link in your invitation", page.Heading);
        Assert.Equal(0, await IdentitiesAsync(app.Main, invited.User));
        await app.Main.LetTimePassAsync(invited.User.Id, TimeSpan.FromMinutes(5));
        Assert.Equal("Check your email", (await page.SubmitAsync("Resend the invitation")).Heading);
        await Wait.UntilAsync(
            async () =>
                await app.InDbAsync(db =>
                    db.AuditEvents.AnyAsync(e =>
                        e.UserId == invited.User.Id && e.Kind == Event.KindOf<InvitationResent>()
                    )
                ),
            "Nothing was sent"
        );
        var ready = await IdentityProvider.SignInAsync(app.Client(), subject, invitation: invited.Link.Split('/')[^1]);
        Assert.Equal("Your account is ready", ready.Heading);
        Assert.Equal(1, await IdentitiesAsync(app.Main, invited.User));
    }

    [Fact]
    public async Task Trust47_After_support_has_ended_the_only_way_in_the_verified_address_joins_again_and_the_owner_is_told()
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        var user = await app.Main.MemberOfAsync(organisation);
        Assert.Equal(
            organisation.Name,
            (await IdentityProvider.SignInAsync(app.Client(), await app.Provider.PersonAsync(user.Email))).Heading
        );
        Assert.Equal(1, await NoticesAsync(user));
    }

    [Fact]
    public async Task Trust60_Someone_unknown_who_comes_again_and_again_does_not_fill_the_record()
    {
        var identity = new Operations.ProviderIdentity(
            IdentityProvider.Key,
            app.Provider.Issuer,
            Some.Email(),
            $"x@{Guid.NewGuid():n}.example",
            true,
            null,
            null
        );
        for (var i = 0; i < 20; i++)
        {
            await app.Main.DoAsync<Operations.ProviderSignIn, Operations.ProviderResult>(x =>
                x.EnterAsync(identity, null, false, DateTimeOffset.UtcNow)
            );
        }

        Assert.InRange(
            await app.InDbAsync(db =>
                db.Database.SqlQuery<int>(
                        $"""
                        select count(*)::int as "Value"
                        from audit_events where kind = 'sign-in-refused' and data->>'email' =
                          {EmailAddress.Mask(identity.Email)}
                        """
                    )
                    .SingleAsync()
            ),
            5,
            8
        );
    }

    [Fact]
    public async Task F8_When_the_provider_says_another_address_the_old_mailbox_hears_of_it_and_its_open_links_end()
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        var user = await app.Main.MemberOfAsync(organisation, registered: false);
        var subject = await app.Provider.PersonAsync(user.Email);
        var client = app.Client();
        await IdentityProvider.SignInAsync(client, subject);
        await (await client.GetAsync("/account/email")).SubmitAsync("Continue", new() { ["NewEmail"] = Some.Email() });
        Task<int> OpenAsync() =>
            app.InDbAsync(db => db.AddressChanges.CountAsync(c => c.UserId == user.Id && c.EndedAt == null));
        await Wait.UntilAsync(async () => await OpenAsync() == 1, "Nothing was asked");
        await app.Provider.PersonAsync(Some.Email(), subject: subject);
        await IdentityProvider.SignInAsync(app.Client(), subject);
        Assert.Equal(
            1,
            await app.InDbAsync(db =>
                db.OutgoingMessages.CountAsync(m => m.ToAddress == user.Email && m.Kind == "address-changed")
            )
        );
        Assert.Equal(0, await OpenAsync());
    }
}
