using System.Net;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Rollcall.Model;
using Rollcall.Tests.Support;

namespace Rollcall.Tests;

/// <summary>
/// Every route × who asks × whose organisation, from one table. A route that the table does not list fails the test.
/// </summary>
public sealed class PermissionsTests(TheApp app)
{
    private enum Who
    {
        Anonymous,
        Stranger,
        Member,
        AdminElsewhere,
        Admin,
        Support,
    }

    private const int Ok = 200,
        SignIn = 302,
        Refused = 403,
        Missing = 404;

    /// <summary>
    /// The status of a GET for: no one signed in, a person without an organisation, a member, an admin of another
    /// organisation, an admin, support.
    /// </summary>
    private static readonly Dictionary<string, int[]> Table = new()
    {
        ["/"] = [SignIn, SignIn, SignIn, SignIn, SignIn, SignIn],
        ["/sign-in"] = [Ok, Ok, Ok, Ok, Ok, Ok],
        ["/sign-in/second-factor"] = [SignIn, SignIn, SignIn, SignIn, SignIn, SignIn], // no sign-in is pending
        ["/sign-in/passkey"] = [SignIn, SignIn, SignIn, SignIn, SignIn, SignIn], // only answers forms
        ["/forgot-password"] = [Ok, Ok, Ok, Ok, Ok, Ok],
        ["/reset-password/{token}"] = [Ok, Ok, Ok, Ok, Ok, Ok], // says that the link does not work
        ["/register/{token}"] = [Ok, Ok, Ok, Ok, Ok, Ok],
        ["/register/{token}/details"] = [SignIn, SignIn, SignIn, SignIn, SignIn, SignIn],
        ["/account"] = [SignIn, Ok, Ok, Ok, Ok, Ok],
        ["/account/finish"] = [SignIn, SignIn, SignIn, SignIn, SignIn, SignIn],
        ["/account/name"] = [SignIn, Ok, Ok, Ok, Ok, Ok],
        ["/account/email"] = [SignIn, Ok, Ok, Ok, Ok, Ok],
        ["/account/email/{token}"] = [SignIn, Ok, Ok, Ok, Ok, Ok],
        ["/account/ready"] = [SignIn, Ok, Ok, Ok, Ok, Ok],
        ["/account/mobile"] = [SignIn, Ok, Ok, Ok, Ok, Ok],
        ["/account/password"] = [SignIn, Ok, Ok, Ok, Ok, Ok],
        ["/account/sessions"] = [SignIn, Ok, Ok, Ok, Ok, Ok],
        ["/account/sessions/sign-out"] = [SignIn, Ok, Ok, Ok, Ok, Ok],
        ["/account/recovery-codes"] = [SignIn, Ok, Ok, Ok, Ok, Ok],
        ["/account/passkeys"] = [SignIn, Ok, Ok, Ok, Ok, Ok],
        ["/account/passkeys/add"] = [SignIn, Ok, Ok, Ok, Ok, Ok],
        // redirects to the list: the passkey is not theirs
        ["/account/passkeys/{passkeyId:guid}"] = [SignIn, SignIn, SignIn, SignIn, SignIn, SignIn],
        ["/account/passkeys/{passkeyId:guid}/remove"] = [SignIn, SignIn, SignIn, SignIn, SignIn, SignIn],
        ["/account/second-factor"] = [SignIn, Ok, Ok, Ok, Ok, Ok],
        ["/account/second-factor/{way:regex(^(text|email|authenticator)$)}"] = [SignIn, Ok, Ok, Ok, Ok, Ok],
        ["/account/second-factor/{way:regex(^(text|email|authenticator)$)}/remove"] = [SignIn, Ok, Ok, Ok, Ok, Ok],
        ["/organisations/{organisationId:guid}/areas"] = [SignIn, SignIn, Refused, Missing, Ok, Ok],
        ["/organisations/{organisationId:guid}/areas/{areaId:guid}/remove"] =
        [
            SignIn,
            SignIn,
            Refused,
            Missing,
            SignIn,
            SignIn,
        ], // to the list: there is none
        ["/organisations/{organisationId:guid}/sign-in"] = [SignIn, SignIn, Refused, Missing, Ok, Ok],
        // it asks for none
        ["/organisations/{organisationId:guid}/another-way"] = [SignIn, SignIn, SignIn, Missing, SignIn, SignIn],
        ["/sign-out"] = [Ok, Ok, Ok, Ok, Ok, Ok],
        ["/sign-in/with/{key}"] = [Ok, Ok, Ok, Ok, Ok, Ok],
        ["/sign-in/not-recognised"] = [SignIn, SignIn, SignIn, SignIn, SignIn, SignIn], // no one came from a provider
        ["/sign-in/use-address"] = [SignIn, SignIn, SignIn, SignIn, SignIn, SignIn],
        ["/sign-in/connect"] = [SignIn, SignIn, SignIn, SignIn, SignIn, SignIn],
        ["/sign-in/paused"] = [SignIn, SignIn, SignIn, SignIn, SignIn, SignIn], // no one is paused
        // anyone in an organisation is redirected there
        ["/no-organisation"] = [SignIn, Ok, SignIn, SignIn, SignIn, SignIn],
        ["/help"] = [Ok, Ok, Ok, Ok, Ok, Ok],
        ["/privacy"] = [Ok, Ok, Ok, Ok, Ok, Ok],
        ["/cookies"] = [Ok, Ok, Ok, Ok, Ok, Ok],
        ["/accessibility"] = [Ok, Ok, Ok, Ok, Ok, Ok],
        ["/terms"] = [Ok, Ok, Ok, Ok, Ok, Ok],
        ["/terms/accept"] = [SignIn, SignIn, SignIn, SignIn, SignIn, SignIn], // nothing to accept
        ["/terms/declined"] = [Ok, Ok, Ok, Ok, Ok, Ok],
        ["/terms/versions"] = [SignIn, Refused, Refused, Refused, Refused, Ok],
        ["/terms/versions/{number:int}"] = [SignIn, Refused, Refused, Refused, Refused, Missing], // there is none
        ["/terms/publish/{draftId:guid?}"] = [SignIn, Refused, Refused, Refused, Refused, Ok],
        ["/terms/publish/{draftId:guid}/check"] = [SignIn, Refused, Refused, Refused, Refused, SignIn],
        ["/users"] = [SignIn, Refused, Refused, Refused, Refused, Ok],
        ["/users/{userId:guid}"] = [SignIn, Refused, Refused, Refused, Refused, Ok],
        ["/users/{userId:guid}/pause"] = [SignIn, Refused, Refused, Refused, Refused, Ok],
        ["/users/{userId:guid}/resume"] = [SignIn, Refused, Refused, Refused, Refused, SignIn], // is not paused
        ["/users/add/{draftId:guid?}"] = [SignIn, Refused, Refused, Refused, Refused, Ok],
        ["/users/add/{draftId:guid}/organisation"] = [SignIn, Refused, Refused, Refused, Refused, SignIn],
        ["/users/{userId:guid}/sign-in"] = [SignIn, Refused, Refused, Refused, Refused, Ok],
        ["/users/{userId:guid}/merge"] = [SignIn, Refused, Refused, Refused, Refused, Ok],
        // there is no such other
        ["/users/{userId:guid}/merge/{otherId:guid}"] = [SignIn, Refused, Refused, Refused, Refused, Missing],
        ["/support-users"] = [SignIn, Refused, Refused, Refused, Refused, Ok],
        ["/support-users/add/{draftId:guid?}"] = [SignIn, Refused, Refused, Refused, Refused, Ok],
        ["/support-users/add/{draftId:guid}/check"] = [SignIn, Refused, Refused, Refused, Refused, SignIn],
        // the one in the table is no support user
        ["/support-users/{userId:guid}/remove"] = [SignIn, Refused, Refused, Refused, Refused, Missing],
        ["/support-users/{userId:guid}/resend"] = [SignIn, Refused, Refused, Refused, Refused, Missing],
        ["/error/{code:int?}"] = [Missing, Missing, Missing, Missing, Missing, Missing],
        ["/organisations"] = [SignIn, SignIn, Ok, Ok, Ok, Ok],
        ["/organisations/create"] = [SignIn, Refused, Refused, Refused, Refused, Ok],
        ["/organisations/{organisationId:guid}"] = [SignIn, SignIn, Ok, Missing, Ok, Ok],
        ["/organisations/{organisationId:guid}/history"] = [SignIn, SignIn, Refused, Missing, Ok, Ok],
        ["/organisations/{organisationId:guid}/edit"] = [SignIn, Refused, Refused, Refused, Refused, Ok],
        ["/organisations/{organisationId:guid}/users/review"] = [SignIn, SignIn, Refused, Missing, Ok, Ok],
        ["/organisations/{organisationId:guid}/users"] = [SignIn, SignIn, Refused, Missing, Ok, Ok],
        ["/organisations/{organisationId:guid}/users/{userId:guid}"] = [SignIn, SignIn, Refused, Missing, Ok, Ok],
        ["/organisations/{organisationId:guid}/users/add/{draftId:guid?}"] = [SignIn, SignIn, Refused, Missing, Ok, Ok],
        ["/organisations/{organisationId:guid}/users/resend-expired"] = [SignIn, SignIn, Refused, Missing, Ok, Ok],
        ["/organisations/{organisationId:guid}/users/invite"] = [SignIn, SignIn, Refused, Missing, Ok, Ok],
        ["/organisations/{organisationId:guid}/users/invite/{listId:guid}"] =
        [
            SignIn,
            SignIn,
            Refused,
            Missing,
            SignIn,
            SignIn,
        ], // to the form: there is none
        ["/organisations/{organisationId:guid}/users/{userId:guid}/access"] =
        [
            SignIn,
            SignIn,
            Refused,
            Missing,
            Ok,
            Ok,
        ],
        ["/organisations/{organisationId:guid}/users/{userId:guid}/pause"] = [SignIn, SignIn, Refused, Missing, Ok, Ok],
        ["/organisations/{organisationId:guid}/users/{userId:guid}/resume"] =
        [
            SignIn,
            SignIn,
            Refused,
            Missing,
            SignIn,
            SignIn,
        ], // is not paused
        ["/organisations/{organisationId:guid}/users/{userId:guid}/resend"] =
        [
            SignIn,
            SignIn,
            Refused,
            Missing,
            Ok,
            Ok,
        ],
        ["/organisations/{organisationId:guid}/users/add/{draftId:guid}/access"] =
        [
            SignIn,
            SignIn,
            Refused,
            Missing,
            SignIn,
            SignIn,
        ], // to the first question
        ["/organisations/{organisationId:guid}/users/add/{draftId:guid}/check"] =
        [
            SignIn,
            SignIn,
            Refused,
            Missing,
            SignIn,
            SignIn,
        ], // to the first question
        ["/organisations/{organisationId:guid}/users/{userId:guid}/edit/{draftId:guid?}"] =
        [
            SignIn,
            SignIn,
            Refused,
            Missing,
            Ok,
            Ok,
        ],
        ["/organisations/{organisationId:guid}/users/{userId:guid}/edit/{draftId:guid}/check"] =
        [
            SignIn,
            SignIn,
            Refused,
            Missing,
            SignIn,
            SignIn,
        ],
        ["/organisations/{organisationId:guid}/users/{userId:guid}/remove"] =
        [
            SignIn,
            SignIn,
            Refused,
            Missing,
            Ok,
            Ok,
        ],
        ["/organisations/{organisationId:guid}/users/{userId:guid}/undo-removal"] =
        [
            SignIn,
            SignIn,
            Refused,
            Missing,
            SignIn,
            SignIn,
        ], // belongs to it
        ["/dev/sign-in"] = [Ok, Ok, Ok, Ok, Ok, Ok],
        ["/dev/mailbox"] = [Ok, Ok, Ok, Ok, Ok, Ok],
        ["/dev/mailbox/{id:guid}"] = [Missing, Missing, Missing, Missing, Missing, Missing],
        ["/dev/clock"] = [Ok, Ok, Ok, Ok, Ok, Ok],
        ["/dev/mailbox.json"] = [Ok, Ok, Ok, Ok, Ok, Ok],
        ["/health/live"] = [Ok, Ok, Ok, Ok, Ok, Ok],
        ["/health/ready"] = [Ok, Ok, Ok, Ok, Ok, Ok],
    };

    private IEnumerable<string> Routes() =>
        app
            .Main.Services.GetRequiredService<EndpointDataSource>()
            .Endpoints.OfType<RouteEndpoint>()
            .Select(e => "/" + e.RoutePattern.RawText!.TrimStart('/'))
            .Where(route => !route.StartsWith("/_content/", StringComparison.Ordinal) && route != "/{**path:file}")
            .Distinct(); // files

    [Fact]
    public void J1_Trust16_Every_route_stands_in_the_table_and_every_page_in_the_permissions()
    {
        Assert.Equal(Table.Keys.Order(StringComparer.Ordinal), Routes().Order(StringComparer.Ordinal));
        var pages = app
            .Main.Services.GetRequiredService<EndpointDataSource>()
            .Endpoints.Select(e => e.Metadata.GetMetadata<PageActionDescriptor>()?.ViewEnginePath)
            .OfType<string>()
            .Distinct();
        Assert.Equal(Permissions.Pages.Keys.Order(StringComparer.Ordinal), pages.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task J1_S1_1_S4_1_Everyone_gets_what_the_table_says_for_GET_and_no_more_for_POST()
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        var elsewhere = await app.Main.MakeOrganisationAsync();
        var stranger = await app.Main.MakeUserAsync();
        var member = await app.Main.MemberOfAsync(organisation);
        var admin = await app.Main.AdminOfAsync(organisation);
        var adminElsewhere = await app.Main.AdminOfAsync(elsewhere);
        var subject = await app.Main.MemberOfAsync(organisation, registered: false);
        var clients = new Dictionary<Who, Client>
        {
            [Who.Anonymous] = app.Client(),
            [Who.Stranger] = await app.Client().SignInAsync(stranger.Email),
            [Who.Member] = await app.Client().SignInAsync(member.Email),
            [Who.AdminElsewhere] = await app.Client().SignInAsync(adminElsewhere.Email),
            [Who.Admin] = await app.Client().SignInAsync(admin.Email),
            [Who.Support] = await app.SupportAsync(),
        };
        var wrong = new List<string>();
        foreach (var (route, answers) in Table)
        {
            var path = route
                .Replace("{organisationId:guid}", organisation.Id.ToString(), StringComparison.Ordinal)
                .Replace("{userId:guid}", subject.Id.ToString(), StringComparison.Ordinal)
                .Replace("{token}", new string('0', 32), StringComparison.Ordinal)
                .Replace("{way:regex(^(text|email|authenticator)$)}", "authenticator", StringComparison.Ordinal)
                .Replace("/{draftId:guid?}", "", StringComparison.Ordinal)
                .Replace("/{code:int?}", "", StringComparison.Ordinal)
                .Replace("{draftId:guid}", Guid.NewGuid().ToString(), StringComparison.Ordinal)
                .Replace("{otherId:guid}", Guid.NewGuid().ToString(), StringComparison.Ordinal)
                .Replace("{listId:guid}", Guid.NewGuid().ToString(), StringComparison.Ordinal)
                .Replace("{number:int}", "1", StringComparison.Ordinal)
                .Replace("{key}", IdentityProvider.Key, StringComparison.Ordinal)
                .Replace("{id:guid}", Guid.NewGuid().ToString(), StringComparison.Ordinal)
                .Replace("{areaId:guid}", Guid.NewGuid().ToString(), StringComparison.Ordinal)
                .Replace("{passkeyId:guid}", Guid.NewGuid().ToString(), StringComparison.Ordinal);
            foreach (var (who, client) in clients)
            {
                using var get = await client.RawAsync(new(HttpMethod.Get, path));
                if ((int)get.StatusCode != answers[(int)who])
                {
                    wrong.Add($"GET {route} for {who} answers {(int)get.StatusCode}, not {answers[(int)who]}");
                }
                // Anyone who may not GET may not POST either: the gate refuses before the form's token is read.
                using var post = await client.RawAsync(
                    new(HttpMethod.Post, path) { Content = new FormUrlEncodedContent([]) }
                );
                var expected =
                    answers[(int)who] is Refused or Missing
                    && (who != Who.Support || route.StartsWith("/error", StringComparison.Ordinal))
                    && !route.StartsWith("/dev/", StringComparison.Ordinal)
                        ? answers[(int)who]
                        : 0;
                if (expected == 0 ? (int)post.StatusCode is not (302 or 400 or 405) : (int)post.StatusCode != expected)
                {
                    wrong.Add($"POST {route} for {who} answers {(int)post.StatusCode}");
                }
            }
        }
        Assert.Equal([], wrong);
    }

    [Fact]
    public async Task J1_Trust17_Another_organisations_address_answers_exactly_like_one_that_does_not_exist()
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        var elsewhere = await app.Main.MakeOrganisationAsync();
        var admin = await app.Main.AdminOfAsync(elsewhere);
        var client = await app.Client().SignInAsync(admin.Email);
        foreach (
            var link in new Func<Guid, string>[]
            {
                Links.Organisation,
                Links.Users,
                id => Links.AddUser(id),
                id => Links.User(id, admin.Id),
                id => Links.RemoveUser(id, admin.Id),
            }
        )
        {
            var theirs = await client.GetAsync(link(organisation.Id), HttpStatusCode.NotFound);
            var missing = await client.GetAsync(link(Guid.NewGuid()), HttpStatusCode.NotFound);
            Assert.Equal(missing.Document.DocumentElement.OuterHtml, theirs.Document.DocumentElement.OuterHtml);
        }
    }

    [Theory]
    [InlineData("/dev/sign-in")]
    [InlineData("/dev/mailbox")]
    [InlineData("/dev/mailbox.json")]
    [InlineData("/dev/clock")]
    public async Task Trust64_What_is_for_developers_does_not_exist_elsewhere(string path)
    {
        await using var host = await app.StartAsync(
            new()
            {
                ["environment"] = "Production",
                ["Rollcall:ServicePurpose"] = "publish courses",
                ["Rollcall:PublicBaseUrl"] = "https://people.example.com",
                ["AllowedHosts"] = "*", // tests ask for it by IP address
                ["Rollcall:Email:Sender"] = "Smtp",
            }
        );
        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Post })
        {
            using var response = await host.Client()
                .RawAsync(
                    new(method, path) { Content = method == HttpMethod.Post ? new FormUrlEncodedContent([]) : null }
                );
            Assert.True(
                response.StatusCode is HttpStatusCode.NotFound
                    || (method == HttpMethod.Post && response.StatusCode is HttpStatusCode.MethodNotAllowed),
                $"{method} {path}: {response.StatusCode}"
            );
        }
    }

    [Fact]
    public async Task G9_Trust21_A_paused_account_and_a_paused_membership_lose_access_at_the_next_request_on_every_instance()
    {
        await using var other = await app.StartAsync([], app.Main.Database);
        var organisation = await app.Main.MakeOrganisationAsync();
        var admin = await app.Main.MakeUserAsync();
        var membership = await app.Main.JoinAsync(admin, organisation, Roles.Admin);
        var here = await app.Client().SignInAsync(admin.Email);
        var there = new Client(other.Address) { };
        foreach (System.Net.Cookie cookie in here.Cookies.GetCookies(app.Main.Address))
        {
            there.Cookies.Add(other.Address, new System.Net.Cookie(cookie.Name, cookie.Value));
        }

        await there.GetAsync(Links.Users(organisation.Id)); // R17: one instance reads what the other wrote

        await app.InDbAsync(async db =>
        {
            membership.PausedAt = membership.AddedAt;
            db.Update(membership);
            return await db.SaveChangesAsync();
        });
        Assert.Equal(Links.Paused, (await there.GetAsync(Links.Users(organisation.Id))).Path);
        await app.InDbAsync(async db =>
        {
            admin.PausedAt = admin.CreatedAt;
            db.Update(admin);
            return await db.SaveChangesAsync();
        });
        Assert.StartsWith("/sign-in", (await here.GetAsync("/organisations")).Path, StringComparison.Ordinal);
    }
}
