using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Rollcall.History;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Tests.Account;
using Rollcall.Tests.Register;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.TermsAndConditions;

/// <summary>
/// No one gets past the terms, and acceptances are kept. Each test has its own instance, because terms apply to
/// everyone.
/// </summary>
public sealed partial class AcceptTests(TheApp app)
{
    [GeneratedRegex(@"\{[^}]*\}", RegexOptions.NonBacktracking)]
    private static partial Regex Parameter();

    internal static async Task<TermsVersion> PublishAsync(Instance host, string markdown)
    {
        var support = await host.MakeUserAsync(support: true);
        var published = await host.DoAsync<Terms, Result<TermsVersion>>(terms =>
            terms.PublishAsync(new(Viewer.Of(support), DateTimeOffset.UtcNow), markdown)
        );
        Assert.Null(published.Refusal);
        return published.Value!;
    }

    private static async Task<Client> MemberAsync(Instance host, Organisation organisation, User? user = null)
    {
        user ??= await host.MakeUserAsync();
        await host.JoinAsync(user, organisation, Roles.Admin);
        return await host.Client().SignInAsync(user.Email);
    }

    private static Task<List<TermsAcceptance>> AcceptancesAsync(Instance host, User user) =>
        host.InDbAsync(db =>
            db.TermsAcceptances.Where(a => a.UserId == user.Id).OrderBy(a => a.AcceptedAt).ToListAsync()
        );

    [Fact]
    public async Task D21_Without_terms_the_page_says_so_and_no_one_is_asked()
    {
        await using var host = await app.StartAsync([]);
        Assert.Contains(
            "has no terms and conditions",
            (await host.Client().GetAsync("/terms")).Text(),
            StringComparison.Ordinal
        );
        var organisation = await host.MakeOrganisationAsync();
        var member = await MemberAsync(host, organisation);
        Assert.Equal(organisation.Name, (await member.GetAsync("/terms/accept")).Heading); // nothing to accept
    }

    [Fact]
    public async Task S4_12_D21_Every_page_of_every_role_leads_to_the_terms_for_GET_and_POST_until_they_are_accepted()
    {
        await using var host = await app.StartAsync([]);
        var organisation = await host.MakeOrganisationAsync();
        var admin = await host.MakeUserAsync();
        var support = await host.MakeUserAsync(support: true);
        var clients = new[]
        {
            await MemberAsync(host, organisation, admin),
            await host.Client().SignInAsync(support.Email),
        };
        await PublishAsync(host, "# Be kind");
        var open = Permissions.ToAcceptTheTerms;
        var routes = host
            .Services.GetRequiredService<EndpointDataSource>()
            .Endpoints.OfType<RouteEndpoint>()
            .Select(e =>
                (
                    Route: "/" + e.RoutePattern.RawText,
                    Page: e.Metadata.GetMetadata<PageActionDescriptor>()?.ViewEnginePath
                )
            )
            .Where(e =>
                e.Page is not null
                && Permissions.Pages[e.Page] is not (Permission.Anyone or Permission.Development)
                && !open.Contains(e.Page)
            )
            .ToList();
        Assert.True(routes.Count > 20);
        foreach (var (route, _) in routes)
        {
            var path = Parameter()
                .Replace(
                    route,
                    part =>
                        part.Value switch
                        {
                            "{organisationId:guid}" => organisation.Id.ToString(),
                            var optional when optional.EndsWith("?}", StringComparison.Ordinal) => "",
                            var guid when guid.EndsWith(":guid}", StringComparison.Ordinal) => Guid.NewGuid()
                                .ToString(),
                            var number when number.EndsWith(":int}", StringComparison.Ordinal) => "1",
                            _ => "text",
                        }
                );
            foreach (var client in clients)
            {
                using var get = await client.RawAsync(new(HttpMethod.Get, path));
                Assert.Equal(
                    (HttpStatusCode.Redirect, Links.AcceptTerms(path)),
                    (get.StatusCode, get.Headers.Location?.OriginalString)
                );
                using var post = await client.RawAsync(
                    new(HttpMethod.Post, path) { Content = new FormUrlEncodedContent([]) }
                );
                Assert.Equal(
                    (HttpStatusCode.Redirect, Links.AcceptTerms()),
                    (post.StatusCode, post.Headers.Location?.OriginalString)
                );
            }
        }
        foreach (
            var reachable in new[]
            {
                "/sign-out",
                "/help",
                "/privacy",
                "/cookies",
                "/accessibility",
                "/terms",
                "/terms/declined",
            }
        )
        {
            using var page = await clients[0].RawAsync(new(HttpMethod.Get, reachable));
            Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        }
    }

    [Fact]
    public async Task D21_A_form_with_its_token_is_refused_too_and_works_after_accepting()
    {
        await using var host = await app.StartAsync([]);
        var organisation = await host.MakeOrganisationAsync();
        var admin = await MemberAsync(host, organisation);
        var form = await admin.GetAsync(Links.AddUser(organisation.Id));
        await PublishAsync(host, "Be kind.");
        var answers = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["FirstName"] = "Ada",
            ["LastName"] = "Lovelace",
            ["Email"] = Some.Email(),
        };
        var asked = await form.SubmitAsync("Continue", answers);
        Assert.Equal("Accept the terms and conditions", asked.Heading);
        Assert.Equal(0, await host.InDbAsync(db => db.Drafts.CountAsync()));
        await asked.SubmitAsync("Accept and continue");
        Assert.Contains(
            "Ada Lovelace’s access",
            (await form.SubmitAsync("Continue", answers)).Heading,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task S4_12_D21_Accepting_keeps_version_text_and_time_leads_on_and_a_new_version_asks_again()
    {
        await using var host = await app.StartAsync([]);
        var organisation = await host.MakeOrganisationAsync();
        var user = await host.MakeUserAsync();
        var member = await MemberAsync(host, organisation, user);
        var first = await PublishAsync(host, "# Rules\n\nBe **kind**.");
        var asked = await member.GetAsync(Links.Users(organisation.Id));
        Assert.Equal(["Rules"], asked.Texts("main h2"));
        Assert.Equal("Be kind.", asked.Texts("main p.govuk-body")[1]);
        var on = await asked.SubmitAsync("Accept and continue");
        Assert.Equal(Links.Users(organisation.Id), on.Path);
        await member.GetAsync(Links.Users(organisation.Id)); // asked once

        var second = await PublishAsync(host, "# Rules\n\nBe very **kind**.");
        Assert.Contains("Be very kind.", (await member.GetAsync("/")).Text(), StringComparison.Ordinal);
        await (await member.GetAsync("/account")).SubmitAsync("Accept and continue");
        var kept = await AcceptancesAsync(host, user);
        Assert.Equal(
            [(first.Id, Convert.ToHexString(first.TextHash)), (second.Id, Convert.ToHexString(second.TextHash))],
            kept.Select(a => (a.VersionId, Convert.ToHexString(a.TextHash)))
        );
        Assert.All(
            kept,
            a => Assert.InRange(a.AcceptedAt, DateTimeOffset.UtcNow.AddMinutes(-2), DateTimeOffset.UtcNow.AddMinutes(1))
        );
        var events = await host.InDbAsync(db =>
            db.AuditEvents.Where(e => e.UserId == user.Id && e.Kind == Event.KindOf<TermsAccepted>())
                .OrderBy(e => e.Id)
                .ToListAsync()
        );
        Assert.Equal(2, events.Count);
        var accepted = Assert.IsType<TermsAccepted>(Event.Read(events[1]));
        Assert.Equal(new(Version: 2, Convert.ToHexStringLower(second.TextHash)), accepted);
    }

    [Fact]
    public async Task D21_A_member_accepts_the_version_they_saw_and_is_shown_one_published_since()
    {
        await using var host = await app.StartAsync([]);
        var organisation = await host.MakeOrganisationAsync();
        var user = await host.MakeUserAsync();
        var member = await MemberAsync(host, organisation, user);
        await PublishAsync(host, "Old text.");
        var shown = await member.GetAsync("/");
        await PublishAsync(host, "New text.");
        var again = await shown.SubmitAsync("Accept and continue");
        Assert.Contains("We published a new version while you were reading", again.Text(), StringComparison.Ordinal);
        Assert.Contains("New text.", again.Text(), StringComparison.Ordinal);
        Assert.Empty(await AcceptancesAsync(host, user));
        Assert.Equal(organisation.Name, (await again.SubmitAsync("Accept and continue")).Heading);
        Assert.Equal(
            await host.InDbAsync(db => db.TermsVersions.Where(t => t.Number == 2).Select(t => t.Id).SingleAsync()),
            Assert.Single(await AcceptancesAsync(host, user)).VersionId
        );
    }

    [Fact]
    public async Task D21_A_made_up_version_is_not_accepted_and_a_return_address_elsewhere_is_not_followed()
    {
        await using var host = await app.StartAsync([]);
        var organisation = await host.MakeOrganisationAsync();
        var user = await host.MakeUserAsync();
        var member = await MemberAsync(host, organisation, user);
        await PublishAsync(host, "Be kind.");
        var asked = await member.GetAsync("/terms/accept?returnUrl=//evil.example");
        foreach (var version in new[] { "", "1", Guid.NewGuid().ToString(), "'" })
        {
            Assert.Equal(
                "Accept the terms and conditions",
                (await asked.SubmitAsync("Accept and continue", new() { ["shown"] = version })).Heading
            );
        }

        Assert.Empty(await AcceptancesAsync(host, user));
        foreach (
            var elsewhere in new[] { "//evil.example", "/\\evil.example", "https:evil.example", "https://evil.example" }
        )
        {
            using var on = await member.RawAsync(
                new(HttpMethod.Post, "/terms/accept?returnUrl=" + Uri.EscapeDataString(elsewhere))
                {
                    Content = new FormUrlEncodedContent(asked.Form("Accept and continue").Fields),
                }
            );
            Assert.Equal((HttpStatusCode.Redirect, "/"), (on.StatusCode, on.Headers.Location?.OriginalString));
        }
        Assert.Equal(organisation.Name, (await member.GetAsync("/")).Heading);
    }

    [Fact]
    public async Task D21_Accepting_twenty_times_at_once_is_kept_once()
    {
        await using var host = await app.StartAsync([]);
        var organisation = await host.MakeOrganisationAsync();
        var user = await host.MakeUserAsync();
        var member = await MemberAsync(host, organisation, user);
        await PublishAsync(host, "Be kind.");
        var asked = await member.GetAsync("/");
        var ends = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => asked.SubmitAsync("Accept and continue")));
        Assert.All(ends, end => Assert.Equal(organisation.Name, end.Heading));
        Assert.Single(await AcceptancesAsync(host, user));
        Assert.Equal(
            1,
            await host.InDbAsync(db => db.AuditEvents.CountAsync(e => e.Kind == Event.KindOf<TermsAccepted>()))
        );
    }

    [Fact]
    public async Task D21_Declining_signs_out_and_leads_back()
    {
        await using var host = await app.StartAsync([]);
        var organisation = await host.MakeOrganisationAsync();
        var user = await host.MakeUserAsync();
        var member = await MemberAsync(host, organisation, user);
        await PublishAsync(host, "Be kind.");
        var declined = await (await member.GetAsync(Links.Users(organisation.Id))).SubmitAsync("I do not accept");
        Assert.Equal("You cannot use Rollcall without accepting the terms and conditions", declined.Heading);
        Assert.Empty(await AcceptancesAsync(host, user));
        Assert.Equal(
            0,
            await host.InDbAsync(db =>
                db.Database.SqlQuery<int>($"select count(*)::int as \"Value\" from sessions where user_id = {user.Id}")
                    .SingleAsync()
            )
        );
        await declined.FollowAsync("read the terms and conditions");
        Assert.Equal(
            Links.SignIn(Links.Users(organisation.Id)),
            (
                await declined.Client.GetAsync(
                    declined.Document.QuerySelector("main .govuk-button")!.GetAttribute("href")!
                )
            ).Path
        );
        await member.SignInAsync(user.Email);
        Assert.Equal(
            organisation.Name,
            (await (await member.GetAsync("/")).SubmitAsync("Accept and continue")).Heading
        );
    }

    [Fact]
    public async Task D21_J3_Looking_at_the_terms_accepts_nothing_and_needs_no_account()
    {
        await using var host = await app.StartAsync([]);
        var organisation = await host.MakeOrganisationAsync();
        var user = await host.MakeUserAsync();
        var version = await PublishAsync(host, "Be kind.");
        var member = await MemberAsync(host, organisation, user);
        foreach (
            var path in new[] { "/terms", "/terms/accept", "/terms/accept?shown=" + version.Id, "/terms/declined" }
        )
        {
            await member.GetAsync(path);
        }

        using var head = await member.RawAsync(new(HttpMethod.Head, "/terms/accept?shown=" + version.Id));
        Assert.Empty(await AcceptancesAsync(host, user));
        var page = await host.Client().GetAsync("/terms");
        Assert.Contains(
            $"Version 1, published at {Uk.DateAndTime(version.PublishedAt)}. Be kind.",
            page.Text(),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("update terms_versions set markdown = 'other'")]
    [InlineData("delete from terms_versions")]
    [InlineData("update terms_acceptances set accepted_at = now()")]
    [InlineData("delete from terms_acceptances")]
    [InlineData("truncate terms_acceptances")]
    public async Task Trust60_D21_The_evidence_cannot_be_changed(string sql)
    {
        var refused = await Assert.ThrowsAsync<PostgresException>(() => app.Main.AsOwnerAsync(sql));
        Assert.EndsWith(" is append-only", refused.MessageText, StringComparison.Ordinal);
        Assert.Contains(refused.MessageText.Split(' ')[0], sql, StringComparison.Ordinal);
    }

    [Fact]
    public async Task S4_12_S4_14_D19_A_person_who_creates_an_account_accepts_before_it_is_complete()
    {
        await using var host = await app.StartAsync([]);
        var version = await PublishAsync(host, "Be kind.");
        var invited = await host.InviteAsync();
        var client = host.Client();
        var asked = await (await (await client.GetAsync(invited.Link)).FollowAsync("Create an account")).SubmitAsync(
            "Continue",
            RegisterTests.Answers()
        );
        Assert.Equal("Accept the terms and conditions", asked.Heading);
        Task<User> UserAsync() =>
            host.InDbAsync(db => db.Users.AsNoTracking().SingleAsync(u => u.Id == invited.User.Id));
        Assert.Null((await UserAsync()).RegisteredAt);
        foreach (var path in new[] { "/account/finish", Links.Organisation(invited.Organisation.Id), "/account" })
        {
            Assert.Equal("Accept the terms and conditions", (await client.GetAsync(path)).Heading);
        }

        var done = await asked.SubmitAsync("Accept and continue");
        Assert.Equal("Your account is ready", done.Heading);
        Assert.NotNull((await UserAsync()).RegisteredAt);
        Assert.Equal(version.Id, Assert.Single(await AcceptancesAsync(host, invited.User)).VersionId);
    }

    [Fact]
    public async Task S4_11_S4_12_D19_The_second_factor_comes_before_the_terms()
    {
        await using var host = await app.StartAsync([]);
        await PublishAsync(host, "Be kind.");
        var invited = await host.InviteAsync(secondFactor: true);
        var client = host.Client();
        var choose = await (await (await client.GetAsync(invited.Link)).FollowAsync("Create an account")).SubmitAsync(
            "Continue",
            RegisterTests.Answers()
        );
        Assert.StartsWith(
            "/account/second-factor",
            (await client.GetAsync("/terms/accept")).Path,
            StringComparison.Ordinal
        );
        var form = await choose.SubmitAsync("Continue", new() { ["Way"] = "authenticator" });
        await form.SubmitAsync(
            "Continue",
            new() { ["Code"] = AuthenticatorApp.Code(form.Text(".app-key"), DateTimeOffset.UtcNow) }
        );
        var asked = await client.GetAsync("/");
        Assert.Equal("Accept the terms and conditions", asked.Heading);
        Assert.Equal("Your account is ready", (await asked.SubmitAsync("Accept and continue")).Heading);
    }
}
