using System.Net;
using Microsoft.EntityFrameworkCore;
using Rollcall.History;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.TermsAndConditions;

/// <summary>Support publishes terms, and no published version is ever lost.</summary>
public sealed class PublishTests(TheApp app)
{
    private static Dictionary<string, string> Text(string markdown) =>
        new(StringComparer.Ordinal) { ["Markdown"] = markdown };

    private static async Task<Page> CheckAsync(Client support, string markdown) =>
        await (await support.GetAsync("/terms/publish")).SubmitAsync("Continue", Text(markdown));

    [Fact]
    public async Task S4_12_Support_checks_and_publishes_and_old_versions_stay_readable()
    {
        await using var host = await app.StartAsync([]);
        var support = await host.SupportAsync();
        var none = await support.GetAsync("/terms/versions");
        Assert.Contains("There are no terms and conditions yet", none.Text(), StringComparison.Ordinal);
        var check = await (await none.FollowAsync("Publish a new version")).SubmitAsync(
            "Continue",
            Text("# One\r\n\r\nBe kind.")
        );
        Assert.Equal(["One"], check.Texts("main h2"));
        Assert.Equal(0, await host.InDbAsync(db => db.TermsVersions.CountAsync())); // nothing before it is confirmed
        var change = await check.FollowAsync("Change the text");
        Assert.Equal("# One\n\nBe kind.", change.Document.QuerySelector("textarea")!.TextContent);
        var list = await (await change.SubmitAsync("Continue", Text("# Uno\n\nBe kind."))).SubmitAsync("Publish");
        Assert.StartsWith("The new version has been published.", list.Banner, StringComparison.Ordinal);
        // support staff too
        Assert.Equal("Accept the terms and conditions", (await support.GetAsync("/organisations")).Heading);
        await (await support.GetAsync("/")).SubmitAsync("Accept and continue");

        await (await CheckAsync(support, "# Two")).SubmitAsync("Publish");
        await (await support.GetAsync("/")).SubmitAsync("Accept and continue");
        var versions = await support.GetAsync("/terms/versions");
        Assert.Equal(["Version 2 (current)", "Version 1"], versions.Texts("tbody tr td:first-child"));
        var old = await versions.FollowAsync("Version 1");
        Assert.Equal(["Uno"], old.Texts("main h2"));
        Assert.Contains("1 person has accepted it", old.Text(), StringComparison.Ordinal);
        Assert.Contains("Two", (await host.Client().GetAsync("/terms")).Texts("main h2"));
        var events = await host.InDbAsync(db =>
            db.AuditEvents.Where(e => e.Kind == Event.KindOf<TermsPublished>())
                .OrderBy(e => e.Id)
                .Select(e => e.Data)
                .ToListAsync()
        );
        Assert.Equal(2, events.Count);
        Assert.Contains("\"version\": 2", events[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_text_that_cannot_be_published_is_refused_beside_the_field_and_nothing_that_was_typed_is_lost()
    {
        await using var host = await app.StartAsync([]);
        await AcceptTests.PublishAsync(host, "Be kind.");
        var support = await host.SupportAsync();
        await (await support.GetAsync("/")).SubmitAsync("Accept and continue");
        foreach (
            var (text, error) in new[]
            {
                (" \r\n\t\u200B", "Enter the text of the terms and conditions"),
                ("\r\nBe kind. \n", Terms.SameText),
                (new string('x', 9_000), null!),
                (
                    string.Concat(Enumerable.Repeat(new string('x', 9_000) + "\n\n", 12)),
                    "The terms and conditions must be 100,000 characters or fewer"
                ),
                (
                    new string('x', 10_001),
                    "A paragraph must be 10,000 characters or fewer. Put an empty line between paragraphs"
                ),
                (new string('[', 9_000), "Lists, quotations and links must not be nested so deeply"),
            }
        )
        {
            var page = await CheckAsync(support, text);
            Assert.Equal(error is null ? [] : [error], page.Errors);
            if (error is not null && !string.IsNullOrWhiteSpace(text.Trim('\u200B')))
            {
                Assert.Equal(
                    text.ReplaceLineEndings("\n").Trim(),
                    page.Document.QuerySelector("textarea")!.TextContent.ReplaceLineEndings("\n").Trim()
                );
            }
        }
        Assert.Equal(1, await host.InDbAsync(db => db.TermsVersions.CountAsync()));
    }

    [Fact]
    public async Task Trust58_Text_with_characters_that_are_none_is_kept_without_them()
    {
        var (text, error) = TermsVersion.Check("a\0b\uD800c\u202Ed\r\n\r\n  - é\te\u0301\n");
        Assert.Equal(("abcd\n\n  - é\té", null), (text, error));
        Assert.Equal(text, TermsVersion.Check(text).Markdown);
        await Task.CompletedTask;
    }

    [Fact]
    public async Task J3_Confirming_twice_or_after_a_change_in_another_tab_publishes_what_was_shown_once()
    {
        await using var host = await app.StartAsync([]);
        var support = await host.SupportAsync();
        var check = await CheckAsync(support, "First.");
        await (await check.FollowAsync("Change the text")).SubmitAsync("Continue", Text("Second."));
        var shown = await check.SubmitAsync("Publish"); // as the first tab still shows it
        Assert.Contains("Second.", shown.Text(), StringComparison.Ordinal);
        Assert.Equal(0, await host.InDbAsync(db => db.TermsVersions.CountAsync()));
        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => shown.SubmitAsync("Publish")));
        Assert.Equal("Second.", await host.InDbAsync(db => db.TermsVersions.Select(t => t.Markdown).SingleAsync()));
        var back = await support.GetAsync(shown.Path);
        Assert.Equal(Links.TermsVersions, (await back.SubmitAsync("Accept and continue")).Path);
    }

    [Fact]
    public async Task R13_Twenty_who_publish_at_once_get_a_number_each()
    {
        await using var host = await app.StartAsync([]);
        var versions = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(i => AcceptTests.PublishAsync(host, $"Text {i}."))
        );
        Assert.Equal(20, versions.Select(v => v.Number).Distinct().Count());
        Assert.Equal(
            Enumerable.Range(1, 20),
            await host.InDbAsync(db => db.TermsVersions.OrderBy(t => t.Number).Select(t => t.Number).ToListAsync())
        );
        Assert.Equal(20, await host.InDbAsync(db => db.TermsVersions.Select(t => t.Markdown).Distinct().CountAsync()));
    }

    [Fact]
    public async Task R13_Of_two_who_publish_the_same_text_at_once_one_is_told_so()
    {
        await using var host = await app.StartAsync([]);
        var one = await CheckAsync(await host.SupportAsync(), "Same.");
        var other = await CheckAsync(await host.SupportAsync(), "Same.");
        await one.SubmitAsync("Publish");
        var asked = await other.SubmitAsync("Publish"); // the new version is to be accepted first
        await asked.SubmitAsync("Accept and continue");
        Assert.Equal([Terms.SameText], (await other.SubmitAsync("Publish")).Errors);
        Assert.Equal(1, await host.InDbAsync(db => db.TermsVersions.CountAsync()));
    }

    [Fact]
    public async Task Trust23_A_support_user_cannot_read_the_draft_of_another()
    {
        await using var host = await app.StartAsync([]);
        var check = await CheckAsync(await host.SupportAsync(), "Mine.");
        Assert.Equal(Links.PublishTerms(), (await (await host.SupportAsync()).GetAsync(check.Path)).Path);
        await (await host.SupportAsync()).GetAsync("/terms/versions/99", HttpStatusCode.NotFound);
    }
}
