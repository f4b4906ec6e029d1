using System.Net;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Rollcall.Addresses;
using Rollcall.Emails;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Security;
using Rollcall.Tests.Account;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Security;

/// <summary>One database, one secret: another one is refused, and <c>rotate-secret</c> moves to it.</summary>
public sealed class SecretTests(TheApp app)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_start_with_another_secret_is_refused_in_a_sentence()
    {
        await using var host = await app.StartAsync([]);
        var (code, _, errors) = await HostProcess.RunAsync(Environment(host, NewSecret()));
        Assert.Equal((1, OtherSecretException.Words), (code, errors.Trim()));
    }

    [Fact]
    public async Task Of_two_that_start_at_once_with_different_secrets_one_runs()
    {
        var database = await app.NewDatabaseAsync();
        var both = await Task.WhenAll(
            new[] { NewSecret(), NewSecret() }.Select(secret =>
                HostProcess.RunAsync(Environment(database, secret), "create-support-user", "Ann Other", Some.Email())
            )
        );
        Assert.Equal([0, 1], both.Select(one => one.Code).Order());
        Assert.Equal(OtherSecretException.Words, both.Single(one => one.Code == 1).Errors.Trim());
    }

    [Fact]
    public async Task A_change_of_the_secret_ends_sessions_and_links_and_sends_every_invitation_again()
    {
        // No email leaves by itself, so that what waits goes on waiting.
        await using var host = await app.StartAsync(
            [],
            services: services => services.Remove(services.Single(s => s.ImplementationType == typeof(Postman)))
        );
        var pending = await host.InviteAsync();
        var waiting = await host.InviteAsync();
        var paused = await host.InviteAsync();
        var registered = await host.MakeUserAsync();
        await host.PauseAsync(paused.Membership);
        // One was sent and one still waits; a new password and a code wait too.
        await host.InDbAsync(db =>
            db.Database.ExecuteSqlAsync(
                $"update outgoing_messages set sent_at = now() where to_address = {pending.User.Email}"
            )
        );
        await host.AsOwnerAsync(
            """
            update invitations set sent_at = sent_at - interval '2 minutes', expires_at = expires_at - interval
              '2 minutes'
            """
        );
        await host.DoAsync<PasswordResets, bool>(async resets =>
        {
            Assert.True(EmailAddress.TryParse(registered.Email, out var address));
            await resets.AskAsync(address, Now(host));
            return true;
        });
        await host.DoAsync<SendCode, Result>(send =>
            send.SendAsync(registered.Id, "test", registered, null, Now(host))
        );
        await host.DoAsync<Authenticators, bool>(async apps =>
        {
            await apps.SaveAsync(registered.Id, Key, 0, Stop);
            return true;
        });
        await host.DoAsync<RecoveryCodes, IReadOnlyList<string>>(codes => codes.ReplaceAsync(registered.Id, Stop));
        var client = await host.Client().SignInAsync(registered.Email);
        var secret = NewSecret();

        var (code, said, errors) = await RotateAsync(host, TheApp.Secret, secret);
        Assert.Equal((0, ""), (code, errors));
        Assert.StartsWith(
            "The database has the new secret. Invitations sent again: 2.",
            said,
            StringComparison.Ordinal
        );

        // The instance that was left behind shows no page, is not ready and sends nothing.
        using var left = await client.RawAsync(new(HttpMethod.Get, "/account"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, left.StatusCode);
        using var ready = await client.RawAsync(new(HttpMethod.Get, "/health/ready"));
        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable, "not ready: the database was set up with another secret"),
            (ready.StatusCode, await ready.Content.ReadAsStringAsync(Stop))
        );
        await Assert.ThrowsAsync<OtherSecretException>(() =>
            host.Services.GetRequiredService<Deliveries>().ClaimAsync(10, Stop)
        );

        await using var after = await app.StartAsync(new() { ["Rollcall:Secret"] = secret }, host.Database);
        // Each person who waits gets one email with a link that works; the older link says that there is a newer one.
        foreach (var invited in new[] { pending, waiting })
        {
            var link = await after.LinkInMailAsync(invited.User.Email, "/register/");
            Assert.StartsWith(
                "Create an account",
                (await after.Client().GetAsync(link)).Heading,
                StringComparison.Ordinal
            );
            Assert.NotEqual(invited.Link, link, StringComparer.Ordinal);
            Assert.False((await after.Client().GetAsync(invited.Link)).HasLink("Create an account"));
            Assert.Equal(
                1,
                await after.InDbAsync(db =>
                    db.Database.SqlQuery<int>(
                            $"select count(*)::int as \"Value\" from mailbox where to_address = {invited.User.Email}"
                        )
                        .SingleAsync(Stop)
                )
            );
        }

        Assert.Equal(
            ["superseded", "superseded"],
            await after.InDbAsync(db =>
                db.Database.SqlQuery<string>(
                        $"""
                        select case when superseded_at is not null then 'superseded'
                                    when sent_at is not null then 'sent'
                                    else 'waiting' end as "Value"
                        from outgoing_messages where to_address = {registered.Email} order by kind
                        """
                    )
                    .ToListAsync(Stop)
            )
        );
        // A paused person gets no email; their link has ended.
        Assert.Equal(
            1,
            await after.InDbAsync(db => db.OutgoingMessages.CountAsync(m => m.ToAddress == paused.User.Email, Stop))
        );
        Assert.Equal(
            1,
            await after.InDbAsync(db =>
                db.Invitations.CountAsync(i => i.UserId == paused.User.Id && i.SupersededAt != null, Stop)
            )
        );
        // The person who had an account signs in anew; their authenticator app goes on.
        using var client2 = after.Client();
        foreach (var cookie in client.Cookies.GetAllCookies().Cast<Cookie>())
        {
            client2.Cookies.Add(after.Address, new Cookie(cookie.Name, cookie.Value));
        }

        Assert.Equal("/sign-in", (await client2.GetAsync("/account")).Path.Split('?')[0]);
        var now = after.Services.GetRequiredService<TimeProvider>().GetUtcNow();
        Assert.True(
            await after.DoAsync<Authenticators, bool>(apps =>
                apps.CheckAsync(registered.Id, AuthenticatorCode(now), Stop)
            )
        );
        Assert.Equal(0, await after.DoAsync<RecoveryCodes, int>(codes => codes.LeftAsync(registered.Id, Stop)));

        // Run again, it says so; and the old secret is refused.
        var again = await RotateAsync(host, TheApp.Secret, secret);
        Assert.Equal(
            (0, "The database has this secret already. Nothing was changed."),
            (again.Code, again.Output.Trim())
        );
        Assert.Equal(1, (await HostProcess.RunAsync(Environment(host, TheApp.Secret))).Code);
    }

    [Fact]
    public async Task A_removal_from_before_the_change_that_is_undone_after_it_makes_a_new_link()
    {
        await using var host = await app.StartAsync(
            [],
            services: services => services.Remove(services.Single(s => s.ImplementationType == typeof(Postman)))
        );
        var organisation = await host.MakeOrganisationAsync();
        var admin = await host.AdminOfAsync(organisation);
        var invited = await host.InviteAsync(organisation);
        var list = Links.RemoveUser(organisation.Id, invited.User.Id);
        await (await (await host.Client().SignInAsync(admin.Email)).GetAsync(list)).SubmitAsync("Remove user");
        var secret = NewSecret();
        Assert.Equal(0, (await RotateAsync(host, TheApp.Secret, secret)).Code);

        await using var after = await app.StartAsync(new() { ["Rollcall:Secret"] = secret }, host.Database);
        var viewer = Some.AdminOf(organisation, admin);
        var refusal = await after.DoAsync<RemoveMember, Refusal?>(async removeMember =>
            (await removeMember.UndoAsync(new(viewer, Now(after)), organisation, invited.User.Id)).Refusal
        );
        Assert.Null(refusal);
        var link = await after.LinkInMailAsync(invited.User.Email, "/register/");
        Assert.StartsWith("Create an account", (await after.Client().GetAsync(link)).Heading, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_old_secret_has_to_be_the_right_one()
    {
        await using var host = await app.StartAsync([]);
        var (code, _, errors) = await RotateAsync(host, NewSecret(), NewSecret());
        Assert.Equal(
            (1, "ROLLCALL_OLD_SECRET is not the secret that this database was set up with. Nothing was changed."),
            (code, errors.Trim())
        );
        (code, _, errors) = await RotateAsync(host, "", NewSecret());
        Assert.Equal(
            (
                1,
                "Set ROLLCALL_OLD_SECRET to the secret that the database was set up with, and "
                    + "Rollcall:Secret to the new one."
            ),
            (code, errors.Trim())
        );
        Assert.Equal(HttpStatusCode.OK, (await host.Client().GetAsync("/sign-in")).Response.StatusCode);
    }

    [Fact]
    public async Task Killed_in_the_middle_the_old_secret_is_still_in_force()
    {
        await using var host = await app.StartAsync([]);
        var invited = await host.InviteAsync();
        var secret = NewSecret();
        await using var blocker = new NpgsqlConnection(app.OwnerOf(host.Database) + ";Pooling=false");
        await blocker.OpenAsync(Stop);
        await using (var hold = await blocker.BeginTransactionAsync(Stop))
        {
            await using var invitations = new NpgsqlCommand("lock table invitations in share mode", blocker);
            await invitations.ExecuteNonQueryAsync(Stop);
            using var rotating = HostProcess.Start(RotateEnvironment(host, TheApp.Secret, secret), ["rotate-secret"]);
            await using var waits = new NpgsqlCommand(
                "select count(*) from pg_locks where relation = 'invitations'::regclass and not granted",
                blocker
            );
            await Wait.UntilAsync(
                async () => await waits.ExecuteScalarAsync(Stop) is > 0L || rotating.HasExited,
                "The command never came to the invitations"
            );
            Assert.False(rotating.HasExited);
            rotating.Kill();
            await hold.RollbackAsync(Stop);
        }

        await Wait.UntilAsync(
            async () => (await host.Client().RawAsync(new(HttpMethod.Get, "/health/ready"))).IsSuccessStatusCode,
            "The old instance does not come back"
        );
        Assert.StartsWith(
            "Create an account",
            (await host.Client().GetAsync(invited.Link)).Heading,
            StringComparison.Ordinal
        );
        Assert.Equal(0, (await RotateAsync(host, TheApp.Secret, secret)).Code);
    }

    private static readonly byte[] Key = RandomNumberGenerator.GetBytes(20);

    private static string AuthenticatorCode(DateTimeOffset now) => AuthenticatorApp.Code(Totp.Base32(Key), now);

    private static DateTimeOffset Now(Instance host) => host.Services.GetRequiredService<TimeProvider>().GetUtcNow();

    private static string NewSecret() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    private Dictionary<string, string?> Environment(Instance host, string secret) => Environment(host.Database, secret);

    private Dictionary<string, string?> Environment(string database, string secret) =>
        new()
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["ConnectionStrings__Rollcall"] = database,
            ["ConnectionStrings__RollcallOwner"] = app.OwnerOf(database),
            ["Rollcall__Secret"] = secret,
        };

    private Dictionary<string, string?> RotateEnvironment(Instance host, string old, string secret) =>
        new(Environment(host, secret)) { ["ROLLCALL_OLD_SECRET"] = old };

    private Task<(int Code, string Output, string Errors)> RotateAsync(Instance host, string old, string secret) =>
        HostProcess.RunAsync(RotateEnvironment(host, old, secret), "rotate-secret");
}
