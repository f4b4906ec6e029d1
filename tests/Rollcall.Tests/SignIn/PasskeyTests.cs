using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Rollcall.Data;
using Rollcall.Dev;
using Rollcall.History;
using Rollcall.Model;
using Rollcall.Security;
using Rollcall.Tests.Register;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.SignIn;

/// <summary>Passkeys from the server's side: right answers, and those that no honest browser would send.</summary>
public sealed class PasskeyTests(TheApp app)
{
    private const string Refused = "This passkey did not sign you in";

    private sealed record Person(User User, Organisation Organisation, Client Client, SoftAuthenticator Authenticator);

    /// <summary>A signed-in person with a passkey.</summary>
    private static async Task<Person> PersonAsync(
        Instance host,
        SoftAuthenticator? authenticator = null,
        bool support = false
    )
    {
        var user = await host.MakeUserAsync(support: support);
        var organisation = await host.MakeOrganisationAsync();
        await host.JoinAsync(user, organisation);
        var person = new Person(
            user,
            organisation,
            await host.Client().SignInAsync(user.Email),
            authenticator ?? new(host.Address)
        );
        var added = await AddAsync(person.Client, person.Authenticator);
        Assert.Equal("Save your recovery codes", added.Heading);
        return person;
    }

    /// <summary>The challenge for a page's form.</summary>
    private static async Task<(JsonElement Options, string Path, Dictionary<string, string> Fields)> AskAsync(
        Page page,
        string button
    )
    {
        var (path, fields) = page.Form(button);
        var options = page.Document.QuerySelector("form[data-passkey]")!.GetAttribute("data-options")!;
        using var answer = await page.Client.RawAsync(
            new(HttpMethod.Post, options) { Content = new FormUrlEncodedContent(fields) }
        );
        var json = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{options} answered {answer.StatusCode}: {json}");
        Assert.Equal("no-store", answer.Headers.CacheControl?.ToString());
        var question = JsonDocument.Parse(json).RootElement;
        fields["challenge"] = question.GetProperty("challenge").GetString()!;
        return (question.GetProperty("options"), path, fields);
    }

    private static async Task<Page> AddAsync(
        Client client,
        SoftAuthenticator authenticator,
        string name = "My phone",
        Func<Task>? between = null
    )
    {
        var (options, path, fields) = await AskAsync(await client.GetAsync("/account/passkeys/add"), "Add a passkey");
        fields["credential"] = authenticator.Create(options);
        fields["name"] = name;
        await (between?.Invoke() ?? Task.CompletedTask);
        return await client.PostAsync(path, fields);
    }

    private static async Task<Page> SignInAsync(
        Client client,
        SoftAuthenticator authenticator,
        string? returnUrl = null,
        Func<Task>? between = null
    )
    {
        var (options, path, fields) = await AskAsync(
            await client.GetAsync(Links.SignIn(returnUrl)),
            "Sign in with a passkey"
        );
        fields["credential"] = authenticator.Get(options);
        await (between?.Invoke() ?? Task.CompletedTask);
        return await client.PostAsync(path, fields);
    }

    /// <summary>
    /// Sends forms so that each has read its state before any of them writes: they wait for a row that is locked until
    /// all have arrived.
    /// </summary>
    private async Task<HttpStatusCode[]> AtOnceAsync(
        List<(Client Client, string Path, Dictionary<string, string> Fields)> forms,
        FormattableString hold,
        string waiting
    )
    {
        await using var scope = app.Main.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<Db>();
        await using var transaction = await db.Database.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await db.Database.ExecuteSqlAsync(hold, TestContext.Current.CancellationToken);
        var answers = forms
            .Select(form =>
                form.Client.RawAsync(
                    new(HttpMethod.Post, form.Path) { Content = new FormUrlEncodedContent(form.Fields) }
                )
            )
            .ToList();
        await Wait.UntilAsync(
            async () =>
                await app.InDbAsync(db =>
                    db.Database.SqlQuery<int>(
                            $"""
                            select count(*)::int as "Value"
                            from pg_stat_activity
                            where datname = current_database() and wait_event_type = 'Lock' and query ilike {waiting}
                            """
                        )
                        .SingleAsync()
                ) >= forms.Count,
            $"Not all wait: {waiting}"
        );
        await transaction.RollbackAsync(TestContext.Current.CancellationToken);
        return [.. (await Task.WhenAll(answers)).Select(answer => answer.StatusCode)];
    }

    private Task<int> PasskeysAsync(User user) => app.InDbAsync(db => db.Passkeys.CountAsync(p => p.UserId == user.Id));

    private Task<int> SessionsAsync(User user, string method = "passkey") =>
        app.InDbAsync(db =>
            db.Database.SqlQuery<int>(
                    $"select count(*)::int as \"Value\" from sessions where user_id = {user.Id} and method = {method}"
                )
                .SingleAsync()
        );

    private async Task RefusedAsync(Client client, Page page)
    {
        Assert.Equal(Refused, page.Heading);
        Assert.Equal("Sign in", (await page.FollowAsync("Sign in")).Heading);
        Assert.StartsWith("/sign-in", (await client.GetAsync("/account")).Path, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trust44_S4_14_A_passkey_alone_signs_in_and_leads_to_the_page_that_was_asked_for()
    {
        var person = await PersonAsync(app.Main, new(app.Main.Address) { Count = 1 });
        await app.InDbAsync(db =>
            db.Users.Where(u => u.Id == person.User.Id).ExecuteUpdateAsync(u => u.SetProperty(x => x.EmailCodes, true))
        );
        await app.InDbAsync(db =>
            db.Organisations.Where(o => o.Id == person.Organisation.Id)
                .ExecuteUpdateAsync(o => o.SetProperty(x => x.SecondFactorRequired, true))
        );
        person.Authenticator.Count = 7;
        var client = app.Client();
        var page = await SignInAsync(client, person.Authenticator, Links.Organisation(person.Organisation.Id));
        Assert.Equal((Links.Organisation(person.Organisation.Id), person.Organisation.Name), (page.Path, page.Heading));
        Assert.Contains(
            "with a passkey",
            (await client.GetAsync("/account/sessions")).Text(),
            StringComparison.Ordinal
        );
        var kept = await app.InDbAsync(db => db.Passkeys.AsNoTracking().SingleAsync(p => p.UserId == person.User.Id));
        Assert.Equal(7, kept.SignCount);
        Assert.NotNull(kept.LastUsedAt);
        Assert.Contains(
            "\"passkey\"",
            await app.InDbAsync(db =>
                db.AuditEvents.Where(e => e.UserId == person.User.Id && e.Kind == Event.KindOf<UserSignedIn>())
                    .OrderByDescending(e => e.Id)
                    .Select(e => e.Data)
                    .FirstAsync()
            ),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("//evil.example")]
    [InlineData("https://evil.example/")]
    public async Task Trust44_F12_A_passkey_cannot_lead_away_from_the_service(string returnUrl)
    {
        var person = await PersonAsync(app.Main);
        var client = app.Client();
        var (options, path, fields) = await AskAsync(await client.GetAsync("/sign-in"), "Sign in with a passkey");
        fields["credential"] = person.Authenticator.Get(options);
        using var answer = await client.RawAsync(
            new(HttpMethod.Post, $"{path}?returnUrl={Uri.EscapeDataString(returnUrl)}")
            {
                Content = new FormUrlEncodedContent(fields),
            }
        );
        Assert.Equal(Links.Home, answer.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task Trust44_The_question_names_this_service_and_demands_that_the_owner_is_checked()
    {
        var person = await PersonAsync(app.Main);
        var (add, _, _) = await AskAsync(await person.Client.GetAsync("/account/passkeys/add"), "Add a passkey");
        Assert.Equal(app.Main.Address.Host, add.GetProperty("rp").GetProperty("id").GetString());
        var selection = add.GetProperty("authenticatorSelection");
        Assert.Equal(
            ("required", "required", "none"),
            (
                selection.GetProperty("userVerification").GetString(),
                selection.GetProperty("residentKey").GetString(),
                add.GetProperty("attestation").GetString()
            )
        );
        Assert.Equal(1, add.GetProperty("excludeCredentials").GetArrayLength());
        Assert.DoesNotContain(
            person.User.Email,
            add.GetProperty("user").GetProperty("id").GetString(),
            StringComparison.Ordinal
        );
        var (signIn, _, _) = await AskAsync(await app.Client().GetAsync("/sign-in"), "Sign in with a passkey");
        Assert.Equal(
            (app.Main.Address.Host, "required", 0),
            (
                signIn.GetProperty("rpId").GetString(),
                signIn.GetProperty("userVerification").GetString(),
                signIn.GetProperty("allowCredentials").GetArrayLength()
            )
        );
    }

    [Fact]
    public async Task Trust44_An_answer_counts_once()
    {
        var person = await PersonAsync(app.Main);
        var client = app.Client();
        var another = app.Client();
        var (options, path, fields) = await AskAsync(await client.GetAsync("/sign-in"), "Sign in with a passkey");
        fields["credential"] = person.Authenticator.Get(options);
        Assert.Equal(person.Organisation.Name, (await client.PostAsync(path, fields)).Heading);
        var (_, _, own) = await AskAsync(await another.GetAsync("/sign-in"), "Sign in with a passkey");
        fields["__RequestVerificationToken"] = own["__RequestVerificationToken"];
        await RefusedAsync(another, await another.PostAsync(path, fields)); // a page, not an error
        fields["challenge"] = own["challenge"]; // an answer to another question
        await RefusedAsync(another, await another.PostAsync(path, fields));
    }

    [Fact]
    public async Task Trust44_Of_many_posts_of_one_answer_at_once_one_begins_a_session()
    {
        var person = await PersonAsync(app.Main);
        var client = app.Client();
        var (options, path, fields) = await AskAsync(await client.GetAsync("/sign-in"), "Sign in with a passkey");
        fields["credential"] = person.Authenticator.Get(options);
        var answers = await Task.WhenAll(
            Enumerable
                .Range(0, 20)
                .Select(_ =>
                    client.RawAsync(new(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(fields) })
                )
        );
        Assert.Single(answers, a => a.StatusCode == HttpStatusCode.Redirect);
        Assert.Equal(19, answers.Count(a => a.StatusCode == HttpStatusCode.OK));
        Assert.Equal(1, await SessionsAsync(person.User));
    }

    [Fact]
    public async Task Trust44_R17_Any_instance_takes_the_answer()
    {
        var person = await PersonAsync(app.Main);
        await using var other = await app.StartAsync(
            new() { ["Rollcall:PublicBaseUrl"] = app.Main.Address.ToString() },
            app.Main.Database
        );
        var client = app.Client();
        var (options, path, fields) = await AskAsync(await client.GetAsync("/sign-in"), "Sign in with a passkey");
        fields["credential"] = person.Authenticator.Get(options);
        using var there = new Client(other.Address);
        foreach (System.Net.Cookie cookie in client.Cookies.GetCookies(app.Main.Address))
        {
            there.Cookies.Add(other.Address, new System.Net.Cookie(cookie.Name, cookie.Value));
        }

        Assert.Equal(person.Organisation.Name, (await there.PostAsync(path, fields)).Heading);
    }

    [Fact]
    public async Task Trust44_A_question_waits_ten_minutes_for_its_answer()
    {
        var clock = new DevClock();
        await using var host = await app.StartAsync(
            [],
            services: services => services.AddSingleton<TimeProvider>(clock)
        );
        var person = await PersonAsync(host);
        var client = host.Client();
        await RefusedAsync(
            client,
            await SignInAsync(
                client,
                person.Authenticator,
                between: () =>
                {
                    clock.Forward(TimeSpan.FromMinutes(10));
                    return Task.CompletedTask;
                }
            )
        );
        Assert.Equal(
            person.Organisation.Name,
            (
                await SignInAsync(
                    client,
                    person.Authenticator,
                    between: () =>
                    {
                        clock.Forward(TimeSpan.FromMinutes(9));
                        return Task.CompletedTask;
                    }
                )
            ).Heading
        );
        var late = await AddAsync(
            client,
            new(host.Address),
            between: () =>
            {
                clock.Forward(TimeSpan.FromMinutes(10));
                return Task.CompletedTask;
            }
        );
        Assert.Equal(["The passkey has not been added. Try again"], late.Errors);
        clock.Forward(TimeSpan.FromHours(1));
        await host.CleanUpAsync();
        Assert.Equal(
            0,
            await host.InDbAsync(db =>
                db.Database.SqlQuery<int>($"select count(*)::int as \"Value\" from answered_passkey_challenges")
                    .SingleAsync()
            )
        );
    }

    [Fact]
    public async Task Trust44_Rubbish_and_questions_write_no_rows_and_are_throttled()
    {
        await using var host = await app.StartAsync([]);
        var (user, organisation) = await PasswordSignInTests.PersonAsync(host);
        var client = host.Client();
        var page = await client.GetAsync("/sign-in");
        var (path, fields) = page.Form("Sign in with a passkey");
        Task<int> RowsAsync() =>
            host.InDbAsync(db =>
                db.Database.SqlQuery<int>(
                        $"""
                        select ((select count(*) from audit_events where kind = 'sign-in-refused')
                            + (select count(*) from answered_passkey_challenges))::int as "Value"
                        """
                    )
                    .SingleAsync()
            );
        for (var i = 0; i < 20; i++)
        {
            await AskAsync(page, "Sign in with a passkey");
        }

        fields["credential"] = "rubbish";
        for (var i = 0; i < 105; i++)
        {
            fields["challenge"] = i % 2 == 0 ? "rubbish" : Guid.NewGuid().ToString();
            using var answer = await client.RawAsync(
                new(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(fields) }
            );
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
        Assert.Equal(0, await RowsAsync());
        Assert.Equal(
            [true],
            await host.InDbAsync(db =>
                db.Database.SqlQuery<bool>(
                        $"select blocked_until > now() - interval '1 hour' as \"Value\" from throttles"
                    )
                    .ToListAsync()
            )
        );
        Assert.Equal(organisation.Name, (await PasswordSignInTests.SignInAsync(host.Client(), user.Email)).Heading);
    }

    [Fact]
    public async Task Trust44_Trust30_A_passkey_lets_its_owner_in_while_passwords_are_guessed_and_while_rubbish_comes()
    {
        await using var host = await app.StartAsync([]);
        var person = await PersonAsync(host);
        await (await person.Client.GetAsync("/sign-out")).SubmitAsync("Sign out");
        await PasswordSignInTests.SignInAsync(host.Client(), person.User.Email, "wrong horse battery");
        await host.InDbAsync(db =>
            db.Database.ExecuteSqlAsync(
                $"update throttles set tries = 200, blocked_until = now() + interval '15 minutes'"
            )
        );
        Assert.Equal(person.Organisation.Name, (await SignInAsync(host.Client(), person.Authenticator)).Heading);
        await RubbishAsync(host.Client());
        await host.InDbAsync(db =>
            db.Database.ExecuteSqlAsync(
                $"update throttles set tries = 200, blocked_until = now() + interval '15 minutes'"
            )
        );
        // a device that no one knows
        await RefusedAsync(host.Client(), await SignInAsync(host.Client(), person.Authenticator));
        Assert.Equal(person.Organisation.Name, (await SignInAsync(person.Client, person.Authenticator)).Heading);
    }

    private static async Task RubbishAsync(Client client)
    {
        var (_, path, fields) = await AskAsync(await client.GetAsync("/sign-in"), "Sign in with a passkey");
        fields["credential"] = "rubbish";
        Assert.Equal(Refused, (await client.PostAsync(path, fields)).Heading);
    }

    /// <summary>
    /// Lies about where and how a passkey is used. A lie about whose it is only counts when signing in: adding one
    /// names no one and nothing signs it.
    /// </summary>
    public static TheoryData<string> Lies =>
        [
            "another origin",
            "another port",
            "within another site",
            "another service",
            "owner not checked",
            "another kind of answer",
        ];

    public static TheoryData<string> LiesAboutWhose => ["another key", "another person"];

    private static SoftAuthenticator Lying(
        SoftAuthenticator honest,
        string lie,
        Uri address,
        string kind,
        Guid other
    ) =>
        lie switch
        {
            "another origin" => honest.Lying(origin: "https://evil.example", relyingParty: address.Host),
            "another port" => honest.Lying(
                origin: $"{address.Scheme}://{address.Host}:{address.Port + 1}",
                relyingParty: address.Host
            ),
            "within another site" => honest.Lying(Origin(address), address.Host, crossOrigin: true),
            "another service" => honest.Lying(Origin(address), "evil.example"),
            "owner not checked" => honest.Lying(Origin(address), address.Host, verifies: false),
            "another kind of answer" => honest.Lying(Origin(address), address.Host, type: kind),
            "another key" => honest.Lying(Origin(address), address.Host, forges: true),
            "another person" => honest.Lying(Origin(address), address.Host, user: other),
            _ => honest.Lying(Origin(address), address.Host),
        };

    private static string Origin(Uri address) => address.GetLeftPart(UriPartial.Authority);

    [Theory]
    [MemberData(nameof(Lies))]
    [MemberData(nameof(LiesAboutWhose))]
    public async Task Trust44_A_lie_signs_no_one_in(string lie)
    {
        var person = await PersonAsync(app.Main);
        var other = await app.Main.MakeUserAsync();
        var client = app.Client();
        await RefusedAsync(
            client,
            await SignInAsync(client, Lying(person.Authenticator, lie, app.Main.Address, "webauthn.create", other.Id))
        );
        Assert.Equal(0, await SessionsAsync(person.User) + await SessionsAsync(other));
        Assert.Equal(
            person.Organisation.Name,
            (await SignInAsync(client, Lying(person.Authenticator, "none", app.Main.Address, "", other.Id))).Heading
        ); // the same, without the lie
    }

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task Trust44_A_lie_adds_no_passkey(string lie)
    {
        var person = await PersonAsync(app.Main);
        var page = await AddAsync(
            person.Client,
            Lying(new(app.Main.Address), lie, app.Main.Address, "webauthn.get", default)
        );
        Assert.Equal(["The passkey has not been added. Try again"], page.Errors);
        Assert.Equal(1, await PasskeysAsync(person.User));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData(
        "{\"id\":\"AA\",\"rawId\":\"AA\",\"type\":\"public-key\",\"clientExtensionResults\":{},\"response\":null}"
    )]
    [InlineData(
        "{\"id\":\"AA\",\"rawId\":\"AA\",\"type\":\"public-key\",\"clientExtensionResults\":{},"
            + "\"response\":{\"clientDataJSON\":\"AA\",\"authenticatorData\":\"AA\",\"signature\":\"\","
            + "\"attestationObject\":\"gA\",\"userHandle\":\"__\"}}"
    )]
    [InlineData("not JSON")]
    public async Task Trust44_What_is_no_answer_gets_a_page_and_no_error(string credential)
    {
        var person = await PersonAsync(app.Main);
        var client = app.Client();
        var (_, path, fields) = await AskAsync(await client.GetAsync("/sign-in"), "Sign in with a passkey");
        fields["credential"] = credential;
        await RefusedAsync(client, await client.PostAsync(path, fields));
        fields["challenge"] = "'; drop table users";
        await RefusedAsync(client, await client.PostAsync(path, fields));
        var (_, add, answers) = await AskAsync(await person.Client.GetAsync("/account/passkeys/add"), "Add a passkey");
        answers["credential"] = credential;
        Assert.Equal(
            ["The passkey has not been added. Try again"],
            (await person.Client.PostAsync(add, answers)).Errors
        );
    }

    [Fact]
    public async Task Trust44_A_counter_that_does_not_go_up_tells_a_copy()
    {
        var person = await PersonAsync(app.Main, new(app.Main.Address) { Count = 5 });
        var client = app.Client();
        foreach (var count in new uint[] { 5, 4, 0 })
        {
            person.Authenticator.Count = count;
            await RefusedAsync(client, await SignInAsync(client, person.Authenticator));
        }
        person.Authenticator.Count = 6;
        Assert.Equal(person.Organisation.Name, (await SignInAsync(client, person.Authenticator)).Heading);
    }

    [Fact]
    public async Task Trust44_Of_copies_that_answer_at_once_with_one_count_one_signs_in()
    {
        var person = await PersonAsync(app.Main, new(app.Main.Address) { Count = 1 });
        person.Authenticator.Count = 2;
        var answers = new List<(Client Client, string Path, Dictionary<string, string> Fields)>();
        for (var i = 0; i < 3; i++)
        {
            var client = app.Client();
            var (options, path, fields) = await AskAsync(await client.GetAsync("/sign-in"), "Sign in with a passkey");
            fields["credential"] = person.Authenticator.Get(options);
            answers.Add((client, path, fields));
        }
        await AtOnceAsync(
            answers,
            $"select 1 from passkeys where user_id = {person.User.Id} for update",
            "update passkeys%"
        ); // all are checked against the old count
        Assert.Equal(1, await SessionsAsync(person.User));
    }

    [Fact]
    public async Task Trust44_Trust9_What_the_request_calls_this_service_does_not_count()
    {
        var page = await app.Client().GetAsync("/sign-in");
        var (_, fields) = page.Form("Sign in with a passkey");
        using var request = new HttpRequestMessage(
            HttpMethod.Post,
            page.Document.QuerySelector("form[data-passkey]")!.GetAttribute("data-options")
        )
        {
            Content = new FormUrlEncodedContent(fields),
        };
        request.Headers.Host = "evil.example";
        using var answer = await page.Client.RawAsync(request);
        using var json = JsonDocument.Parse(
            await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)
        );
        Assert.Equal(app.Main.Address.Host, json.RootElement.GetProperty("options").GetProperty("rpId").GetString());
    }

    [Fact]
    public async Task Trust44_A_removed_passkey_signs_no_one_in_and_ends_what_it_began()
    {
        var person = await PersonAsync(app.Main);
        var elsewhere = app.Client();
        var late = app.Client();
        await SignInAsync(elsewhere, person.Authenticator);
        Assert.Equal("Your account", (await elsewhere.GetAsync("/account")).Heading);
        var remove = await (
            await (await person.Client.GetAsync("/account")).FollowAsync("Manage passkeys")
        ).FollowAsync("Remove My phone");
        Assert.Equal("Remove your passkey", remove.Heading);
        Assert.Equal(1, await PasskeysAsync(person.User)); // looking removes nothing
        var refused = await SignInAsync(
            late,
            person.Authenticator,
            between: async () =>
                Assert.Equal("Your passkey has been removed.", (await remove.SubmitAsync("Remove passkey")).Banner)
        );
        await RefusedAsync(late, refused);
        Assert.StartsWith("/sign-in", (await elsewhere.GetAsync("/account")).Path, StringComparison.Ordinal);
        Assert.Equal("You have no passkeys.", (await person.Client.GetAsync("/account/passkeys")).Texts("main p")[1]);
        Assert.Equal(
            [Event.KindOf<PasskeyAdded>(), Event.KindOf<PasskeyRemoved>()],
            await app.InDbAsync(db =>
                db.AuditEvents.Where(e => e.UserId == person.User.Id && e.Kind.StartsWith("passkey-"))
                    .OrderBy(e => e.Id)
                    .Select(e => e.Kind)
                    .ToListAsync()
            )
        );
        Assert.Equal(
            2,
            await app.InDbAsync(db =>
                db.OutgoingMessages.CountAsync(m => m.ToAddress == person.User.Email && m.Kind == "passkey-changed")
            )
        );
    }

    [Fact]
    public async Task Trust44_Trust21_A_paused_person_is_told_so_and_let_into_nothing()
    {
        var person = await PersonAsync(app.Main);
        await app.Main.PauseAsync(person.User);
        var client = app.Client();
        Assert.Equal(Links.Paused, (await SignInAsync(client, person.Authenticator)).Path);
        foreach (var path in new[] { "/account", "/organisations", Links.Organisation(person.Organisation.Id) })
        {
            Assert.Equal(Links.Paused, (await client.GetAsync(path)).Path);
        }
    }

    [Fact]
    public async Task Trust44_A_question_to_one_person_is_answered_by_no_one_else()
    {
        var person = await PersonAsync(app.Main);
        var other = await PersonAsync(app.Main);
        // A person who confirms their identity cannot become someone else by doing so.
        var (options, path, fields) = await AskAsync(
            await person.Client.GetAsync(Links.ConfirmIdentity("/account/email")),
            "Sign in with a passkey"
        );
        fields["credential"] = other.Authenticator.Get(options);
        Assert.Equal(Refused, (await person.Client.PostAsync(path, fields)).Heading);
        Assert.Contains(person.User.Email, (await person.Client.GetAsync("/account")).Text(), StringComparison.Ordinal);

        // A challenge for a new passkey belongs to the person too, and does not work for signing in.
        var (add, addPath, answers) = await AskAsync(
            await person.Client.GetAsync("/account/passkeys/add"),
            "Add a passkey"
        );
        var (_, _, theirs) = await AskAsync(await other.Client.GetAsync("/account/passkeys/add"), "Add a passkey");
        theirs["challenge"] = answers["challenge"];
        theirs["credential"] = new SoftAuthenticator(app.Main.Address).Create(add);
        Assert.NotEmpty((await other.Client.PostAsync(addPath, theirs)).Errors);
        Assert.Equal((1, 1), (await PasskeysAsync(person.User), await PasskeysAsync(other.User)));
        var client = app.Client();
        var (_, signIn, crossed) = await AskAsync(await client.GetAsync("/sign-in"), "Sign in with a passkey");
        var (toAdd, _, question) = await AskAsync(
            await person.Client.GetAsync("/account/passkeys/add"),
            "Add a passkey"
        );
        crossed["challenge"] = question["challenge"];
        crossed["credential"] = person.Authenticator.Get(toAdd);
        await RefusedAsync(client, await client.PostAsync(signIn, crossed));
    }

    [Fact]
    public async Task Trust44_One_passkey_belongs_to_one_account()
    {
        var person = await PersonAsync(app.Main);
        var other = await PersonAsync(app.Main);
        Assert.NotEmpty((await AddAsync(other.Client, person.Authenticator)).Errors);
        Assert.Equal((1, 1), (await PasskeysAsync(person.User), await PasskeysAsync(other.User)));
        // Two challenges answered with one passkey at once: the unique index decides.
        var one = new SoftAuthenticator(app.Main.Address);
        var answers = new List<(Client Client, string Path, Dictionary<string, string> Fields)>();
        for (var i = 0; i < 3; i++)
        {
            var (options, path, fields) = await AskAsync(
                await other.Client.GetAsync("/account/passkeys/add"),
                "Add a passkey"
            );
            fields["credential"] = one.Create(options);
            answers.Add((other.Client, path, fields));
        }
        var statuses = await AtOnceAsync(
            answers,
            $"select 1 from users where id = {other.User.Id} for update",
            "%from users where%for no key update%"
        );
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.Redirect], statuses.Order());
        Assert.Equal(2, await PasskeysAsync(other.User));
    }

    [Fact]
    public async Task Trust44_Trust33_Adding_and_removing_ask_for_a_fresh_proof_and_a_passkey_is_one()
    {
        var clock = new DevClock();
        await using var host = await app.StartAsync(
            [],
            services: services => services.AddSingleton<TimeProvider>(clock)
        );
        var person = await PersonAsync(host);
        var id = await host.InDbAsync(db =>
            db.Passkeys.Where(p => p.UserId == person.User.Id).Select(p => p.Id).SingleAsync()
        );
        var (_, path, fields) = await AskAsync(await person.Client.GetAsync("/account/passkeys/add"), "Add a passkey");
        var remove = await person.Client.GetAsync(Links.RemovePasskey(id));
        clock.Forward(TimeSpan.FromMinutes(15));
        Assert.Equal("Confirm that it is you", (await person.Client.PostAsync(path, fields)).Heading);
        Assert.Equal("Confirm that it is you", (await remove.SubmitAsync("Remove passkey")).Heading);
        using (
            var refused = await person.Client.RawAsync(
                new(HttpMethod.Post, path + "?handler=Options") { Content = new FormUrlEncodedContent(fields) }
            )
        )
        {
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        }

        var confirm = await person.Client.GetAsync(Links.RemovePasskey(id));
        Assert.Equal("Confirm that it is you", confirm.Heading);
        var (options, post, answer) = await AskAsync(confirm, "Sign in with a passkey");
        Assert.Equal(1, options.GetProperty("allowCredentials").GetArrayLength()); // that person's only
        answer["credential"] = person.Authenticator.Get(options);
        Assert.Equal("Remove your passkey", (await person.Client.PostAsync(post, answer)).Heading);
    }

    [Fact]
    public async Task Trust44_S4_11_Beside_a_password_the_passkey_is_the_second_factor()
    {
        var person = await PersonAsync(app.Main);
        var other = await PersonAsync(app.Main);
        var hash = app.Main.Services.GetRequiredService<Passwords>().Hash(RegisterTests.Password);
        await app.InDbAsync(db =>
            db.Users.Where(u => u.Id == person.User.Id)
                .ExecuteUpdateAsync(u => u.SetProperty(x => x.PasswordHash, hash))
        );
        var client = app.Client();
        var second = await (
            await client.GetAsync(Links.SignIn(Links.Organisation(person.Organisation.Id)))
        ).SubmitAsync("Sign in", new() { ["Email"] = person.User.Email, ["Password"] = RegisterTests.Password });
        Assert.Equal("Use your passkey", second.Heading);
        Assert.True(second.HasLink("Use a recovery code")); // the way for a browser without passkeys
        var (options, path, fields) = await AskAsync(second, "Sign in with a passkey");
        Assert.Equal(1, options.GetProperty("allowCredentials").GetArrayLength());
        fields["credential"] = other.Authenticator.Get(options);
        Assert.Equal(Refused, (await client.PostAsync(path, fields)).Heading);
        (options, path, fields) = await AskAsync(second, "Sign in with a passkey");
        fields["credential"] = person.Authenticator.Get(options);
        Assert.Equal(Links.Organisation(person.Organisation.Id), (await client.PostAsync(path, fields)).Path);
        Assert.Equal(
            0,
            await app.InDbAsync(db =>
                db.Database.SqlQuery<int>(
                        $"select count(*)::int as \"Value\" from pending_sign_ins where user_id = {person.User.Id}"
                    )
                    .SingleAsync()
            )
        );
    }

    [Fact]
    public async Task Trust44_S4_10_S4_11_Where_a_second_factor_is_demanded_a_passkey_completes_the_account()
    {
        var invited = await app.Main.InviteAsync(secondFactor: true);
        var client = app.Client();
        var choose = await (await (await client.GetAsync(invited.Link)).FollowAsync("Create an account")).SubmitAsync(
            "Continue",
            RegisterTests.Answers()
        );
        Assert.Equal("Add a passkey", (await choose.FollowAsync("a passkey")).Heading);
        // nothing else is open yet
        Assert.Equal("Choose how to get security codes", (await client.GetAsync("/account/passkeys")).Heading);
        var authenticator = new SoftAuthenticator(app.Main.Address);
        var codes = await AddAsync(client, authenticator);
        Assert.Equal("Save your recovery codes", codes.Heading);
        Assert.Equal(10, codes.Texts(".app-codes li").Count);
        Assert.Equal("Your account is ready", (await codes.FollowAsync("I have saved the codes")).Heading);
        Assert.Equal(
            ["welcome"],
            await app.InDbAsync(db =>
                db.OutgoingMessages.Where(m => m.ToAddress == invited.User.Email && m.Kind != "added")
                    .Select(m => m.Kind)
                    .ToListAsync()
            )
        ); // no notice of what one did a moment ago
        Assert.Equal(invited.Organisation.Name, (await SignInAsync(app.Client(), authenticator)).Heading);

        var remove = await (await client.GetAsync("/account/passkeys")).FollowAsync("Remove My phone");
        Assert.Contains(
            "Add another way before you remove it",
            (await remove.SubmitAsync("Remove passkey")).Text(),
            StringComparison.Ordinal
        );
        Assert.Equal(1, await PasskeysAsync(invited.User));
    }

    [Fact]
    public async Task Trust44_Passkeys_are_listed_and_renamed_by_their_owner_alone()
    {
        var person = await PersonAsync(app.Main);
        var other = await PersonAsync(app.Main);
        Assert.Equal(
            "Your passkey has been added.",
            (await AddAsync(person.Client, new(app.Main.Address), name: " ")).Banner
        );
        var list = await person.Client.GetAsync("/account/passkeys");
        Assert.Equal(["My phone", "Passkey"], list.Texts(".govuk-summary-list__key"));
        Assert.Contains("Never used", list.Value("My phone"), StringComparison.Ordinal);
        Assert.Contains(Uk.Date(DateTimeOffset.UtcNow), list.Value("My phone"), StringComparison.Ordinal);
        var form = await list.FollowAsync("Rename Passkey");
        Assert.Equal(
            ["Enter a name for the passkey"],
            (await form.SubmitAsync("Save", new() { ["Name"] = " \u200b" })).Errors
        );
        Assert.Equal(
            ["Name must be 100 characters or fewer"],
            (await form.SubmitAsync("Save", new() { ["Name"] = new string('x', 101) })).Errors
        );
        var renamed = await form.SubmitAsync("Save", new() { ["Name"] = "<b>Laptop</b>\n" });
        Assert.Equal(["My phone", "<b>Laptop</b>"], renamed.Texts(".govuk-summary-list__key"));

        var rename = await other.Client.GetAsync(
            (await other.Client.GetAsync("/account/passkeys")).Href("Rename My phone")
        );
        var (_, fields) = rename.Form("Save");
        fields["Name"] = "Taken";
        Assert.Equal("/account/passkeys", (await other.Client.GetAsync(list.Href("Rename My phone"))).Path);
        await other.Client.PostAsync(list.Href("Rename My phone"), fields);
        await other.Client.PostAsync(list.Href("Remove My phone"), fields);
        Assert.Equal(
            ["My phone", "<b>Laptop</b>"],
            (await person.Client.GetAsync("/account/passkeys")).Texts(".govuk-summary-list__key")
        );
    }

    [Fact]
    public async Task Trust44_Where_only_providers_are_used_there_are_no_passkeys()
    {
        var person = await PersonAsync(app.Main);
        await app.InDbAsync(db =>
            db.Organisations.Where(o => o.Id == person.Organisation.Id)
                .ExecuteUpdateAsync(o => o.SetProperty(x => x.SignInMethods, ["provider"]))
        );
        var client = app.Client();
        var refused = await SignInAsync(client, person.Authenticator);
        Assert.Contains("Your organisation does not use passkeys", refused.Text(), StringComparison.Ordinal);
        Assert.StartsWith("/sign-in", (await client.GetAsync("/account")).Path, StringComparison.Ordinal);

        await using var host = await app.StartAsync([]);
        var without = await PersonAsync(host);
        host.Services.GetRequiredService<IOptions<RollcallOptions>>().Value.SignIn.Passwords = false;
        var visitor = host.Client();
        Assert.Null((await visitor.GetAsync("/sign-in")).Document.QuerySelector("form[data-passkey]"));
        Assert.Null((await without.Client.GetAsync("/account/passkeys")).Document.QuerySelector("main .govuk-button"));
        await without.Client.GetAsync("/account/passkeys/add", HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Trust44_R3_A_database_that_is_away_is_no_wrong_passkey()
    {
        var services = app.Main.Services;
        var address = services.GetRequiredService<IOptions<RollcallOptions>>().Value.PublicBaseUrl;
        await using var away = new Db(
            new DbContextOptionsBuilder<Db>().UseNpgsql("Host=127.0.0.1;Port=1;Timeout=1").Options
        );
        var accessor = new HttpContextAccessor { HttpContext = new DefaultHttpContext() };
        var passkeys = new Passkeys(
            away,
            PasskeyServices.Handler(away, address, NullLogger<UserManager<User>>.Instance),
            services.GetRequiredService<PasskeyChallenges>(),
            accessor,
            NullLogger<Passkeys>.Instance
        );
        var asked = await passkeys.BeginSignInAsync(null, TestContext.Current.CancellationToken);
        var answer = new SoftAuthenticator(app.Main.Address)
            .Lying(user: Guid.NewGuid())
            .Get(JsonDocument.Parse(asked.Json).RootElement);
        var failure = await Assert.ThrowsAnyAsync<Exception>(() =>
            passkeys.FinishSignInAsync(asked.Challenge, answer, TestContext.Current.CancellationToken)
        );
        Assert.Equal(503, Rollcall.Web.Failures.StatusCode(failure));
    }

    [Fact]
    public void A_passkey_survives_being_written_as_JSON()
    {
        var passkey = new Passkey
        {
            UserId = Guid.NewGuid(),
            CredentialId = [1, 2],
            PublicKey = [3],
            SignCount = uint.MaxValue,
            Transports = ["usb"],
            IsBackupEligible = true,
            IsBackedUp = true,
            Name = "Zoë’s phone",
            CreatedAt = DateTimeOffset.UtcNow,
        };
        Assert.Equivalent(
            passkey,
            JsonSerializer.Deserialize<Passkey>(JsonSerializer.Serialize(passkey)),
            strict: true
        );
    }
}
