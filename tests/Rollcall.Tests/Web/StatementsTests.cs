using Rollcall.Tests.Support;

namespace Rollcall.Tests.Web;

/// <summary>The privacy notice and the accessibility statement say what is true of this deployment.</summary>
public sealed class StatementsTests(TheApp app)
{
    private static readonly string[] Kept =
    [
        "name",
        "email address",
        "mobile phone number",
        "organisations",
        "role",
        "password",
        "passkeys",
        "terms",
        "IP address",
        "browser",
        "wrong ones",
        "emails",
        "whether they were sent",
        "Lists",
        "Forms you started",
        "cookie in your browser",
    ];

    [Fact]
    public async Task The_privacy_notice_says_what_is_kept_why_how_long_and_what_ones_rights_are()
    {
        var page = await app.Client().GetAsync("/privacy");
        var rows = page
            .Document.QuerySelectorAll("tbody tr")
            .Select(row => row.QuerySelectorAll("td").Select(cell => Page.Squish(cell.TextContent)).ToArray())
            .ToList();
        Assert.All(rows, row => Assert.All(row, cell => Assert.NotEmpty(cell)));
        var what = string.Join('\n', rows.Select(row => row[0]));
        Assert.All(Kept, kept => Assert.Contains(kept, what, StringComparison.Ordinal));
        var text = page.Text();
        foreach (
            var words in new[]
            {
                "controller of your personal data",
                "last signed in",
                "whether we have sent your invitation to their organisation, and when",
                "whether you have not signed in for 6 months or longer",
                "People who manage users at your organisation can see:",
                "including in a format another service can use",
                "limit how we use it, or stop using it",
                "how and when you signed in",
                "the emails we have sent you, and what has been changed about you anywhere",
                "wrong attempts to sign in",
                "give you a copy",
                "correct it",
                "delete it",
                "Information Commissioner’s Office",
            }
        )
        {
            Assert.Contains(words, text, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("delivered", text, StringComparison.Ordinal); // we do not know
        Assert.Contains(rows, row => row[2] == "180 days after you last signed in there");
        Assert.Contains(rows, row => row[2] == "7 years"); // the record
        Assert.Contains(rows, row => row[2] == "90 days after we send them");
    }

    [Fact]
    public async Task How_long_who_and_their_own_words_are_settings()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(
            file,
            "# Why we may\n\nIt is our **public task**. <script>alert(1)</script>",
            TestContext.Current.CancellationToken
        );
        await using var host = await app.StartAsync(
            new()
            {
                ["Rollcall:RunBy"] = "Department for Examples",
                ["Rollcall:Privacy:ContactEmail"] = "dpo@example.org",
                ["Rollcall:Privacy:File"] = file,
                ["Rollcall:Retention:Messages"] = "30",
                ["Rollcall:Retention:Audit"] = "",
                ["Rollcall:Retention:Sessions"] = "2",
                ["Rollcall:Retention:Drafts"] = "3",
                ["Rollcall:Retention:Lists"] = "400",
                ["Rollcall:ReviewAfterMonths"] = "1",
                ["Rollcall:AskForMobile"] = "false",
                ["Rollcall:Email:Sender"] = "Smtp", // the mailbox takes text messages too
                ["Rollcall:Email:From"] = "rollcall@example.org",
                ["Rollcall:Email:Smtp:Host"] = "127.0.0.1",
            }
        );
        File.Delete(file); // read once, at the start
        var page = await host.Client().GetAsync("/privacy");
        var text = page.Text();
        foreach (
            var words in new[]
            {
                "Department for Examples runs Rollcall",
                "dpo@example.org",
                "Why we may",
                "public task",
                "<script>",
                "30 days after we send them",
                "not signed in for 1 month or longer",
                "For as long as the service runs",
                "2 days after you sign in",
                "3 days after",
                "400 days after",
            }
        )
        {
            Assert.Contains(words, text, StringComparison.Ordinal);
        }

        Assert.Equal(
            "strong",
            page.Document.QuerySelectorAll("main p *").First(e => e.TextContent == "public task").LocalName
        );
        Assert.Null(page.Document.QuerySelector("main script"));
        Assert.DoesNotContain("mobile", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_privacy_notice_says_what_GOV_UK_Notify_is_given()
    {
        await using var host = await app.StartAsync(
            new()
            {
                ["Rollcall:Notify:ApiKey"] = $"test-{Guid.NewGuid()}-{Guid.NewGuid()}",
                ["Rollcall:Notify:TextTemplate"] = Guid.NewGuid().ToString(),
            }
        );
        Assert.Contains(
            "GOV.UK Notify sends our text messages. We give it your mobile phone number to do this.",
            (await host.Client().GetAsync("/privacy")).Text(),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task The_accessibility_statement_has_what_the_model_statement_must_have_and_claims_nothing()
    {
        var page = await app.Client().GetAsync("/accessibility");
        Assert.Equal(
            [
                "How accessible this website is",
                "Feedback and contact information",
                "Enforcement procedure",
                "Technical information about this website’s accessibility",
                "Compliance status",
                "Preparation of this accessibility statement",
            ],
            page.Texts("main h2, main h3")
        );
        var text = page.Text();
        foreach (
            var words in new[]
            {
                "This accessibility statement applies to",
                "Equality and Human Rights Commission (EHRC) is responsible for enforcing",
                "Equality Advisory and Support Service",
                "is committed to making its website accessible, in accordance with the Public Sector "
                    + "Bodies (Websites and Mobile Applications) (No. 2) Accessibility Regulations 2018",
                "has not been audited",
                "get back to you in 10 working days",
            }
        )
        {
            Assert.Contains(words, text, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("compliant with", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_an_audit_found_is_a_setting()
    {
        await using var host = await app.StartAsync(
            new()
            {
                ["Rollcall:RunBy"] = "Department for Examples",
                ["Rollcall:Accessibility:Compliance"] = "Partial",
                ["Rollcall:Accessibility:Problems:0"] =
                    "The QR code has no text alternative. This fails WCAG 2.2 success criterion 1.1.1.",
                ["Rollcall:Accessibility:PreparedOn"] = "2026-10-01",
                ["Rollcall:Accessibility:ReviewedOn"] = "2026-11-14",
                ["Rollcall:Accessibility:TestedOn"] = "2026-09-30",
                ["Rollcall:Accessibility:TestedBy"] = "Example Audits",
            }
        );
        var page = await host.Client().GetAsync("/accessibility");
        Assert.Contains("Non-accessible content", page.Texts("main h2"));
        foreach (
            var words in new[]
            {
                "This website is run by Department for Examples",
                "partially compliant with the Web Content Accessibility Guidelines version 2.2 AA "
                    + "standard, due to the non-compliances listed below",
                "success criterion 1.1.1",
                "prepared on 1 October 2026. It was last reviewed on 14 November 2026",
                "last tested on 30 September 2026",
                "carried out by Example Audits",
            }
        )
        {
            Assert.Contains(words, page.Text(), StringComparison.Ordinal);
        }
    }
}
