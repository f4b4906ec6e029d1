using System.Collections.Concurrent;
using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Register;

/// <summary>Every page where a journey can end leads on, and secrets on the way stay secret.</summary>
public sealed class NoDeadEndTests(TheApp app)
{
    private async Task<Invited> EndedAsync(string column)
    {
        var invited = await app.Main.InviteAsync();
        await EndAsync(invited, column);
        return invited;
    }

    private Task<int> EndAsync(Invited invited, string column)
#pragma warning disable EF1002 // one of ours, below
        =>
        app.InDbAsync(db =>
            db.Database.ExecuteSqlRawAsync(
                $"update invitations set {column} = now() where user_id = '{invited.User.Id}'"
            )
        );
#pragma warning restore EF1002

    [Fact]
    public async Task S0_4_Every_page_on_which_a_way_ends_has_a_next_step_that_works()
    {
        var stranger = await app.Main.MakeUserAsync();
        var otherUser = await app.Main.MakeUserAsync();
        var live = await app.Main.InviteAsync();
        var paused = await app.Main.InviteAsync();
        await app.Main.PauseAsync(paused.User);
        var used = await EndedAsync("accepted_at");
        await app.InDbAsync(db =>
            db.Users.Where(u => u.Id == used.User.Id)
                .ExecuteUpdateAsync(u => u.SetProperty(x => x.RegisteredAt, x => x.CreatedAt))
        );
        var removed = await EndedAsync("accepted_at");
        await app.InDbAsync(db =>
            db.Memberships.Where(m => m.UserId == removed.User.Id)
                .ExecuteUpdateAsync(m => m.SetProperty(x => x.RemovedAt, x => x.AddedAt))
        );
        var ends = new List<(Client Client, string Path)>
        {
            (app.Client(), (await EndedAsync("expires_at")).Link),
            (app.Client(), (await EndedAsync("withdrawn_at")).Link),
            (app.Client(), (await EndedAsync("superseded_at")).Link),
            (app.Client(), used.Link),
            (app.Client(), removed.Link),
            (app.Client(), paused.Link),
            (app.Client(), "/register/nothing"),
            (await app.Client().SignInAsync(otherUser.Email), live.Link),
            (await app.Client().SignInAsync(stranger.Email), "/organisations"),
            (app.Client(), "/reset-password/nothing"),
            (await app.Client().SignInAsync(otherUser.Email), "/account/email/nothing"),
            (app.Client(), "/forgot-password?asked=true"),
            (app.Client(), "/sign-out"),
            (app.Client(), "/terms"),
            (app.Client(), "/terms/declined"),
        };
        var headings = new List<string>();
        foreach (var (client, path) in ends)
        {
            var page = await client.GetAsync(path);
            headings.Add(page.Heading);
            var links = page
                .Document.QuerySelectorAll("main a[href]")
                .Select(a => a.GetAttribute("href")!)
                .Where(href => href.StartsWith('/'))
                .ToList();
            var forms = page.Document.QuerySelectorAll("main form");
            Assert.True(links.Count + forms.Length > 0, $"{page.Heading} leads nowhere");
            foreach (var link in links)
            {
                await client.GetAsync(link); // answers 200, after redirects
            }
        }
        // "This link does not work" stands for three kinds of link
        Assert.Equal(ends.Count, headings.Distinct().Count() + 2);
    }

    [Fact]
    public async Task D7_D8_An_older_link_leads_to_signing_in_once_a_newer_one_was_used()
    {
        var invited = await app.Main.InviteAsync();
        await EndAsync(invited, "superseded_at");
        Assert.Equal("There is a newer link for you", (await app.Client().GetAsync(invited.Link)).Heading);
        await app.InDbAsync(db =>
            db.Users.Where(u => u.Id == invited.User.Id)
                .ExecuteUpdateAsync(u => u.SetProperty(x => x.RegisteredAt, x => x.CreatedAt))
        );
        var old = await app.Client().GetAsync(invited.Link);
        Assert.Equal("You have already used this link", old.Heading);
        Assert.True(old.HasLink("Sign in"));
        var paused = await app.Main.InviteAsync();
        await EndAsync(paused, "superseded_at");
        await app.Main.PauseAsync(paused.Membership);
        Assert.Equal("Your access has been paused", (await app.Client().GetAsync(paused.Link)).Heading);
    }

    [Fact]
    public async Task D20_A_paused_membership_demands_nothing()
    {
        var invited = await app.Main.InviteAsync();
        var strict = await app.Main.MakeOrganisationAsync();
        await app.InDbAsync(db =>
            db.Organisations.Where(o => o.Id == strict.Id)
                .ExecuteUpdateAsync(o => o.SetProperty(x => x.SecondFactorRequired, true))
        );
        var membership = await app.Main.JoinAsync(invited.User, strict);
        await app.Main.PauseAsync(membership);
        var page = await (
            await (await app.Client().GetAsync(invited.Link)).FollowAsync("Create an account")
        ).SubmitAsync("Continue", RegisterTests.Answers());
        Assert.Equal("Your account is ready", page.Heading);
    }

    [Fact]
    public async Task H7_Who_cannot_finish_is_told_why_and_that_a_link_was_sent_only_when_one_was()
    {
        var invited = await app.Main.InviteAsync(secondFactor: true);
        var client = app.Client();
        await (await (await client.GetAsync(invited.Link)).FollowAsync("Create an account")).SubmitAsync(
            "Continue",
            RegisterTests.Answers()
        );
        await app.InDbAsync(db =>
            db.Organisations.Where(o => o.Id == invited.Organisation.Id)
                .ExecuteUpdateAsync(o => o.SetProperty(x => x.SecondFactorRequired, false))
        );
        await app.InDbAsync(db =>
            db.Invitations.Where(i => i.UserId == invited.User.Id)
                .ExecuteUpdateAsync(i => i.SetProperty(x => x.ExpiresAt, x => x.SentAt))
        );
        var ended = await client.GetAsync("/account/finish");
        Assert.Equal("Your invitation has expired", ended.Heading);
        var tooSoon = await ended.SubmitAsync("Send a new link");
        Assert.StartsWith("There is already a link for you", Assert.Single(tooSoon.Errors), StringComparison.Ordinal);
        await app.Main.PauseAsync(invited.Membership);
        Assert.Equal("Your account cannot be used", (await client.GetAsync("/account/finish")).Heading);
        Assert.Equal("Your account cannot be used", (await tooSoon.SubmitAsync("Send a new link")).Heading);
        Assert.Equal(1, await app.InDbAsync(db => db.Invitations.CountAsync(i => i.UserId == invited.User.Id)));
    }

    [Fact]
    public async Task Trust4_Trust11_Trust60_I11_No_log_holds_a_link_a_code_or_a_password()
    {
        var logs = new Collector();
        await using var host = await app.StartAsync(
            [],
            services: services => services.AddSingleton<ILoggerProvider>(logs)
        );
        var invited = await host.InviteAsync(secondFactor: true);
        var client = host.Client();
        var details = await (await client.GetAsync(invited.Link)).FollowAsync("Create an account");
        await details.SubmitAsync("Continue", RegisterTests.Answers("tiny-secret"));
        var choose = await details.SubmitAsync("Continue", RegisterTests.Answers());
        var check = await (await choose.SubmitAsync("Continue", new() { ["Way"] = "email" })).SubmitAsync(
            "Send a code"
        );
        var mail = await host.MailAsync(invited.User.Email, "is your security code");
        var code = mail[(mail.IndexOf(" is your security code", StringComparison.Ordinal) - 6)..][..6];
        var codes = await check.SubmitAsync("Continue", new() { ["Code"] = code });
        Assert.Equal("Save your recovery codes", codes.Heading);
        await client.GetAsync("/register/" + invited.Link.Split('/')[^1] + "/nowhere", HttpStatusCode.NotFound);
        await (await host.Client().GetAsync("/sign-in")).SubmitAsync(
            "Sign in",
            new() { ["Email"] = invited.User.Email, ["Password"] = "a wrong password" }
        );
        var text = string.Join("\n", logs.Lines);
        Assert.Contains("Sent added", text, StringComparison.Ordinal); // the collector collects
        foreach (
            var secret in new[]
            {
                invited.Link.Split('/')[^1],
                RegisterTests.Password,
                "tiny-secret",
                "a wrong password",
                code,
                codes.Texts(".app-codes li")[0],
                invited.User.Email,
            }
        )
        {
            Assert.DoesNotContain(secret, text, StringComparison.Ordinal);
        }

        foreach (
            var table in new[]
            {
                "outgoing_messages",
                "audit_events",
                "one_time_codes",
                "sessions",
                "users",
                "recovery_codes",
            }
        )
        {
#pragma warning disable EF1002
            var rows = await host.InDbAsync(db =>
                db.Database.SqlQueryRaw<string>($"select t::text as \"Value\" from {table} t").ToListAsync()
            );
#pragma warning restore EF1002
            foreach (
                var secret in new[]
                {
                    invited.Link.Split('/')[^1],
                    RegisterTests.Password,
                    codes.Texts(".app-codes li")[0],
                    $"\"{code}\"",
                }
            )
            {
                Assert.DoesNotContain(rows, row => row.Contains(secret, StringComparison.Ordinal));
            }
        }
    }

    private sealed class Collector : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            Lines.Enqueue(state.ToString()!);
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        ) => Lines.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose() { }
    }
}
