using Microsoft.EntityFrameworkCore;
using Rollcall.Host;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Host;

/// <summary>The way to the first support user.</summary>
public sealed class SupportUserCommandTests(TheApp app)
{
    private static async Task<(int Code, string Text)> RunAsync(
        Instance host,
        string name,
        string email,
        bool print = false
    )
    {
        using var output = new StringWriter();
        var code = await SupportUserCommand.RunAsync(
            host.Services,
            name,
            email,
            print,
            output,
            TestContext.Current.CancellationToken
        );
        return (code, output.ToString());
    }

    private static readonly Dictionary<string, string?> Production = new()
    {
        ["environment"] = "Production",
        ["Rollcall:ServicePurpose"] = "publish courses",
        ["Rollcall:PublicBaseUrl"] = "https://people.example.com",
        ["Rollcall:Email:Sender"] = "Smtp",
    };

    [Fact]
    public async Task The_first_support_user_is_invited_and_running_it_twice_says_what_is()
    {
        await using var host = await app.StartAsync(new(Production));
        var email = Some.Email();
        var first = await RunAsync(host, " Ann Marie  Other ", email);
        Assert.Equal(0, first.Code);
        Assert.StartsWith(
            $"Ann Marie Other <{email}> is a support user from now on. We will email them a link to create "
                + "an account, which works until ",
            first.Text,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("/register/", first.Text, StringComparison.Ordinal);
        var user = await host.InDbAsync(db => db.Users.SingleAsync());
        Assert.Equal(("Ann Marie", "Other", email), (user.FirstName, user.LastName, user.Email));
        Assert.NotNull(user.SupportSince);

        var second = await RunAsync(host, "Another Name", email.ToUpperInvariant(), print: true);
        Assert.Equal(0, second.Code);
        Assert.StartsWith(
            $"Ann Marie Other <{email}> is a support user already, and has not created an account yet. The "
                + "link they were sent works until ",
            second.Text,
            StringComparison.Ordinal
        );
        Assert.Contains(
            $": https://people.example.com{await host.LinkAsync(user)}",
            second.Text,
            StringComparison.Ordinal
        );
        Assert.Equal(
            1,
            await host.InDbAsync(db =>
                db.OutgoingMessages.CountAsync(m => m.ToAddress == email && m.Kind == "support-added")
            )
        );
        Assert.Equal(1, await host.InDbAsync(db => db.Invitations.CountAsync()));
        Assert.Equal(
            "Rollcall",
            await host.InDbAsync(db =>
                db.AuditEvents.Where(e => e.UserId == user.Id).Select(e => e.ActorName).SingleAsync()
            )
        );
    }

    [Fact]
    public async Task A_link_that_has_expired_is_replaced_by_running_it_again()
    {
        var email = Some.Email();
        await RunAsync(app.Main, "Ann Other", email);
        await app.InDbAsync(db =>
            db.Invitations.Where(i => i.Email == email)
                .ExecuteUpdateAsync(i => i.SetProperty(x => x.ExpiresAt, x => x.SentAt))
        );
        Assert.Contains(
            "and their link had expired. We will email them a new one, which works until ",
            (await RunAsync(app.Main, "Ann Other", email)).Text,
            StringComparison.Ordinal
        );
        Assert.Equal(2, await app.InDbAsync(db => db.Invitations.CountAsync(i => i.Email == email)));
    }

    [Fact]
    public async Task The_link_is_shown_where_no_email_leaves_and_it_works()
    {
        var email = Some.Email();
        var (_, text) = await RunAsync(app.Main, "Ann Other", email); // this sender is the mailbox for development
        var link = new Uri(text[text.IndexOf("http", StringComparison.Ordinal)..].Trim());
        Assert.Equal(
            "Create an account to join the Rollcall support team",
            (await app.Client().GetAsync(link.AbsolutePath)).Heading
        );
    }

    [Fact]
    public async Task A_person_with_an_account_is_promoted_and_the_second_time_said_to_be_a_support_user()
    {
        var known = await app.Main.MakeUserAsync("Grace", "Hopper");
        Assert.Equal(
            (
                0,
                $"Grace Hopper <{known.Email}> has an account and is a support user from now on. An email "
                    + $"tells them.{Environment.NewLine}"
            ),
            await RunAsync(app.Main, "G H", known.Email)
        );
        Assert.Equal(
            (
                0,
                $"Grace Hopper <{known.Email}> is a support user already, and can sign in. Nothing was "
                    + $"changed.{Environment.NewLine}"
            ),
            await RunAsync(app.Main, "G H", known.Email)
        );
        Assert.Equal(1, await app.InDbAsync(db => db.OutgoingMessages.CountAsync(m => m.ToAddress == known.Email)));
    }

    [Theory]
    [InlineData("Ann Other", "not an address", "Enter an email address in the correct format, like name@example.com")]
    [InlineData("Ann Other", "", "Enter an email address")]
    [InlineData(" ", "ann@example.org", "Enter a name")]
    [InlineData("Ann https://evil.example", "ann@example.org", "Last name must not include a web address")]
    public async Task What_is_wrong_is_said_and_nothing_is_changed(string name, string email, string problem)
    {
        Assert.Equal((1, problem + Environment.NewLine), await RunAsync(app.Main, name, email));
        Assert.Equal(0, await app.InDbAsync(db => db.Users.CountAsync(u => u.Email == "ann@example.org")));
    }

    [Fact]
    public async Task A_paused_account_is_refused()
    {
        var paused = await app.Main.MakeUserAsync();
        await app.Main.PauseAsync(paused);
        var (code, text) = await RunAsync(app.Main, "Ann Other", paused.Email);
        Assert.Equal((1, "The account with this email address is paused. Resume it first"), (code, text.Trim()));
    }
}
