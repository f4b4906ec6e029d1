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

    private static readonly Dictionary<string, (Email Email, Action<RollcallOptions>? Setting)> Variants = new(StringComparer.Ordinal)
    {
        ["Added-by-support"] = (new Added(School, "Hillview School", null) { FirstName = "Zoë", LastName = "O’Brien", InvitationId = School, Until = PostOffice.Now.AddDays(7) }, null),
        ["Added-to-manage-without-limit"] = (new Added(School, "Hillview School", null) { FirstName = "Zoë", LastName = "O’Brien", InvitationId = School, ManagesUsers = true }, null),
        ["Added-before-links"] = (new Added(School, "Hillview School", null), null),
        ["Added-by-admin-no-name-no-purpose"] = (new Added(School, "Hillview School", "Nguyễn Thị Li"), o => o.ServicePurpose = ""),
        ["Added-on-test"] = (new Added(School, "Hillview School", null) { FirstName = "Zoë", LastName = "O’Brien" }, o => o.EnvironmentLabel = "Test"),
        ["AddedToAnother-by-support"] = (new AddedToAnother(School, "Hillview School", null) { FirstName = "Zoë", LastName = "O’Brien" }, null),
        ["AddedToAnother-by-admin"] = (new AddedToAnother(School, "Hillview School", "Jean-Luc d’Arc") { FirstName = "Zoë", LastName = "O’Brien" }, null),
        ["Reminder"] = (new Reminder("Hillview School", School, PostOffice.Now.AddDays(2)) { FirstName = "Zoë", LastName = "O’Brien" }, null),
        ["Removed"] = (new Removed("Hillview School", EverSignedIn: true) { FirstName = "Zoë", LastName = "O’Brien" }, null),
        ["Removed-never-signed-in"] = (new Removed("Hillview School", EverSignedIn: false), null),
        ["DetailsChanged-all-by-support"] = (new DetailsChanged("Zoë", "O’Brien", To, null) { FirstName = "Zoë", LastName = "O’Brien" }, null),
        ["DetailsChanged-name-by-organisation"] = (new DetailsChanged("Zoë", null, null, "Hillview School") { FirstName = "Zoë", LastName = "O’Brien" }, null),
        ["Welcome"] = (new Welcome("Hillview School, Ysgol Gŵyr") { FirstName = "Zoë", LastName = "O’Brien" }, null),
        ["Welcome-support"] = (new Welcome(null), null),
        ["ResetPassword"] = (new ResetPassword(School, PostOffice.Now.AddHours(1)) { FirstName = "Zoë", LastName = "O’Brien" }, null),
        ["ResetPassword-without-password"] = (new ResetPassword(null, PostOffice.Now.AddHours(1)), null),
        ["SignInChanged-password"] = (new SignInChanged(SignInChange.Password) { FirstName = "Zoë", LastName = "O’Brien" }, null),
        ["SignInChanged-recovery-code"] = (new SignInChanged(SignInChange.RecoveryCodeUsed), null),
        ["PasskeyChanged-added"] = (new PasskeyChanged("Zoë’s phone", Removed: false) { FirstName = "Zoë", LastName = "O’Brien" }, null),
        ["PasskeyChanged-removed"] = (new PasskeyChanged("Zoë’s phone", Removed: true), null),
        ["SupportAdded"] = (new SupportAdded { FirstName = "Zoë", LastName = "O’Brien", InvitationId = School, Until = PostOffice.Now.AddDays(7) }, null),
        ["SupportAdded-without-name-or-limit"] = (new SupportAdded { InvitationId = School }, null),
        ["SupportAdded-with-an-account"] = (new SupportAdded { FirstName = "Zoë", LastName = "O’Brien" }, null),
        ["SupportRemoved"] = (new SupportRemoved(EverSignedIn: true) { FirstName = "Zoë", LastName = "O’Brien" }, null),
        ["SupportRemoved-never-signed-in"] = (new SupportRemoved(EverSignedIn: false), null),
        ["ConfirmAddress"] = (new ConfirmAddress(School, PostOffice.Now.AddDays(1), "Zoë O’Brien", "zoe@old.example"), null),
        ["ProviderConnected"] = (new ProviderConnected("DfE Sign-in") { FirstName = "Zoë", LastName = "O’Brien" }, null),
        ["SignInChanged-by-support"] = (new SignInChanged(SignInChange.SecondFactorsReset), null),
        ["SignInChanged-identity"] = (new SignInChanged(SignInChange.IdentityUnlinked), null),
        ["AddressChangeAsked"] = (new AddressChangeAsked("zoe.obrien@example.org") { FirstName = "Zoë", LastName = "O’Brien" }, null),
        ["Merged-kept"] = (new Merged("z•••@old.example", Kept: true) { FirstName = "Zoë", LastName = "O’Brien" }, null),
        ["Merged-given-up"] = (new Merged("z•••@new.example", Kept: false), null),
        ["AddressChanged"] = (new AddressChanged { FirstName = "Zoë", LastName = "O’Brien" }, null),
    };

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
        var pieces = new HtmlParser().ParseDocument(email.Html).QuerySelectorAll("body h2, body p, body li").Select(e => e.TextContent);
        var lines = email.Text.Split('\n').Where(line => line.Trim('-').Length > 0);
        Assert.Equal(lines, pieces, StringComparer.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void C3_The_HTML_has_a_language_no_pictures_no_tracking_and_links_shown_in_full(string name)
    {
        var page = new HtmlParser(new HtmlParserOptions { IsStrictMode = true }).ParseDocument(Render(name).Html);
        Assert.Equal("en", page.DocumentElement.GetAttribute("lang"));
        Assert.Equal(Render(name).Subject, page.Title);
        Assert.Empty(page.QuerySelectorAll("img, script, link, iframe, form, [src], [background], [onclick]"));
        foreach (var link in page.QuerySelectorAll("a"))
        {
            Assert.Equal(link.TextContent, link.GetAttribute("href"));
            Assert.StartsWith("https://publish.example/", link.TextContent, StringComparison.Ordinal);
        }
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
    public void S0_3_S0_10_S1_26_S1_31_S2_13_An_added_person_learns_where_by_whom_and_which_address_to_use(string name, string addedBy)
    {
        var text = Render(name).Text;
        Assert.Contains("Hillview School", Render(name).Subject, StringComparison.Ordinal);
        Assert.Contains(addedBy, text, StringComparison.Ordinal);
        Assert.Contains("Use the address this email was sent to: zoe@example.com.", text, StringComparison.Ordinal);
        Assert.Matches(name == "Added-by-support" ? "https://publish.example/register/[0-9a-z]{32}\n" : $"https://publish.example/organisations/{School}\n", text);
        Assert.Contains("If you were not expecting this email, you can ignore it.", text, StringComparison.Ordinal);
    }

    [Fact]
    public void S0_1_The_only_link_of_an_added_email_is_to_this_service() =>
        Assert.Single(new HtmlParser().ParseDocument(Render("Added-by-support").Html).QuerySelectorAll("a"));

    [Fact]
    public void S0_11_The_purpose_of_the_service_is_told_when_the_deployment_names_one()
    {
        Assert.Contains("You can use Publish courses to publish teacher training courses.", Render("Added-by-support").Text, StringComparison.Ordinal);
        Assert.DoesNotContain("You can use", Render("Added-by-admin-no-name-no-purpose").Text, StringComparison.Ordinal);
    }

    [Fact]
    public void C3_The_greeting_is_by_first_and_last_name_when_known()
    {
        Assert.StartsWith("Dear Zoë O’Brien\n", Render("Added-by-support").Text, StringComparison.Ordinal);
        Assert.StartsWith("Hello\n", Render("Added-by-admin-no-name-no-purpose").Text, StringComparison.Ordinal);
    }

    [Fact]
    public void J8_Outside_production_the_subject_says_so() => Assert.StartsWith("[Test] You have", Render("Added-on-test").Subject, StringComparison.Ordinal);

    [Fact]
    public void S1_19_G11_The_removal_email_names_the_organisation()
    {
        Assert.Contains("removed from Hillview School", Render("Removed").Text, StringComparison.Ordinal);
        Assert.Contains("The invitation has been withdrawn.", Render("Removed-never-signed-in").Text, StringComparison.Ordinal);
    }

    [Fact]
    public void H6_The_notice_to_the_old_address_names_no_other()
    {
        var addresses = Address().Matches(Render("AddressChanged").Text + Render("AddressChanged").Html).Select(m => m.Value).Distinct(StringComparer.Ordinal);
        Assert.Equal(["help@publish.example", To], addresses.Order(StringComparer.Ordinal), StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("Acme\r\nYour account is suspended")]
    [InlineData("Acme</p><a href=\"https://evil.example\">Sign in</a>")]
    [InlineData("\"><img src=x>")]
    [InlineData("Acme\u2028\u202Eevil\0")]
    public void Trust14_B22_What_somebody_typed_stays_text_on_its_line(string hostile)
    {
        var email = Render(new Added(School, hostile, hostile) { FirstName = hostile, LastName = hostile }, null);
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

    [GeneratedRegex(@"\b(please|sorry|oops|valid|invalid|login|log in|sign up|e\.g|i\.e|null|\w+n[’']t|undefined|TODO|Rollcall)\b|\(\(|%s|\$\w", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Banned();

    [GeneratedRegex(@"[\w.+-]+@[\w.-]+\w", RegexOptions.NonBacktracking)]
    private static partial Regex Address();
}
