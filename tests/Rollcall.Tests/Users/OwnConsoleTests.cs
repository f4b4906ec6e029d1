using Microsoft.EntityFrameworkCore;
using Rollcall.Emails;
using Rollcall.Model;
using Rollcall.Tests.Support;
using static Rollcall.Tests.Users.AddPages;

namespace Rollcall.Tests.Users;

/// <summary>What an organisation does for its own users without support: one test for each row of S2.</summary>
public sealed class OwnConsoleTests(TheApp app) : IAsyncLifetime
{
    private Instance host = null!;
    private Organisation organisation = null!;
    private User me = null!;
    private Client admin = null!;

    public async ValueTask InitializeAsync()
    {
        // The service's own name is what the rules for every page look for in the title.
        host = await app.StartAsync(new() { ["ROLLCALL_PRESET"] = "publish", ["Rollcall:ServiceName"] = "Rollcall" });
        organisation = await host.MakeOrganisationAsync("Hillview School");
        me = await host.MakeUserAsync("Bea", "Able");
        await host.JoinAsync(me, organisation);
        admin = await host.Client().SignInAsync(me.Email);
    }

    public async ValueTask DisposeAsync()
    {
        admin.Dispose();
        await host.DisposeAsync();
    }

    [Fact]
    public async Task S2_1_An_admin_adds_a_user_and_no_one_has_to_approve()
    {
        var email = Some.Email();
        await AddAsync("Zoë", "O’Brien", email);
        var added = await host.InDbAsync(db =>
            db.Memberships.SingleAsync(m => m.OrganisationId == organisation.Id && m.AddedBy == me.Id)
        );
        Assert.Null(added.RemovedAt);
        using var theirs = await host.Client().SignInAsync(email); // support has done nothing
        Assert.Contains(
            organisation.Name,
            (await theirs.GetAsync(Links.Organisation(organisation.Id))).Heading,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task S2_2_The_form_asks_for_no_organisation_and_no_reason()
    {
        var form = await admin.GetAsync(Links.AddUser(organisation.Id));
        Assert.Equal(["First name", "Last name", "Email address"], form.Texts("form label"));
        Assert.Equal(
            ["Email", "FirstName", "LastName"],
            form.Form("Continue").Fields.Keys.Where(name => !name.StartsWith('_')).Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public async Task S2_3_The_email_is_queued_in_the_transaction_that_adds_the_user()
    {
        var email = Some.Email();
        var check = await CheckAsync("Zoë", "O’Brien", email);
        await host.AsOwnerAsync(
            "alter table outgoing_messages add constraint no_more check (kind <> 'added') not valid"
        );
        await check.SubmitAsync("Add user", expected: System.Net.HttpStatusCode.InternalServerError);
        // without the email there is no user
        Assert.False(await host.InDbAsync(db => db.Users.AnyAsync(u => u.Email == email)));
        await host.AsOwnerAsync("alter table outgoing_messages drop constraint no_more");
        await AddAsync("Zoë", "O’Brien", email);
        Assert.Equal(1, await EmailsAsync(email, "added"));
    }

    [Fact]
    public async Task S2_4_An_admin_removes_a_user_of_their_organisation()
    {
        var user = await MemberAsync("Zoë", "O’Brien");
        await RemoveAsync(user);
        var gone = await host.InDbAsync(db => db.Memberships.SingleAsync(m => m.UserId == user.Id));
        Assert.Equal(me.Id, gone.RemovedBy);
    }

    [Fact]
    public async Task S2_5_The_list_has_the_button_and_is_in_order_of_first_name_then_last_name()
    {
        foreach (var (first, last) in new[] { ("adam", "Zed"), ("Zoë", "Young"), ("Adam", "young"), ("Bea", "Zimmer") })
        {
            await MemberAsync(first, last);
        }

        var list = await admin.GetAsync(Links.Users(organisation.Id));
        Assert.Equal(
            ["Adam young", "adam Zed", "Bea Able", "Bea Zimmer", "Zoë Young"],
            list.Texts("tbody td:first-child a")
        );
        Assert.Equal(["Add user"], list.Texts("main a.govuk-button"));
    }

    [Fact]
    public async Task S2_7_A_message_above_the_heading_says_that_a_user_was_added_or_removed_and_only_once()
    {
        var email = Some.Email();
        var added = await AddAsync("Zoë", "O’Brien", email);
        Assert.Contains($"{email} has been added", FirstIn(added), StringComparison.Ordinal);
        Assert.Null((await admin.GetAsync(added.Path)).Banner);
        var removed = await RemoveAsync(await MemberAsync("Ann", "Other"));
        Assert.Contains("Ann Other has been removed", FirstIn(removed), StringComparison.Ordinal);
        Assert.Null((await admin.GetAsync(removed.Path)).Banner);
    }

    [Fact]
    public async Task S2_8_The_button_says_Add_user_and_no_one_asks_for_access_for_someone_else()
    {
        var list = await admin.GetAsync(Links.Users(organisation.Id));
        Assert.Equal(Links.AddUser(organisation.Id), list.Href("Add user"));
        Assert.DoesNotContain("request access", list.Text("body"), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task S2_9_An_admin_gets_the_same_errors_the_same_check_and_the_same_email_as_support()
    {
        var form = await admin.GetAsync(Links.AddUser(organisation.Id));
        Assert.Equal(
            ["Enter a first name", "Enter a last name", "Enter an email address"],
            (await form.SubmitAsync("Continue")).Errors
        );
        Assert.Equal(
            ["Enter an email address in the correct format, like name@example.com"],
            (await form.SubmitAsync("Continue", Person("Zoë", "O’Brien", "zoe@"))).Errors
        );
        Assert.Equal(
            ["Email address already in use"],
            (await form.SubmitAsync("Continue", Person("Zoë", "O’Brien", me.Email))).Errors
        );

        var email = Some.Email();
        var check = await CheckAsync("Zoë", "O’Brien", email);
        Assert.Equal(
            ("Zoë", "O’Brien", email),
            (check.Value("First name"), check.Value("Last name"), check.Value("Email address"))
        );
        Assert.Equal(0, await EmailsAsync(email, "added"));
        await check.SubmitAsync("Add user");
        Assert.Equal(1, await EmailsAsync(email, "added"));
    }

    [Fact]
    public async Task S2_10_A_removal_is_confirmed_and_the_person_is_told_and_where_to_get_help()
    {
        var user = await MemberAsync("Zoë", "O’Brien");
        var confirm = await (await admin.GetAsync(Links.User(organisation.Id, user.Id))).FollowAsync(
            "Remove user Zoë O’Brien"
        );
        Assert.Contains("Are you sure you want to remove Zoë O’Brien?", confirm.Heading, StringComparison.Ordinal);
        Assert.Contains(user.Email, confirm.Text(), StringComparison.Ordinal); // that they will be told, and where
        Assert.Equal(0, await EmailsAsync(user.Email, "removed"));
        await confirm.SubmitAsync("Remove user");
        var message = await host.InDbAsync(db =>
            db.OutgoingMessages.SingleAsync(m => m.ToAddress == user.Email && m.Kind == "removed")
        );
        var (text, help) = await host.DoAsync<Letterhead, (string, string)>(from =>
            Task.FromResult(
                (
                    from.Render(
                        Email.FromJson(message.Kind, message.Data),
                        user.Email,
                        "<1@example.org>",
                        DateTimeOffset.UtcNow
                    ).Text,
                    from.SupportEmail
                )
            )
        );
        Assert.Contains($"You have been removed from {organisation.Name}", text, StringComparison.Ordinal);
        Assert.Contains($"If you think this is a mistake, email {help}.", text, StringComparison.Ordinal);
    }

    private async Task<Page> CheckAsync(string first, string last, string email) =>
        await (await (await admin.GetAsync(Links.Users(organisation.Id))).FollowAsync("Add user")).SubmitAsync(
            "Continue",
            Person(first, last, email)
        );

    private async Task<Page> AddAsync(string first, string last, string email) =>
        await (await CheckAsync(first, last, email)).SubmitAsync("Add user");

    private async Task<Page> RemoveAsync(User user) =>
        await (await admin.GetAsync(Links.RemoveUser(organisation.Id, user.Id))).SubmitAsync("Remove user");

    private async Task<User> MemberAsync(string first, string last)
    {
        var user = await host.MemberOfAsync(organisation, first, last);
        return user;
    }

    private Task<int> EmailsAsync(string to, string kind) =>
        host.InDbAsync(db => db.OutgoingMessages.CountAsync(m => m.ToAddress == to && m.Kind == kind));

    private static string FirstIn(Page page) => page.Text("main > :first-child");
}
