using Microsoft.EntityFrameworkCore;
using Rollcall.History;
using Rollcall.Model;
using Rollcall.Tests.Support;
using static Rollcall.Tests.SignIn.PasswordSignInTests;

namespace Rollcall.Tests.Account;

/// <summary>
/// A person asks for another email address: what others can do with the link, and what the asker learns.
/// </summary>
public sealed class AddressChangeTests(TheApp app)
{
    private async Task<(User User, Organisation Organisation, Client Client)> SignedInAsync()
    {
        var (user, organisation) = await PersonAsync(app.Main);
        var client = app.Client();
        await SignInAsync(client, user.Email);
        return (user, organisation, client);
    }

    private static async Task<Page> AskAsync(Client client, string address) =>
        await (await client.GetAsync("/account/email")).SubmitAsync("Continue", new() { ["NewEmail"] = address });

    private Task<string> EmailOfAsync(User user) =>
        app.InDbAsync(db => db.Users.Where(u => u.Id == user.Id).Select(u => u.Email).SingleAsync());

    private Task<int> MessagesAsync(string to, string kind) =>
        app.InDbAsync(db => db.OutgoingMessages.CountAsync(m => m.ToAddress == to && m.Kind == kind));

    [Fact]
    public async Task Trust33_A_stranger_who_opens_the_link_confirms_nothing_and_is_asked_to_sign_in_first()
    {
        var (user, _, client) = await SignedInAsync();
        var address = Some.Email();
        await AskAsync(client, address);
        var link = await app.Main.LinkInMailAsync(address, "/account/email/");
        var page = await app.Client().GetAsync(link);
        Assert.Equal("Sign in", page.Heading);
        Assert.Contains(Uri.EscapeDataString(link), page.Path, StringComparison.Ordinal); // and come back after
        var (_, fields) = page.Form("Sign in");
        Assert.Equal("Sign in", (await page.Client.PostAsync(link, fields)).Heading);
        Assert.Equal(user.Email, await EmailOfAsync(user));

        var back = await SignInAsync(app.Client(), user.Email, returnUrl: link);
        Assert.Equal("Confirm your email address", back.Heading);
        Assert.Equal((user.Email, address), (back.Value("Current email address"), back.Value("New email address")));
        await back.SubmitAsync("Confirm");
        Assert.Equal(address, await EmailOfAsync(user));
    }

    [Fact]
    public async Task Trust33_Someone_signed_in_as_another_account_is_told_so_and_confirms_nothing()
    {
        var (user, _, client) = await SignedInAsync();
        var (other, _, another) = await SignedInAsync();
        var address = Some.Email();
        await AskAsync(client, address);
        var link = await app.Main.LinkInMailAsync(address, "/account/email/");
        var page = await another.GetAsync(link);
        Assert.Equal("This link is for another account", page.Heading);
        Assert.Contains($"You are signed in as {other.Email}", page.Text(), StringComparison.Ordinal);
        Assert.Contains(user.Email, page.Text(), StringComparison.Ordinal);
        Assert.Equal(
            "This link is for another account",
            (await another.PostAsync(link, page.Form("Sign out and sign in to the other account").Fields)).Heading
        );
        Assert.Equal((user.Email, other.Email), (await EmailOfAsync(user), await EmailOfAsync(other)));
        Assert.Equal(Links.SignIn(link), (await page.SubmitAsync("Sign out and sign in to the other account")).Path);
    }

    [Fact]
    public async Task Trust33_The_email_says_whose_account_it_is_and_its_present_address()
    {
        var (user, _, client) = await SignedInAsync();
        var address = Some.Email();
        await AskAsync(client, address);
        var mail = await app.Main.MailAsync(address, "We received a request to change the email address of");
        Assert.Contains($"Jo Bloggs’s account, {user.Email},", mail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trust29_A_known_and_an_unknown_address_leave_the_asker_the_same()
    {
        var seen = new List<(string Page, int Notices, int Kept, int Recorded)>();
        foreach (var known in new[] { true, false })
        {
            var (user, _, client) = await SignedInAsync();
            var wanted = known ? (await app.Main.MakeUserAsync()).Email : Some.Email();
            var page = await AskAsync(client, wanted);
            await Wait.UntilAsync(
                async () => await MessagesAsync(user.Email, "address-change-asked") == 1,
                "The asker is not told"
            );
            seen.Add(
                (
                    page.Text()
                        .Replace(wanted, "", StringComparison.Ordinal)
                        .Replace(user.Email, "", StringComparison.Ordinal),
                    await MessagesAsync(user.Email, "address-change-asked"),
                    await app.InDbAsync(db => db.AddressChanges.CountAsync(c => c.UserId == user.Id)),
                    await app.InDbAsync(db =>
                        db.AuditEvents.CountAsync(e =>
                            e.UserId == user.Id && e.Kind == Event.KindOf<AddressChangeRequested>()
                        )
                    )
                )
            );
            // the owner of a known address hears nothing
            Assert.Equal(known ? 0 : 1, await MessagesAsync(wanted, "confirm-address"));
        }
        Assert.Equal(seen[0], seen[1]);
    }

    [Fact]
    public async Task Trust29_Nothing_is_looked_up_before_the_answer_comes()
    {
        var (user, _, client) = await SignedInAsync();
        var page = await client.GetAsync("/account/email");
        await using var held = new Npgsql.NpgsqlConnection(app.Main.Database);
        await held.OpenAsync(TestContext.Current.CancellationToken);
        await using var transaction = await held.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using (
            var hold = new Npgsql.NpgsqlCommand("select from users where id = $1 for update", held)
            {
                Parameters = { new() { Value = user.Id } },
            }
        )
        {
            await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }
        // Asking waits for the person's row; the answer does not.
        Assert.Equal(
            "Check your email",
            (await page.SubmitAsync("Continue", new() { ["NewEmail"] = Some.Email() })).Heading
        );
        Assert.Equal(0, await app.InDbAsync(db => db.AddressChanges.CountAsync(c => c.UserId == user.Id)));
        await transaction.RollbackAsync(TestContext.Current.CancellationToken);
        await Wait.UntilAsync(
            async () => await app.InDbAsync(db => db.AddressChanges.CountAsync(c => c.UserId == user.Id)) == 1,
            "Nothing was kept"
        );
    }

    [Fact]
    public async Task Trust15_Known_addresses_count_towards_five_requests_a_day()
    {
        var (user, _, client) = await SignedInAsync();
        for (var i = 0; i < 7; i++)
        {
            await AskAsync(client, (await app.Main.MakeUserAsync()).Email);
            var expected = Math.Min(i + 1, 5);
            await Wait.UntilAsync(
                async () =>
                    await app.InDbAsync(db => db.AddressChanges.CountAsync(c => c.UserId == user.Id)) == expected,
                "It was not counted"
            );
        }
        await AskAsync(client, Some.Email());
        Assert.Equal(5, await MessagesAsync(user.Email, "address-change-asked"));
    }

    [Fact]
    public async Task Trust33_Someone_without_a_password_is_not_told_to_reset_it()
    {
        var (user, _, client) = await SignedInAsync();
        await app.InDbAsync(db =>
            db.Users.Where(u => u.Id == user.Id)
                .ExecuteUpdateAsync(u => u.SetProperty(x => x.PasswordHash, (string?)null))
        );
        await AskAsync(client, Some.Email());
        var mail = await app.Main.MailAsync(user.Email, "asked to use");
        Assert.Contains("someone else can use your account. Email ", mail, StringComparison.Ordinal);
        Assert.DoesNotContain("reset your password", mail, StringComparison.OrdinalIgnoreCase);
    }
}
