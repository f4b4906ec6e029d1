using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.History;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Security;
using Rollcall.Tests.Account;
using Rollcall.Tests.Register;
using Rollcall.Tests.Support;
using static Rollcall.Tests.SignIn.PasswordSignInTests;

namespace Rollcall.Tests.SignIn;

/// <summary>
/// An attacker knew the password, or reads an old mailbox. What the owner does next must leave them nothing.
/// </summary>
public sealed class TakeoverTests(TheApp app)
{
    private const string Other = "another horse battery";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private DateTimeOffset Now => app.Main.Services.GetRequiredService<TimeProvider>().GetUtcNow();

    private static Viewer ViewerOf(User user, bool support = false) =>
        new(user.Id, user.DisplayName, user.Email, support, []);

    private static EmailAddress Address(string text) =>
        EmailAddress.TryParse(text, out var address) ? address : throw new FormatException(text);

    private string Token(string purpose, Guid id) =>
        LinkToken.Of(app.Main.Services.GetRequiredService<Rollcall.Security.Secret>(), purpose, id);

    private Task AskForResetAsync(User user) => WithAsync<PasswordResets>(r => r.AskAsync(Address(user.Email), Now));

    private async Task<string> ResetLinkAsync(User user)
    {
        await AskForResetAsync(user);
        return Links.ResetPassword(
            Token(
                LinkToken.PasswordReset,
                await app.InDbAsync(db =>
                    db.PasswordResets.Where(r => r.UserId == user.Id)
                        .OrderByDescending(r => r.Id)
                        .Select(r => r.Id)
                        .FirstAsync()
                )
            )
        );
    }

    private async Task WithAsync<T>(Func<T, Task> work)
        where T : notnull
    {
        await using var scope = app.Main.Services.CreateAsyncScope();
        await work(scope.ServiceProvider.GetRequiredService<T>());
    }

    /// <summary>Waits until a request is blocked by a lock inside this statement.</summary>
    private Task BlockedAsync(string statement, Task who) =>
        Wait.UntilAsync(
            async () =>
            {
                Assert.False(who.IsCompleted, "No request waited for the lock");
                return await app.InDbAsync(db =>
                    db.Database.SqlQuery<bool>(
                            $"""
                            select exists (select from pg_stat_activity where datname = current_database() and
                              wait_event_type = 'Lock' and query like {'%' + statement + '%'} and pid <>
                              pg_backend_pid()) as "Value"
                            """
                        )
                        .SingleAsync()
                );
            },
            "No request waited for the lock"
        );

    [Fact]
    public async Task Trust33_A_requested_change_of_address_is_told_to_the_owner_and_ends_with_the_password()
    {
        var (user, _) = await PersonAsync(app.Main);
        var wanted = Some.Email();
        await WithAsync<AccountDetails>(a => a.AskForAddressAsync(new(ViewerOf(user), Now), Address(wanted)));
        Assert.Equal(
            1,
            await app.InDbAsync(db =>
                db.OutgoingMessages.CountAsync(m => m.ToAddress == user.Email && m.Kind == "address-change-asked")
            )
        );
        await (await app.Client().GetAsync(await ResetLinkAsync(user))).SubmitAsync(
            "Save password",
            new() { ["Password"] = Other }
        );
        var change = await app.InDbAsync(db => db.AddressChanges.SingleAsync(c => c.UserId == user.Id));
        Assert.NotNull(change.EndedAt);
        var client = app.Client();
        await SignInAsync(client, user.Email, Other);
        Assert.Equal(
            "This link does not work",
            (await client.GetAsync("/account/email/" + Token(LinkToken.AddressChange, change.Id))).Heading
        );
    }

    [Fact]
    public async Task H6_Links_in_the_old_mailbox_end_when_support_changes_the_address()
    {
        var (user, organisation) = await PersonAsync(app.Main);
        var link = await ResetLinkAsync(user);
        await WithAsync<AccountDetails>(a => a.AskForAddressAsync(new(ViewerOf(user), Now), Address(Some.Email())));
        var support = await app.Main.MakeUserAsync(support: true);
        await using (var scope = app.Main.Services.CreateAsyncScope())
        {
            var before = Details.Of(user);
            var rules = new ConsoleOptions { EditName = EditPolicy.Always, EditEmail = EditPolicy.Always };
            var result = await scope
                .ServiceProvider.GetRequiredService<ChangeDetails>()
                .ChangeAsync(
                    new(ViewerOf(support, support: true), Now),
                    rules,
                    organisation,
                    user.Id,
                    before,
                    before with
                    {
                        Email = Some.Email(),
                    }
                );
            Assert.NotNull(result.Value);
        }
        Assert.Equal("This link does not work", (await app.Client().GetAsync(link)).Heading);
        Assert.Equal(
            0,
            await app.InDbAsync(db => db.AddressChanges.CountAsync(c => c.UserId == user.Id && c.EndedAt == null))
        );
    }

    [Fact]
    public async Task Trust31_The_old_password_begins_no_session_while_a_new_one_is_saved()
    {
        var (user, _) = await PersonAsync(app.Main);
        var client = app.Client();
        var form = await client.GetAsync("/sign-in");
        await using var scope = app.Main.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<Db>();
        await using var transaction = await db.Database.BeginTransactionAsync(Stop);
        var set = await scope
            .ServiceProvider.GetRequiredService<PasswordResets>()
            .SetAsync(
                new(ViewerOf(user), Now),
                await db.Users.SingleAsync(u => u.Id == user.Id, Stop),
                app.Main.Services.GetRequiredService<Passwords>().Hash(Other),
                null
            );
        Assert.True(set.IsDone);
        await db.SaveChangesAsync(Stop);
        var signIns = form.SubmitAsync(
            "Sign in",
            new() { ["Email"] = user.Email, ["Password"] = RegisterTests.Password }
        );
        await BlockedAsync("users", signIns);
        await transaction.CommitAsync(Stop);
        var end = await signIns;
        Assert.Equal(
            ("Sign in", "How you sign in has just been changed. Sign in again"),
            (end.Heading, Assert.Single(end.Errors))
        );
        Assert.Equal("Sign in", (await client.GetAsync("/account")).Heading);
    }

    [Fact]
    public async Task Trust31_A_change_of_the_password_that_began_with_the_old_one_does_not_undo_a_reset()
    {
        var (user, _) = await PersonAsync(app.Main);
        await using var scope = app.Main.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<Db>();
        var asItWas = await db.Users.SingleAsync(u => u.Id == user.Id, Stop);
        await (await app.Client().GetAsync(await ResetLinkAsync(user))).SubmitAsync(
            "Save password",
            new() { ["Password"] = Other }
        );
        var set = await scope
            .ServiceProvider.GetRequiredService<PasswordResets>()
            .SetAsync(new(ViewerOf(user), Now), asItWas, "anything", null);
        Assert.Equal(PasswordResets.Changed, set.Refusal);
    }

    [Fact]
    public async Task H5_What_was_begun_with_a_link_begins_no_session_while_the_link_is_replaced()
    {
        var invited = await app.Main.InviteAsync();
        await app.InDbAsync(db =>
            db.Users.Where(u => u.Id == invited.User.Id)
                .ExecuteUpdateAsync(u =>
                    u.SetProperty(
                        x => x.PasswordHash,
                        app.Main.Services.GetRequiredService<Passwords>().Hash(RegisterTests.Password)
                    )
                )
        );
        Task<int> SessionsAsync() =>
            app.InDbAsync(db =>
                db.Database.SqlQuery<int>(
                        $"select count(*)::int as \"Value\" from sessions where user_id = {invited.User.Id}"
                    )
                    .SingleAsync()
            );
        var form = await app.Client().GetAsync("/sign-in");
        await using (var scope = app.Main.Services.CreateAsyncScope())
        {
            await using var transaction = await scope
                .ServiceProvider.GetRequiredService<Db>()
                .Database.BeginTransactionAsync(Stop);
            await UnfinishedRegistrations.ClearAsync(scope.ServiceProvider.GetRequiredService<Db>(), [invited.User.Id]);
            var signIns = form.SubmitAsync(
                "Sign in",
                new() { ["Email"] = invited.User.Email, ["Password"] = RegisterTests.Password }
            );
            await BlockedAsync("for share", signIns);
            await transaction.CommitAsync(Stop);
            Assert.Equal("Sign in", (await signIns).Heading);
        }
        Assert.Equal(0, await SessionsAsync());

        // The other way round: a session that was begun while the replacing waited for the person's row.
        await using (var connection = new NpgsqlConnection(app.Main.Database))
        {
            await connection.OpenAsync(Stop);
            await using var transaction = await connection.BeginTransactionAsync(Stop);
            await using (
                var hold = new NpgsqlCommand("select from users where id = $1 for no key update", connection)
                {
                    Parameters = { new() { Value = invited.User.Id } },
                }
            )
            {
                await hold.ExecuteNonQueryAsync(Stop);
            }

            var forgetting = Task.Run(
                () =>
                    app.InDbAsync(async db =>
                    {
                        await using var scope = app.Main.Services.CreateAsyncScope();
                        await using var mine = await scope
                            .ServiceProvider.GetRequiredService<Db>()
                            .Database.BeginTransactionAsync(Stop);
                        await UnfinishedRegistrations.ClearAsync(
                            scope.ServiceProvider.GetRequiredService<Db>(),
                            [invited.User.Id]
                        );
                        await mine.CommitAsync(Stop);
                        return 0;
                    }),
                Stop
            );
            await BlockedAsync("for no key update", forgetting);
            await app.InDbAsync(db =>
                db.Database.ExecuteSqlAsync(
                    $"""
                    insert into sessions (id_hash, user_id, created_at, seen_at, id, method)
                    values ({Guid.NewGuid().ToByteArray()}, {invited.User.Id}, now(), now(), {Guid.NewGuid()},
                      'password')
                    """
                )
            );
            await transaction.CommitAsync(Stop);
            await forgetting;
        }
        Assert.Equal(0, await SessionsAsync());
    }

    [Fact]
    public async Task Trust42_A_session_of_the_password_alone_ends_when_a_second_factor_is_set_up()
    {
        var (user, _) = await PersonAsync(app.Main);
        var owner = app.Client();
        var thief = app.Client();
        await SignInAsync(thief, user.Email);
        await SignInAsync(owner, user.Email);
        var setUp = await owner.GetAsync("/account/second-factor/authenticator");
        Assert.Equal(
            "Save your recovery codes",
            (
                await setUp.SubmitAsync(
                    "Continue",
                    new() { ["Code"] = AuthenticatorApp.Code(setUp.Text(".app-key"), Now) }
                )
            ).Heading
        );
        Assert.Equal("Sign in", (await thief.GetAsync("/account/second-factor/authenticator")).Heading);
        Assert.Equal("Your account", (await owner.GetAsync("/account")).Heading);
    }

    [Fact]
    public async Task Trust43_Codes_by_email_from_before_do_not_count_for_support_staff()
    {
        var (user, _) = await PersonAsync(
            app.Main,
            change: u =>
            {
                u.EmailCodes = true;
                u.SupportSince = u.CreatedAt;
            }
        );
        await WithAsync<Authenticators>(a => a.SaveAsync(user.Id, Totp.NewSecret(), 1, Stop));
        var check = await SignInAsync(app.Client(), user.Email);
        Assert.Equal("Enter the code from your authenticator app", check.Heading);
        Assert.False(check.HasLink("Get a code by email"));
    }

    [Fact]
    public async Task Trust38_Codes_that_are_never_entered_are_not_sent_for_ever_however_often_a_sign_in_begins()
    {
        var (user, _) = await PersonAsync(app.Main, change: u => u.EmailCodes = true);
        for (var i = 0; i < 14; i++)
        {
            Assert.Equal("Check your email", (await SignInAsync(app.Client(), user.Email)).Heading);
        }
        // The eleventh begins the waits: four seconds, and then longer.
        Assert.InRange(
            await app.InDbAsync(db => db.OutgoingMessages.CountAsync(m => m.ToAddress == user.Email)),
            10,
            13
        );
        var sent = 0;
        var (another, _) = await PersonAsync(app.Main);
        for (var i = 0; i < 14; i++)
        {
            var what = new NewSecondFactor(another.Id, SecondFactorKind.Text.Key, Some.Mobile(), null, Now);
            await WithAsync<SecondFactorSetUp>(async s =>
                sent += (await s.SendCodeAsync(another, what)).IsDone ? 1 : 0
            );
        }

        Assert.InRange(sent, 10, 13);
    }

    [Fact]
    public async Task Trust31_No_one_can_use_up_the_resets_of_another_user()
    {
        var (user, _) = await PersonAsync(app.Main);
        for (var i = 0; i < 5; i++)
        {
            await WithAsync<PasswordResets>(r => r.AskAsync(Address(user.Email), Now.AddMinutes(-70 + (2 * i))));
        }

        await AskForResetAsync(user);
        Assert.Equal(6, await app.InDbAsync(db => db.PasswordResets.CountAsync(r => r.UserId == user.Id)));
        for (var i = 0; i < 9; i++)
        {
            await WithAsync<PasswordResets>(r => r.AskAsync(Address(user.Email), Now.AddMinutes(2 + (2 * i))));
        }

        // five an hour: a mailbox is not filled
        Assert.Equal(10, await app.InDbAsync(db => db.PasswordResets.CountAsync(r => r.UserId == user.Id)));
    }
}
