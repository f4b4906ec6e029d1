using System.Net;
using Microsoft.EntityFrameworkCore;
using Rollcall.Model;
using Rollcall.Tests.Support;
using static Rollcall.Tests.Users.AddPages;

namespace Rollcall.Tests.Users;

public sealed class AddTests(TheApp app)
{
    private async Task<(Client Support, Organisation Organisation)> StartAsync() =>
        (await app.SupportAsync(), await app.Main.MakeOrganisationAsync());

    private Task<List<string>> EmailsToAsync(string address) =>
        app.InDbAsync(db => db.OutgoingMessages.Where(m => m.ToAddress == address).Select(m => m.Kind).ToListAsync());

    private Task<int> MembershipsOfAsync(Organisation organisation) =>
        app.InDbAsync(db => db.Memberships.CountAsync(m => m.OrganisationId == organisation.Id && m.RemovedAt == null));

    [Fact]
    public async Task S1_2_S1_11_S1_15_S1_16_S1_6_Adds_a_user_from_the_button_to_the_message_above_the_heading()
    {
        var (support, organisation) = await StartAsync();
        var person = Person();

        var form = await (await support.GetAsync(Links.Users(organisation.Id))).FollowAsync("Add user");
        Assert.Equal(["First name", "Last name", "Email address"], form.Texts("form label"));
        var check = await form.SubmitAsync("Continue", person).ThenRoleAsync();
        Assert.Equal("Ada", check.Value("First name"));
        Assert.Equal("Lovelace", check.Value("Last name"));
        Assert.Equal(person["Email"], check.Value("Email address"));
        // B1: nothing is saved and nothing sent before it is confirmed
        Assert.Equal(0, await MembershipsOfAsync(organisation));
        Assert.Empty(await EmailsToAsync(person["Email"]));

        var list = await check.SubmitAsync("Add user");
        Assert.Contains("Ada Lovelace has been added", list.Banner, StringComparison.Ordinal);
        Assert.Equal("Ada Lovelace", list.Text("tbody td:nth-child(1)"));
        Assert.Equal("Pending", list.Text("tbody td:nth-child(3)"));
        Assert.Equal(["added"], await EmailsToAsync(person["Email"]));

        var again = await support.GetAsync(list.Path); // B23: a refresh does not repeat it
        Assert.Null(again.Banner);
    }

    [Fact]
    public async Task S1_12_S1_20_S1_21_S1_22_Every_missing_answer_has_its_error_in_the_order_of_the_fields()
    {
        var (support, organisation) = await StartAsync();
        foreach (var blank in new[] { "", "   ", "\u200b\u00a0" })
        {
            var page = await support.CheckUserAsync(organisation, Person(blank, blank, blank));
            Assert.Equal(["Enter a first name", "Enter a last name", "Enter an email address"], page.Errors);
            Assert.Equal(
                ["Error: Enter a first name", "Error: Enter a last name", "Error: Enter an email address"],
                page.Texts(".govuk-error-message")
            );
        }
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("a@b")]
    [InlineData("two words@example.com")]
    [InlineData("Ada <ada@example.com>")]
    [InlineData("ada@example.com;")]
    public async Task S1_13_S1_23_S3_6_An_address_that_is_none_has_an_error_and_stays_in_the_field(string email)
    {
        var (support, organisation) = await StartAsync();
        var page = await support.CheckUserAsync(organisation, Person(email: email));
        Assert.Equal(["Enter an email address in the correct format, like name@example.com"], page.Errors);
        Assert.Equal(email, page.Field("Email"));
        Assert.Equal("Ada", page.Field("FirstName"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task S1_14_S1_24_An_address_in_use_in_this_organisation_has_an_error_with_a_link_to_that_person(
        bool registered
    )
    {
        var (support, organisation) = await StartAsync();
        var user = await app.Main.MemberOfAsync(organisation, registered: registered);
        var page = await support.CheckUserAsync(organisation, Person(email: $" {user.Email.ToUpperInvariant()}\u200b"));
        Assert.Equal(["Email address already in use"], page.Errors);
        Assert.Equal(Links.User(organisation.Id, user.Id), page.Href("See their details"));
    }

    [Fact]
    public async Task S1_17_B12_J5_A_person_known_elsewhere_is_linked_under_the_name_they_have_and_hears_of_it()
    {
        var (support, organisation) = await StartAsync();
        var elsewhere = await app.Main.MakeOrganisationAsync();
        var user = await app.Main.MemberOfAsync(elsewhere, "Grace", "Hopper");
        var before = await app.InDbAsync(db => db.Users.CountAsync(u => u.EmailKey == user.EmailKey));

        var check = await support.CheckUserAsync(
            organisation,
            Person("Gracie", "Hooper", user.Email.ToUpperInvariant())
        );
        Assert.Contains(
            $"{user.Email.ToUpperInvariant()} already has an account, as Grace Hopper. We’ll use that name",
            check.Text(),
            StringComparison.Ordinal
        );
        Assert.DoesNotContain(elsewhere.Name, check.Text("body"), StringComparison.Ordinal);
        var list = await check.SubmitAsync("Add user");
        // the name that the list shows
        Assert.Equal($"Grace Hopper has been added. We’ll email {user.Email}.", list.Banner);
        Assert.Equal(["Grace Hopper"], list.Texts("tbody td:nth-child(1)"));

        Assert.Equal(before, await app.InDbAsync(db => db.Users.CountAsync(u => u.EmailKey == user.EmailKey)));
        var stored = await app.InDbAsync(db => db.Users.SingleAsync(u => u.Id == user.Id));
        Assert.Equal(("Grace", "Hopper", user.Email), (stored.FirstName, stored.LastName, stored.Email));
        Assert.Equal(1, await MembershipsOfAsync(organisation));
        Assert.Equal(["added-to-another"], await EmailsToAsync(user.Email));
    }

    [Fact]
    public async Task B2_Change_and_back_keep_the_answers_and_changed_answers_are_checked_again()
    {
        var (support, organisation) = await StartAsync();
        var check = await support.CheckUserAsync(organisation, Person());
        var form = await check.FollowAsync("Change first name");
        Assert.Equal(("Ada", "Lovelace"), (form.Field("FirstName"), form.Field("LastName")));
        Assert.Equal(check.Path, form.Href("Back"));
        var wrong = await form.SubmitAsync("Continue", new() { ["FirstName"] = "" });
        Assert.Equal(["Enter a first name"], wrong.Errors);
        var right = await wrong.SubmitAsync("Continue", new() { ["FirstName"] = "Augusta" });
        Assert.Equal((check.Path, "Augusta"), (right.Path, right.Value("First name")));
        Assert.Equal("Augusta", (await support.GetAsync(right.Path)).Value("First name")); // a reload is safe
    }

    [Fact]
    public async Task B4_A_confirm_sent_again_leads_to_the_success_page_and_sends_nothing_twice()
    {
        var (support, organisation) = await StartAsync();
        var person = Person();
        var check = await support.CheckUserAsync(organisation, person);
        var pages = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => check.SubmitAsync("Add user")));
        var late = await check.SubmitAsync("Add user");
        Assert.All(
            pages.Append(late),
            page => Assert.Contains("has been added", page.Banner, StringComparison.Ordinal)
        );
        Assert.Equal(1, await MembershipsOfAsync(organisation));
        Assert.Equal(["added"], await EmailsToAsync(person["Email"]));
        Assert.StartsWith(
            Links.Users(organisation.Id),
            (await support.GetAsync(check.Path)).Path,
            StringComparison.Ordinal
        ); // the check page is over
    }

    [Fact]
    public async Task B5_Two_tabs_never_mix()
    {
        var (support, organisation) = await StartAsync();
        var one = Person("One", "Tab");
        var two = Person("Two", "Tab");
        var first = await support.CheckUserAsync(organisation, one);
        var second = await support.CheckUserAsync(organisation, two);
        Assert.Contains("One Tab", (await first.SubmitAsync("Add user")).Banner, StringComparison.Ordinal);
        Assert.Contains("Two Tab", (await second.SubmitAsync("Add user")).Banner, StringComparison.Ordinal);
        var people = await app.InDbAsync(db =>
            db.Users.Where(u => u.Email == one["Email"] || u.Email == two["Email"])
                .OrderBy(u => u.FirstName)
                .Select(u => u.FirstName + u.Email)
                .ToListAsync()
        );
        Assert.Equal(["One" + one["Email"], "Two" + two["Email"]], people);
    }

    [Fact]
    public async Task B6_J2_A_draft_is_worth_nothing_in_another_organisation_or_to_another_viewer()
    {
        var (support, organisation) = await StartAsync();
        var other = await app.Main.MakeOrganisationAsync();
        var check = await support.CheckUserAsync(organisation, Person());
        var stolen = check.Path.Replace(organisation.Id.ToString(), other.Id.ToString(), StringComparison.Ordinal);
        Assert.Equal("", (await support.GetAsync(stolen)).Field("FirstName"));
        var otherViewer = await app.SupportAsync();
        Assert.Equal("", (await otherViewer.GetAsync(check.Path)).Field("FirstName"));
        var (_, fields) = (await otherViewer.GetAsync(Links.AddUser(organisation.Id))).Form("Continue");
        Assert.Equal("", (await otherViewer.PostAsync(check.Path, fields)).Field("FirstName"));
        Assert.Equal((0, 0), (await MembershipsOfAsync(organisation), await MembershipsOfAsync(other)));
    }

    [Fact]
    public async Task B7_B8_A_check_page_without_answers_leads_to_the_first_question()
    {
        var (support, organisation) = await StartAsync();
        var form = await support.GetAsync(Links.CheckNewUser(organisation.Id, Guid.NewGuid()));
        Assert.Equal(Links.AddUser(organisation.Id), form.Path);
        var (_, fields) = form.Form("Continue");
        Assert.Equal(
            Links.AddUser(organisation.Id),
            (await support.PostAsync(Links.CheckNewUser(organisation.Id, Guid.NewGuid()), fields)).Path
        );
    }

    [Fact]
    public async Task B9_S1_10_Anything_else_that_is_posted_is_ignored()
    {
        var (support, organisation) = await StartAsync();
        var other = await app.Main.MakeOrganisationAsync();
        var person = Person();
        var check = await support.CheckUserAsync(
            organisation,
            new(person)
            {
                ["OrganisationId"] = other.Id.ToString(),
                ["Role"] = Roles.Admin,
                ["SupportSince"] = "2020-01-01",
            }
        );
        await check.SubmitAsync(
            "Add user",
            new()
            {
                ["Email"] = Some.Email(),
                ["OrganisationId"] = other.Id.ToString(),
                ["Role"] = Roles.Admin,
            }
        );
        var user = await app.InDbAsync(db => db.Users.SingleAsync(u => u.Email == person["Email"]));
        Assert.Null(user.SupportSince);
        var membership = await app.InDbAsync(db => db.Memberships.SingleAsync(m => m.UserId == user.Id));
        Assert.Equal((organisation.Id, Roles.Member), (membership.OrganisationId, membership.Role));
    }

    [Fact]
    public async Task B10_Fifty_people_add_the_same_address_at_once_and_one_does()
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        var email = Some.Email();
        var checks = await Task.WhenAll(
            Enumerable
                .Range(0, 50)
                .Select(async i =>
                    await (await app.SupportAsync()).CheckUserAsync(
                        organisation,
                        Person(email: i % 2 == 0 ? email : email.ToUpperInvariant())
                    )
                )
        );
        var pages = await Task.WhenAll(checks.Select(check => check.SubmitAsync("Add user")));
        Assert.Single(pages, page => page.Banner is not null);
        Assert.Equal(49, pages.Count(page => page.Errors is ["Email address already in use"]));
        Assert.Equal(1, await MembershipsOfAsync(organisation));
        Assert.Equal(1, await app.InDbAsync(db => db.Users.CountAsync(u => u.EmailKey == email)));
        Assert.Equal(
            1,
            await app.InDbAsync(db => db.OutgoingMessages.CountAsync(m => EF.Functions.ILike(m.ToAddress, email)))
        );
    }

    [Fact]
    public async Task B11_One_new_address_in_ten_organisations_at_once_is_one_person_with_ten_memberships()
    {
        var support = await app.SupportAsync();
        var person = Person();
        var organisations = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => app.Main.MakeOrganisationAsync()));
        var checks = await Task.WhenAll(organisations.Select(o => support.CheckUserAsync(o, person)));
        var pages = await Task.WhenAll(checks.Select(check => check.SubmitAsync("Add user")));
        Assert.All(pages, page => Assert.NotNull(page.Banner));
        var user = await app.InDbAsync(db => db.Users.SingleAsync(u => u.Email == person["Email"]));
        Assert.Equal(10, await app.InDbAsync(db => db.Memberships.CountAsync(m => m.UserId == user.Id)));
    }

    [Fact]
    public async Task B13_G12_A_user_who_was_removed_is_added_again_with_a_new_membership_and_a_new_email()
    {
        var (support, organisation) = await StartAsync();
        var person = Person();
        await (await support.CheckUserAsync(organisation, person)).SubmitAsync("Add user");
        var user = await app.InDbAsync(db => db.Users.SingleAsync(u => u.Email == person["Email"]));
        await (await support.GetAsync(Links.RemoveUser(organisation.Id, user.Id))).SubmitAsync("Remove user");
        await (await support.CheckUserAsync(organisation, person)).SubmitAsync("Add user");
        Assert.Equal(2, await app.InDbAsync(db => db.Memberships.CountAsync(m => m.UserId == user.Id)));
        Assert.Equal(1, await MembershipsOfAsync(organisation));
        var history = (await support.GetAsync(Links.User(organisation.Id, user.Id))).Text();
        Assert.Equal(2, history.Split("added them to").Length - 1);
        Assert.Contains("removed them from", history, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task B14_J9_A_user_whose_account_is_paused_is_linked_as_inactive_and_gets_no_email(bool registered)
    {
        var (support, organisation) = await StartAsync();
        var user = await app.Main.MakeUserAsync(registered: registered);
        await app.Main.PauseAsync(user);
        var list = await (await support.CheckUserAsync(organisation, Person(email: user.Email))).SubmitAsync(
            "Add user"
        );
        Assert.Equal("Inactive", list.Text("tbody td:nth-child(3)"));
        Assert.Contains("Their account is paused, so no email is sent.", list.Banner, StringComparison.Ordinal);
        Assert.Empty(await EmailsToAsync(user.Email));
    }

    [Fact]
    public async Task B19_An_admin_who_lost_the_permission_since_the_check_page_is_refused()
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        var admin = await app.Main.MakeUserAsync();
        var membership = await app.Main.JoinAsync(admin, organisation, Roles.Admin);
        var client = await app.Client().SignInAsync(admin.Email);
        var check = await client.CheckUserAsync(organisation, Person());
        await app.InDbAsync(db =>
            db.Memberships.Where(m => m.Id == membership.Id)
                .ExecuteUpdateAsync(m => m.SetProperty(x => x.Role, Roles.Member))
        );
        await check.SubmitAsync("Add user", expected: HttpStatusCode.Forbidden);
        Assert.Equal(1, await MembershipsOfAsync(organisation));
    }

    [Theory]
    [InlineData("<script>alert(1)</script>@example.com")]
    [InlineData("\"'&<b>")]
    public async Task B22_What_is_typed_is_shown_as_text(string text)
    {
        var (support, organisation) = await StartAsync();
        var page = await support.CheckUserAsync(organisation, Person(text, text, text));
        Assert.NotEmpty(page.Errors);
        Assert.Equal((text, text, text), (page.Field("FirstName"), page.Field("LastName"), page.Field("Email")));
        Assert.Empty(page.Document.QuerySelectorAll("main script, main b"));
    }

    [Fact]
    public async Task S1_25_A_domain_that_a_setting_blocks_is_refused_and_none_is_by_default()
    {
        var (support, organisation) = await StartAsync();
        Assert.Empty((await support.CheckUserAsync(organisation, Person(email: "someone@gmail.com"))).Errors);

        await using var strict = await app.StartAsync(new() { ["Rollcall:BlockedEmailDomains:0"] = "gmail.com" });
        var page = await (await strict.SupportAsync()).CheckUserAsync(
            await strict.MakeOrganisationAsync(),
            Person(email: "someone@mail.GMAIL.com")
        );
        Assert.Contains("gmail.com", Assert.Single(page.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task B17_An_admin_who_adds_themselves_is_told_that_it_is_their_own_address()
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        var admin = await app.Main.AdminOfAsync(organisation);
        var page = await (await app.Client().SignInAsync(admin.Email)).CheckUserAsync(
            organisation,
            Person(email: admin.Email)
        );
        Assert.Equal(["Email address already in use"], page.Errors);
        Assert.Contains("This is your own email address", page.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task B20_With_the_mail_server_down_the_user_is_added_and_the_email_is_shown_as_not_sent_yet()
    {
        await using var host = await app.StartAsync(
            new()
            {
                ["Rollcall:Email:Sender"] = "Smtp",
                ["Rollcall:Email:Smtp:Host"] = "127.0.0.1",
                ["Rollcall:Email:Smtp:Port"] = "1",
                ["Rollcall:Email:Smtp:StartTls"] = "false",
            }
        );
        var support = await host.SupportAsync();
        var organisation = await host.MakeOrganisationAsync();
        var list = await (await support.CheckUserAsync(organisation, Person())).SubmitAsync("Add user");
        Assert.Contains("Ada Lovelace has been added", list.Banner, StringComparison.Ordinal);
        Assert.Contains(
            "waiting to be sent",
            (await list.FollowAsync("Ada Lovelace")).Text(),
            StringComparison.Ordinal
        );
    }

    [Theory] // Trust rule 58: intact, or refused with a message; never a failure
    [InlineData("a\0b")]
    [InlineData("\ud800")]
    [InlineData("\u202egnp.exe")]
    [InlineData("🏳️‍🌈")]
    [InlineData("' or 1=1; --")]
    [InlineData("{{7*7}}${7*7}")]
    [InlineData("../../../etc/passwd")]
    [InlineData("Robert'); drop table users; --")]
    [InlineData("\uFEFF\uFFFE\uFFFF")]
    public async Task Trust58_Whatever_is_typed_gets_an_answer_in_words(string text)
    {
        var (support, organisation) = await StartAsync();
        var email = Some.Email();
        var form = await support.GetAsync(Links.AddUser(organisation.Id));
        // no browser sends it, and the framework reads no form that has it
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            await form.SubmitAsync("Continue", Person(text, text, email), HttpStatusCode.BadRequest);
            return;
        }
        var page = await form.SubmitAsync("Continue", Person(text, text, email)).ThenRoleAsync();
        if (page.Errors.Count > 0)
        {
            return;
        }

        var first = page.Value("First name");
        var last = page.Value("Last name");
        var list = await page.SubmitAsync("Add user");
        Assert.Equal($"{first} {last}", list.Text("tbody td:nth-child(1)"));
        var stored = await app.InDbAsync(db => db.Users.SingleAsync(u => u.Email == email));
        Assert.Equal((first, last), (stored.FirstName, stored.LastName));
        Assert.Empty((await support.CheckUserAsync(organisation, Person(text, text, text))).Texts("main script"));
    }

    [Fact]
    public async Task B5_A_confirm_saves_what_its_page_showed_and_not_what_another_tab_made_of_it()
    {
        var (support, organisation) = await StartAsync();
        var shown = Some.Email();
        var changed = Some.Email();
        var check = await support.CheckUserAsync(organisation, Person(email: shown));
        await (await check.FollowAsync("Change email address")).SubmitAsync("Continue", new() { ["Email"] = changed });
        var again = await check.SubmitAsync("Add user");
        Assert.Equal((check.Path, changed), (again.Path, again.Value("Email address")));
        Assert.Equal(0, await MembershipsOfAsync(organisation));
        Assert.NotNull((await again.SubmitAsync("Add user")).Banner);
        Assert.Equal((0, 1), ((await EmailsToAsync(shown)).Count, (await EmailsToAsync(changed)).Count));
    }

    [Fact]
    public async Task Trust22_An_extra_field_that_is_named_like_the_form_changes_nothing()
    {
        var (support, organisation) = await StartAsync();
        var person = new Dictionary<string, string>(Person()) { ["person"] = "1", ["draftId"] = "zzz" };
        Assert.Equal("Ada", (await support.CheckUserAsync(organisation, person)).Value("First name"));
    }

    [Fact]
    public async Task J5_An_organisations_admin_is_not_told_that_an_account_is_paused()
    {
        var organisation = await app.Main.MakeOrganisationAsync();
        var user = await app.Main.MakeUserAsync();
        var admin = await app.Main.AdminOfAsync(organisation);
        await app.Main.PauseAsync(user);
        var list = await (
            await (await app.Client().SignInAsync(admin.Email)).CheckUserAsync(organisation, Person(email: user.Email))
        ).SubmitAsync("Add user");
        Assert.Equal($"{user.Email} has been added. We’ll email them.", list.Banner); // the same words as for anyone
    }

    [Theory]
    [InlineData("ada@gmial.com", "ada@gmail.com")]
    [InlineData("ada@school.sch.ku", "ada@school.sch.uk")]
    [InlineData("ada@gmail.com", null)]
    public async Task U15_A_likely_slip_in_an_address_is_pointed_out_and_allowed(string typed, string? meant)
    {
        var (support, organisation) = await StartAsync();
        var check = await support.CheckUserAsync(organisation, Person(email: typed));
        Assert.Equal(meant is not null, check.Text().Contains($"Did you mean {meant}?", StringComparison.Ordinal));
        Assert.NotNull((await check.SubmitAsync("Add user")).Banner);
        Assert.Equal(1, await MembershipsOfAsync(organisation));
    }
}
