using System.Text.RegularExpressions;
using AngleSharp.Html.Parser;
using Microsoft.Extensions.Options;
using Rollcall.Emails;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Emails;

/// <summary>
/// Every email in every variant, compared with the files in Golden. After a change that is meant, run once with
/// ROLLCALL_WRITE_GOLDEN=1 and read the difference.
/// </summary>
public partial class EmailWordsTests
{
    private const string To = "zoe@example.com";
    private static readonly Guid School = new("0198a1b2-0000-7000-8000-000000000001");

    private static readonly Dictionary<string, (Email Email, Action<RollcallOptions>? Setting)> Variants = new(
        StringComparer.Ordinal
    )
    {
        ["Added-by-support"] = (
            new AddedToOrganisation(School, "Hillview School", null)
            {
                FirstName = "Zoë",
                LastName = "O’Brien",
                InvitationId = School,
                Until = PostOffice.Now.AddDays(7),
            },
            null
        ),
        ["Added-to-manage-without-limit"] = (
            new AddedToOrganisation(School, "Hillview School", null)
            {
                FirstName = "Zoë",
                LastName = "O’Brien",
                InvitationId = School,
                ManagesUsers = true,
            },
            null
        ),
        ["Added-before-links"] = (new AddedToOrganisation(School, "Hillview School", null), null),
        ["Added-by-admin-no-name-no-purpose"] = (
            new AddedToOrganisation(School, "Hillview School", "Nguyễn Thị Li"),
            o => o.ServicePurpose = ""
        ),
        ["Added-on-test"] = (
            new AddedToOrganisation(School, "Hillview School", null) { FirstName = "Zoë", LastName = "O’Brien" },
            o => o.EnvironmentLabel = "Test"
        ),
        ["AddedToAnother-by-support"] = (
            new AddedToAnother(School, "Hillview School", null) { FirstName = "Zoë", LastName = "O’Brien" },
            null
        ),
        ["AddedToAnother-by-admin"] = (
            new AddedToAnother(School, "Hillview School", "Jean-Luc d’Arc") { FirstName = "Zoë", LastName = "O’Brien" },
            null
        ),
        ["Added-to-sign-in-with-a-provider"] = (
            new AddedToOrganisation(School, "Hillview School", "Anna Lewis")
            {
                FirstName = "Zoë",
                LastName = "O’Brien",
                InvitationId = School,
                ManagesUsers = true,
                SignsInWith = "DfE Sign-in",
            },
            AsPublish
        ),
        ["AddedToAnother-to-sign-in-with-a-provider"] = (
            new AddedToAnother(School, "Hillview School", null)
            {
                FirstName = "Zoë",
                LastName = "O’Brien",
                SignsInWith = "DfE Sign-in",
            },
            AsPublish
        ),
        ["SupportAdded-to-sign-in-with-a-provider"] = (
            new SupportAdded { InvitationId = School, AddedBy = "Anna Lewis" },
            AsPublish
        ),
        ["Reminder"] = (
            new Reminder("Hillview School", School, PostOffice.Now.AddDays(2))
            {
                FirstName = "Zoë",
                LastName = "O’Brien",
                AddedBy = "Anna Lewis",
            },
            null
        ),
        ["Removed"] = (
            new Removed("Hillview School", EverSignedIn: true) { FirstName = "Zoë", LastName = "O’Brien" },
            null
        ),
        ["Removed-never-signed-in"] = (new Removed("Hillview School", EverSignedIn: false), null),
        ["DetailsChanged-all-by-support"] = (
            new DetailsChanged("Zoë", "O’Brien", To, null) { FirstName = "Zoë", LastName = "O’Brien" },
            null
        ),
        ["DetailsChanged-name-by-organisation"] = (
            new DetailsChanged("Zoë", null, null, "Hillview School") { FirstName = "Zoë", LastName = "O’Brien" },
            null
        ),
        ["Welcome"] = (new Welcome("Hillview School and Ysgol Gŵyr") { FirstName = "Zoë", LastName = "O’Brien" }, null),
        ["Welcome-support"] = (new Welcome(null), null),
        ["ResetPassword"] = (
            new ResetPassword(School, PostOffice.Now.AddHours(1)) { FirstName = "Zoë", LastName = "O’Brien" },
            null
        ),
        ["ResetPassword-without-password"] = (new ResetPassword(null, PostOffice.Now.AddHours(1)), null),
        ["SignInChanged-password"] = (
            new SignInChanged(SignInChange.Password) { FirstName = "Zoë", LastName = "O’Brien" },
            null
        ),
        ["SignInChanged-recovery-code"] = (new SignInChanged(SignInChange.RecoveryCodeUsed), null),
        ["PasskeyChanged-added"] = (
            new PasskeyChanged("Zoë’s phone", Removed: false) { FirstName = "Zoë", LastName = "O’Brien" },
            null
        ),
        ["PasskeyChanged-removed"] = (new PasskeyChanged("Zoë’s phone", Removed: true), null),
        ["SupportAdded"] = (
            new SupportAdded
            {
                FirstName = "Zoë",
                LastName = "O’Brien",
                InvitationId = School,
                Until = PostOffice.Now.AddDays(7),
            },
            null
        ),
        ["SupportAdded-without-name-or-limit"] = (new SupportAdded { InvitationId = School }, null),
        ["SupportAdded-with-an-account"] = (new SupportAdded { FirstName = "Zoë", LastName = "O’Brien" }, null),
        ["SupportRemoved"] = (new SupportRemoved(EverSignedIn: true) { FirstName = "Zoë", LastName = "O’Brien" }, null),
        ["SupportRemoved-never-signed-in"] = (new SupportRemoved(EverSignedIn: false), null),
        ["ConfirmAddress"] = (
            new ConfirmAddress(School, PostOffice.Now.AddDays(1), "Zoë O’Brien", "zoe@old.example"),
            null
        ),
        ["ProviderConnected"] = (
            new ProviderConnected("DfE Sign-in") { FirstName = "Zoë", LastName = "O’Brien" },
            null
        ),
        ["SignInChanged-by-support"] = (new SignInChanged(SignInChange.SecondFactorsReset), null),
        ["SignInChanged-identity"] = (new SignInChanged(SignInChange.IdentityUnlinked), null),
        ["AddressChangeAsked"] = (
            new AddressChangeAsked("zoe.obrien@example.org") { FirstName = "Zoë", LastName = "O’Brien" },
            null
        ),
        ["Merged-kept"] = (
            new Merged("z•••@old.example", Kept: true) { FirstName = "Zoë", LastName = "O’Brien" },
            null
        ),
        ["Merged-given-up"] = (new Merged("z•••@new.example", Kept: false), null),
        ["AddressChanged"] = (new AddressChanged { FirstName = "Zoë", LastName = "O’Brien" }, null),
        ["AddressChangeAsked-without-password"] = (
            new AddressChangeAsked("zoe.obrien@example.org", HasPassword: false),
            null
        ),
        ["SignInChanged-where-no-one-has-a-password"] = (new SignInChanged(SignInChange.Mobile), AsPublish),
        ["SignInChanged-by-support-where-no-one-has-a-password"] = (
            new SignInChanged(SignInChange.SecondFactorsReset),
            AsPublish
        ),
        ["DetailsChanged-where-no-one-has-a-password"] = (
            new DetailsChanged(null, null, To, "Hillview School"),
            AsPublish
        ),
        ["Welcome-to-sign-in-with-a-provider"] = (
            new Welcome("Hillview School") { SignsInWith = "DfE Sign-in" },
            AsPublish
        ),
    };

    /// <summary>Organisations change nothing there, and everyone comes from a provider.</summary>
    private static void AsPublish(RollcallOptions options)
    {
        options.Organisation = new() { EditName = EditPolicy.Never, EditEmail = EditPolicy.Never };
        options.SignIn = new()
        {
            Passwords = false,
            Providers =
            {
                new() { Key = "dfe", Name = "DfE Sign-in" },
            },
        };
    }

    public static TheoryData<string> Names => [.. Variants.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task J8_The_words_are_those_of_the_golden_file(string name)
    {
        var email = Render(name);
        await IsGoldenAsync($"{name}.txt", $"Subject: {email.Subject}\n\n{email.Text}");
        await IsGoldenAsync($"{name}.html", email.Html);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void C3_The_text_says_what_the_HTML_says(string name)
    {
        var email = Render(name);
        var pieces = new HtmlParser()
            .ParseDocument(email.Html)
            .QuerySelectorAll("body h2, body p, body li")
            .Select(e => e.TextContent);
        var lines = email.Text.Split('\n').Where(line => line.Trim('-').Length > 0);
        Assert.Equal(lines, pieces, StringComparer.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void C3_The_HTML_has_the_services_header_one_button_a_language_no_pictures_no_tracking_and_links_shown_in_full(
        string name
    )
    {
        var page = new HtmlParser(new HtmlParserOptions { IsStrictMode = true }).ParseDocument(Render(name).Html);
        Assert.Equal("en", page.DocumentElement.GetAttribute("lang"));
        Assert.Equal(Render(name).Subject, page.Title);
        Assert.Empty(page.QuerySelectorAll("img, script, link, iframe, form, [src], [background], [onclick]"));
        var buttons = page.QuerySelectorAll("a");
        Assert.InRange(buttons.Length, 0, 1); // one thing to do
        foreach (var button in buttons)
        {
            var shown = button.Closest("table")!.NextElementSibling!;
            Assert.Equal(("P", shown.TextContent), (shown.NodeName, button.GetAttribute("href")));
            Assert.StartsWith("https://publish.example/", shown.TextContent, StringComparison.Ordinal);
        }

        Assert.Equal("Publish courses", page.Body!.FirstElementChild!.TextContent);
        Assert.All(page.QuerySelectorAll("table"), table => Assert.Equal("presentation", table.GetAttribute("role")));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void C5_J8_The_words_follow_the_house_style_and_hold_no_placeholder(string name)
    {
        var words = Render(name).Subject + "\n" + Render(name).Text;
        Assert.DoesNotMatch(Banned(), words);
        Assert.DoesNotContain(words, c => c is '{' or '}' or '\'' or '"' or '\t');
        Assert.DoesNotContain("  ", words, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void S1_19_C3_Every_email_names_the_service_and_says_how_to_get_help(string name)
    {
        var email = Render(name);
        Assert.Contains("Publish courses", email.Subject, StringComparison.Ordinal);
        Assert.Contains("Publish courses", email.Text, StringComparison.Ordinal);
        Assert.Contains(", email help@publish.example.", email.Text, StringComparison.Ordinal);
        Assert.Equal("help@publish.example", email.ReplyTo);
    }

    [Theory]
    [InlineData("Added-by-support", "by the support team")]
    [InlineData("Added-by-admin-no-name-no-purpose", "by Nguyễn Thị Li")]
    [InlineData("AddedToAnother-by-support", "by the support team")]
    [InlineData("AddedToAnother-by-admin", "by Jean-Luc d’Arc")]
    public void S0_3_S0_10_S1_26_S1_31_S2_13_An_added_person_learns_where_by_whom_and_which_address_to_use(
        string name,
        string addedBy
    )
    {
        var text = Render(name).Text;
        Assert.Contains("Hillview School", Render(name).Subject, StringComparison.Ordinal);
        Assert.Contains(addedBy, text, StringComparison.Ordinal);
        Assert.Contains("this email address: zoe@example.com.", text, StringComparison.Ordinal);
        Assert.Matches(
            name == "Added-by-support"
                ? "https://publish.example/register/[0-9a-z]{32}\n"
                : $"https://publish.example/organisations/{School}\n",
            text
        );
        Assert.Contains("If you were not expecting this email, you can ignore it.", text, StringComparison.Ordinal);
    }

    [Fact]
    public void S0_1_The_only_link_of_an_added_email_is_to_this_service() =>
        Assert.Single(new HtmlParser().ParseDocument(Render("Added-by-support").Html).QuerySelectorAll("a"));

    [Fact]
    public void S0_11_The_purpose_of_the_service_is_told_when_the_deployment_names_one()
    {
        Assert.Contains(
            "You can use Publish courses to publish teacher training courses.",
            Render("Added-by-support").Text,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain(
            "You can use",
            Render("Added-by-admin-no-name-no-purpose").Text,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void C3_The_greeting_is_by_first_and_last_name_when_known()
    {
        Assert.StartsWith("Dear Zoë O’Brien\n", Render("Added-by-support").Text, StringComparison.Ordinal);
        Assert.StartsWith("Hello\n", Render("Added-by-admin-no-name-no-purpose").Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Call 0800 123 456", "now")]
    [InlineData("０８００", "１２３")]
    [InlineData("①②③④", "x")]
    [InlineData("Ann", "ann@evil.example")]
    [InlineData("Ann＠evil", "x")]
    [InlineData("See evil.example", "")]
    [InlineData("evil。example", "")]
    [InlineData("https://evil.example", "")]
    [InlineData("Your account is suspended!", "")]
    [InlineData("£500 for you", "")]
    [InlineData("Urgent: ring us", "")]
    [InlineData("We have noticed a problem with your account so you must ring us", "")]
    public void Trust14_What_reads_like_a_number_an_address_or_a_sentence_is_no_name_in_an_email(
        string first,
        string last
    )
    {
        var invited = Render(
            new AddedToOrganisation(School, "Hillview School", $"{first} {last}")
            {
                FirstName = first,
                LastName = last,
            },
            null
        );
        Assert.StartsWith("Hello\n", invited.Text, StringComparison.Ordinal);
        Assert.Contains("by an admin at Hillview School.", invited.Text, StringComparison.Ordinal);
        foreach (var part in (string[])[invited.Text, invited.Html, invited.Subject, invited.Markdown])
        {
            Assert.DoesNotContain(first, part, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("Anne-Marie", "O’Neill (née St. John), Jr.")]
    [InlineData("J.R.R.", "Tolkien")]
    [InlineData("María del Carmen", "de la Cruz y Fernández")]
    [InlineData("Nguyễn Thị", "Ánh·Lê")]
    [InlineData("ประยุทธ์", "จันทร์โอชา")]
    [InlineData("محمد‌رضا", "العربي")]
    [InlineData("John", "Smith 2nd")]
    [InlineData("山田", "太郎")]
    public void C3_A_name_of_any_kind_is_one_in_an_email(string first, string last) =>
        Assert.StartsWith(
            $"Dear {first} {last}\n",
            Render(new Welcome(null) { FirstName = first, LastName = last }, null).Text,
            StringComparison.Ordinal
        );

    [Fact]
    public void The_invitation_promises_only_what_the_organisations_people_can_do()
    {
        Assert.Contains(
            "You’ll be able to add and remove users at Hillview School.",
            Render("Added-to-sign-in-with-a-provider").Text,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "You’ll be able to add, change and remove users at Hillview School.",
            Render("Added-to-manage-without-limit").Text,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("Added-to-sign-in-with-a-provider")]
    [InlineData("AddedToAnother-to-sign-in-with-a-provider")]
    [InlineData("SupportAdded-to-sign-in-with-a-provider")]
    public void S0_3_Where_only_a_provider_lets_people_in_the_email_says_where_to_get_an_account(string name)
    {
        var text = Render(name).Text;
        Assert.Contains(
            "You sign in with DfE Sign-in. If you do not have an account there, create one with zoe@example.com.",
            text,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("second step", text, StringComparison.Ordinal);
    }

    [Fact]
    public void J8_Outside_production_the_subject_says_so() =>
        Assert.StartsWith("[Test] You have", Render("Added-on-test").Subject, StringComparison.Ordinal);

    [Fact]
    public void S1_19_G11_The_removal_email_names_the_organisation()
    {
        Assert.Contains("removed from Hillview School", Render("Removed").Text, StringComparison.Ordinal);
        Assert.Contains(
            "The invitation has been withdrawn.",
            Render("Removed-never-signed-in").Text,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void H6_The_notice_to_the_old_address_names_no_other()
    {
        var addresses = Address()
            .Matches(Render("AddressChanged").Text + Render("AddressChanged").Html)
            .Select(m => m.Value)
            .Distinct(StringComparer.Ordinal);
        Assert.Equal(["help@publish.example", To], addresses.Order(StringComparer.Ordinal), StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("Acme\r\nYour account is suspended")]
    [InlineData("Acme</p><a href=\"https://evil.example\">Sign in</a>")]
    [InlineData("\"><img src=x>")]
    [InlineData("Acme\u2028\u202Eevil\0")]
    public void Trust14_B22_What_a_user_typed_stays_text_on_its_line(string hostile)
    {
        var email = Render(
            new AddedToOrganisation(School, hostile, hostile) { FirstName = hostile, LastName = hostile },
            null
        );
        var page = new HtmlParser().ParseDocument(email.Html);
        Assert.Single(page.QuerySelectorAll("a"));
        Assert.Empty(page.QuerySelectorAll("img"));
        Assert.DoesNotContain(email.Subject, char.IsControl);
        Assert.Equal(Render("Added-by-support").Text.Count(c => c == '\n'), email.Text.Count(c => c == '\n'));
        Assert.DoesNotContain(email.Text, c => c is '\u202E' or '\u2028' or '\0' or '\r');
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void R1_The_stored_facts_give_the_same_email_back(string name)
    {
        var email = Variants[name].Email;
        Assert.Equal(email, Email.FromJson(email.Kind, email.ToJson()));
        Assert.DoesNotContain("kind", email.ToJson(), StringComparison.Ordinal);
    }

    private static RenderedEmail Render(string name) => Render(Variants[name].Email, Variants[name].Setting);

    private static RenderedEmail Render(Email email, Action<RollcallOptions>? setting)
    {
        var settings = new RollcallOptions
        {
            ServiceName = "Publish courses",
            ServicePurpose = "publish teacher training courses",
            SupportEmail = "help@publish.example",
            PublicBaseUrl = new Uri("https://publish.example"),
        };
        setting?.Invoke(settings);
        var options = Options.Create(settings);
        return PostOffice.Letterhead(options).Render(email, To, "<1@publish.example>", PostOffice.Now);
    }

    private static async Task IsGoldenAsync(string file, string actual)
    {
        var path = Repository.Path("tests", "Rollcall.Tests", "Emails", "Golden", file);
        if (Environment.GetEnvironmentVariable("ROLLCALL_WRITE_GOLDEN") is "1")
        {
            await File.WriteAllTextAsync(path, actual, TestContext.Current.CancellationToken);
        }

        Assert.Equal(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken), actual);
    }

    [GeneratedRegex(
        @"\b(please|sorry|oops|valid|invalid|login|log in|sign up|e\.g|i\.e|null|\w+n[’']t|undefined|TODO|Rollcall)\b"
            + @"|\(\(|%s|\$\w",
        RegexOptions.IgnoreCase | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture
    )]
    private static partial Regex Banned();

    [GeneratedRegex(@"[\w.+-]+@[\w.-]+\w", RegexOptions.NonBacktracking)]
    private static partial Regex Address();

    [Theory]
    [InlineData("AddressChangeAsked-without-password")]
    [InlineData("SignInChanged-identity")]
    [InlineData("SignInChanged-where-no-one-has-a-password")]
    [InlineData("SignInChanged-by-support-where-no-one-has-a-password")]
    [InlineData("DetailsChanged-where-no-one-has-a-password")]
    [InlineData("Welcome-to-sign-in-with-a-provider")]
    public void Where_there_may_be_no_password_no_email_leads_to_one(string name)
    {
        var text = Render(name).Text;
        Assert.DoesNotContain("password", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("You can sign in with zoe@", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Use this email address", text, StringComparison.Ordinal);
    }
}
