using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Rollcall.Dev;
using Rollcall.History;
using Rollcall.Model;
using Rollcall.Security;
using Rollcall.Tests.Register;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Account;

/// <summary>What people see and change of their own account.</summary>
public sealed class AccountTests(TheApp app)
{
    private const string Password = RegisterTests.Password;

    private async Task<(User User, Organisation Organisation, Client Client)> PersonAsync(Instance? host = null)
    {
        host ??= app.Main;
        var organisation = await host.MakeOrganisationAsync();
        var user = await host.MemberOfAsync(organisation);
        var hash = host.Services.GetRequiredService<Passwords>().Hash(Password);
        await host.InDbAsync(db =>
            db.Users.Where(u => u.Id == user.Id)
                .ExecuteUpdateAsync(u =>
                    u.SetProperty(x => x.PasswordHash, hash).SetProperty(x => x.PasswordSetAt, DateTimeOffset.UtcNow)
                )
        );
        return (user, organisation, await SignInAsync(host.Client(), user));
    }

    private static async Task<Client> SignInAsync(Client client, User user)
    {
        await (await client.GetAsync("/sign-in")).SubmitAsync(
            "Sign in",
            new() { ["Email"] = user.Email, ["Password"] = Password }
        );
        return client;
    }

    private Task<User> UserAsync(User user) =>
        app.InDbAsync(db => db.Users.AsNoTracking().SingleAsync(u => u.Id == user.Id));

    private Task<int> NoticesAsync(string to, string kind = "sign-in-changed") =>
        app.InDbAsync(db => db.OutgoingMessages.CountAsync(m => m.ToAddress == to && m.Kind == kind));

    [Fact]
    public async Task The_account_page_says_who_one_is_and_how_one_signs_in()
    {
        var (user, _, client) = await PersonAsync();
        var page = await (await client.GetAsync("/organisations")).FollowAsync("Your account");
        Assert.Equal(
            ("Jo Bloggs", user.Email, "None", "Off"),
            (
                page.Value("Name"),
                page.Value("Email address"),
                page.Value("Mobile phone number"),
                page.Value("Authenticator app")
            )
        );
    }

    [Fact]
    public async Task A_name_is_changed_and_recorded()
    {
        var (user, _, client) = await PersonAsync();
        var form = await (await client.GetAsync("/account")).FollowAsync("Change name");
        Assert.Equal(["Enter a first name"], (await form.SubmitAsync("Save", new() { ["FirstName"] = "" })).Errors);
        var done = await form.SubmitAsync("Save", new() { ["FirstName"] = "Zoë", ["LastName"] = "Evans" });
        Assert.Equal(("Your name has been changed.", "Zoë Evans"), (done.Banner, done.Value("Name")));
        Assert.Equal(
            1,
            await app.InDbAsync(db =>
                db.AuditEvents.CountAsync(e => e.UserId == user.Id && e.Kind == Event.KindOf<UserDetailsChanged>())
            )
        );
    }

    [Fact]
    public async Task Trust33_Changing_how_one_signs_in_asks_for_the_password_again_after_fifteen_minutes()
    {
        var clock = new DevClock();
        await using var host = await app.StartAsync(
            [],
            services: services => services.AddSingleton<TimeProvider>(clock)
        );
        var (user, _, client) = await PersonAsync(host);
        Assert.Equal("Change your email address", (await client.GetAsync("/account/email")).Heading);
        clock.Forward(TimeSpan.FromMinutes(15));
        foreach (
            var path in new[]
            {
                "/account/email",
                "/account/mobile",
                "/account/recovery-codes",
                "/account/second-factor/authenticator",
                "/account/second-factor/text",
                "/account/second-factor/email/remove",
            }
        )
        {
            Assert.Equal("Confirm that it is you", (await client.GetAsync(path)).Heading);
        }

        var confirm = await client.GetAsync("/account/email");
        Assert.NotEmpty((await confirm.SubmitAsync("Continue", new() { ["Password"] = "another password" })).Errors);
        var wrongAddress = await confirm.SubmitAsync(
            "Continue",
            new() { ["Password"] = Password, ["Email"] = "evil@example.com" }
        );
        Assert.Equal("Change your email address", wrongAddress.Heading);
        Assert.Contains(user.Email, wrongAddress.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task H6_Trust33_A_new_address_counts_once_its_mailbox_confirms_and_the_old_one_is_told()
    {
        var (user, _, client) = await PersonAsync();
        var form = await client.GetAsync("/account/email");
        var address = Some.Email();
        Assert.Equal(
            ["Enter a different email address: this is the one you have now"],
            (await form.SubmitAsync("Continue", new() { ["NewEmail"] = user.Email.ToUpperInvariant() })).Errors
        );
        Assert.Equal(
            "Check your email",
            (await form.SubmitAsync("Continue", new() { ["NewEmail"] = address })).Heading
        );
        Assert.Equal(user.Email, (await UserAsync(user)).Email);
        var link = await LinkAsync(address);
        for (var i = 0; i < 20; i++)
        {
            Assert.Contains(address, (await client.GetAsync(link)).Text(), StringComparison.Ordinal);
        }

        Assert.Equal(user.Email, (await UserAsync(user)).Email); // Trust1: looking confirms nothing
        var page = await client.GetAsync(link);
        Assert.Equal(address, (await page.SubmitAsync("Confirm")).Value("Email address"));
        Assert.Equal(1, await NoticesAsync(user.Email, "address-changed"));
        Assert.Equal("This link does not work", (await page.SubmitAsync("Confirm")).Heading);
    }

    private Task<string> LinkAsync(string to) => app.Main.LinkInMailAsync(to, "/account/email/");

    [Fact]
    public async Task H4_J10_The_address_of_another_user_gets_the_same_answer_and_no_email()
    {
        var (_, _, client) = await PersonAsync();
        var other = await app.Main.MakeUserAsync();
        var page = await (await client.GetAsync("/account/email")).SubmitAsync(
            "Continue",
            new() { ["NewEmail"] = other.Email }
        );
        Assert.Equal("Check your email", page.Heading);
        Assert.Equal(0, await NoticesAsync(other.Email, "confirm-address"));
    }

    [Fact]
    public async Task H4_Two_people_who_confirm_one_address_at_once_do_not_share_it()
    {
        var address = Some.Email();
        var first = await PersonAsync();
        var second = await PersonAsync();
        var links = new List<string>();
        foreach (var person in new[] { first, second })
        {
            await (await person.Client.GetAsync("/account/email")).SubmitAsync(
                "Continue",
                new() { ["NewEmail"] = address }
            );
            await Wait.UntilAsync(
                async () => await app.InDbAsync(db => db.AddressChanges.AnyAsync(c => c.UserId == person.User.Id)),
                "Nothing was asked"
            );
            var id = await app.InDbAsync(db =>
                db.AddressChanges.Where(c => c.UserId == person.User.Id).Select(c => c.Id).SingleAsync()
            );
            links.Add(
                Links.ConfirmEmail(
                    Rollcall.Security.LinkToken.Of(
                        app.Main.Services.GetRequiredService<Rollcall.Security.Secret>(),
                        Rollcall.Security.LinkToken.AddressChange,
                        id
                    )
                )
            );
        }
        var pages = await Task.WhenAll(first.Client.GetAsync(links[0]), second.Client.GetAsync(links[1]));
        var ends = await Task.WhenAll(pages.Select(page => page.SubmitAsync("Confirm")));
        Assert.Equal(
            ["This link does not work", "Your account"],
            ends.Select(e => e.Heading).Order(StringComparer.Ordinal)
        );
        Assert.Equal(1, await app.InDbAsync(db => db.Users.CountAsync(u => u.Email == address)));
    }

    [Fact]
    public async Task Trust33_The_password_is_changed_with_the_current_one_and_other_devices_are_signed_out()
    {
        var (user, organisation, client) = await PersonAsync();
        var elsewhere = await SignInAsync(app.Client(), user);
        var form = await (await client.GetAsync("/account")).FollowAsync("Change password");
        Assert.Equal(
            ["Enter your current password", "Enter a password"],
            (await form.SubmitAsync("Save password", new() { ["CurrentPassword"] = "", ["NewPassword"] = "" })).Errors
        );
        Assert.Equal(
            [
                "Your current password is incorrect. Check it and try again, or wait a few minutes if you "
                    + "have tried several times",
            ],
            (
                await form.SubmitAsync(
                    "Save password",
                    new() { ["CurrentPassword"] = "wrong", ["NewPassword"] = "purple monkey dishwasher" }
                )
            ).Errors
        );
        var done = await form.SubmitAsync(
            "Save password",
            new() { ["CurrentPassword"] = Password, ["NewPassword"] = "purple monkey dishwasher" }
        );
        Assert.Equal("Your password has been changed.", done.Banner);
        Assert.StartsWith("/sign-in", (await elsewhere.GetAsync("/organisations")).Path, StringComparison.Ordinal);
        Assert.Equal(organisation.Name, (await client.GetAsync("/")).Heading);
        Assert.Equal(1, await NoticesAsync(user.Email));
    }

    [Fact]
    public async Task Trust53_Sessions_are_listed_and_ended_one_by_one_and_all_together()
    {
        var (user, _, client) = await PersonAsync();
        var other = await SignInAsync(app.Client(), user);
        var third = await SignInAsync(app.Client(), user);
        var page = await (await client.GetAsync("/account")).FollowAsync("See where you are signed in and sign out");
        Assert.Equal(3, page.Document.QuerySelectorAll("h2.govuk-heading-m").Length);
        var end = page.Document.QuerySelectorAll("input[name=id]").Length;
        Assert.Equal(2, end);
        var after = await page.SubmitAsync(page.Texts("form button")[0]);
        Assert.Equal("That device has been signed out.", after.Banner);
        var still = new[] { (await other.GetAsync("/account")).Heading, (await third.GetAsync("/account")).Heading };
        Assert.Equal(["Sign in", "Your account"], still.Order(StringComparer.Ordinal));
        var confirm = await after.FollowAsync("Sign out everywhere");
        Assert.Equal(
            "You have been signed out on all devices.",
            (await confirm.SubmitAsync("Sign out everywhere")).Banner
        );
        foreach (var device in new[] { client, other, third })
        {
            Assert.StartsWith("/sign-in", (await device.GetAsync("/account")).Path, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Trust53_No_one_can_end_the_session_of_another_user()
    {
        var (victim, _, theirs) = await PersonAsync();
        var (_, _, client) = await PersonAsync();
        await SignInAsync(app.Client(), victim);
        var id = await app.InDbAsync(db =>
            db.Database.SqlQuery<Guid>(
                    $"select id as \"Value\" from sessions where user_id = {victim.Id} order by created_at limit 1"
                )
                .SingleAsync()
        );
        var page = await client.GetAsync("/account/sessions");
        var (_, fields) = (await page.FollowAsync("Sign out everywhere")).Form("Sign out everywhere");
        fields["id"] = id.ToString();
        await client.PostAsync("/account/sessions?handler=End", fields);
        Assert.Equal("Your account", (await theirs.GetAsync("/account")).Heading);
    }

    [Fact]
    public async Task Trust39_An_authenticator_app_is_set_up_with_a_picture_or_a_key_and_removed_again()
    {
        var (user, _, client) = await PersonAsync();
        var form = await (await client.GetAsync("/account")).FollowAsync("Set up authenticator app");
        Assert.NotNull(form.Document.QuerySelector(".app-qr svg[role=img]"));
        Assert.Equal(["Enter the security code"], (await form.SubmitAsync("Continue")).Errors);
        var wrong = await form.SubmitAsync("Continue", new() { ["Code"] = "000000" });
        Assert.Single(wrong.Errors);
        Assert.Equal(form.Text(".app-key"), wrong.Text(".app-key"));
        var done = await form.SubmitAsync(
            "Continue",
            new() { ["Code"] = AuthenticatorApp.Code(form.Text(".app-key"), DateTimeOffset.UtcNow) }
        );
        Assert.Equal("Save your recovery codes", done.Heading);
        var account = await done.FollowAsync("I have saved the codes");
        Assert.Equal(("On", "10 left"), (account.Value("Authenticator app"), account.Value("Recovery codes")));
        Assert.Equal(1, await NoticesAsync(user.Email));

        var signIn = await (await app.Client().GetAsync("/sign-in")).SubmitAsync(
            "Sign in",
            new() { ["Email"] = user.Email, ["Password"] = Password }
        );
        Assert.Equal("Enter the code from your authenticator app", signIn.Heading);

        var removed = await (await account.FollowAsync("Remove authenticator app")).SubmitAsync("Remove");
        Assert.Equal("Off", removed.Value("Authenticator app"));
        Assert.Equal(2, await NoticesAsync(user.Email));
    }

    [Fact]
    public async Task S4_11_The_last_second_factor_stays_where_one_is_demanded()
    {
        var (user, organisation, client) = await PersonAsync();
        await app.InDbAsync(db =>
            db.Users.Where(u => u.Id == user.Id).ExecuteUpdateAsync(u => u.SetProperty(x => x.EmailCodes, true))
        );
        await app.InDbAsync(db =>
            db.Database.ExecuteSqlAsync($"update sessions set method = 'password+email' where user_id = {user.Id}")
        );
        await app.InDbAsync(db =>
            db.Organisations.Where(o => o.Id == organisation.Id)
                .ExecuteUpdateAsync(o => o.SetProperty(x => x.SecondFactorRequired, true))
        );
        var page = await (await (await client.GetAsync("/account")).FollowAsync("Remove codes by email")).SubmitAsync(
            "Remove"
        );
        Assert.Contains("Set up another way", page.Text(), StringComparison.Ordinal);
        Assert.True((await UserAsync(user)).EmailCodes);
    }

    [Fact]
    public async Task Trust43_New_recovery_codes_replace_the_old_ones()
    {
        var (user, _, client) = await PersonAsync();
        var first = await (await (await client.GetAsync("/account")).FollowAsync("Make recovery codes")).SubmitAsync(
            "Make recovery codes"
        );
        var codes = first.Texts(".app-codes li");
        Assert.Equal(10, codes.Distinct().Count());
        var second = await (await client.GetAsync("/account/recovery-codes")).SubmitAsync("Make new recovery codes");
        Assert.Empty(codes.Intersect(second.Texts(".app-codes li")));
        Assert.Equal(2, await NoticesAsync(user.Email));
    }

    [Fact]
    public async Task D19_A_number_that_receives_codes_is_changed_by_confirming_the_new_one()
    {
        var (user, _, client) = await PersonAsync();
        var plain = await (await client.GetAsync("/account/mobile")).SubmitAsync(
            "Save",
            new() { ["Mobile"] = "07700 900456" }
        );
        Assert.Equal("07700 900456", plain.Value("Mobile phone number"));
        await app.InDbAsync(db =>
            db.Users.Where(u => u.Id == user.Id)
                .ExecuteUpdateAsync(u => u.SetProperty(x => x.MobileConfirmedAt, DateTimeOffset.UtcNow))
        );
        Assert.Equal("Get codes by text message", (await client.GetAsync("/account/mobile")).Heading);
    }
}
