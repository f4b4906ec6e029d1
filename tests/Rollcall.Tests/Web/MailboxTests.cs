using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Web;

public sealed class MailboxTests(TheApp app)
{
    [Fact]
    public async Task Every_message_can_be_read_a_page_at_a_time_and_those_to_one_address_alone()
    {
        await using var host = await app.StartAsync([]);
        var to = Some.Email();
        await host.InDbAsync(db =>
            db.Database.ExecuteSqlAsync(
                $"""
                insert into mailbox
                  (id, message_id, to_address, from_address, reply_to, subject, text_body, html_body, sent_at, channel)
                select gen_random_uuid(), 'message ' || n,
                  case when n <= 201 then {to} else 'other' || n || '@example.org' end,
                  'f', 'r', 'Subject ' || n, 't', 'h', now() + n * interval '1 second', 'email'
                from generate_series(1, 450) n
                """
            )
        );

        Assert.Equal(
            Enumerable.Range(1, 450).Reverse().Select(n => $"Subject {n}"),
            await SubjectsAsync(host, "/dev/mailbox.json")
        );
        Assert.Equal(
            Enumerable.Range(1, 201).Reverse().Select(n => $"Subject {n}"),
            await SubjectsAsync(host, "/dev/mailbox.json?to=" + to.ToUpperInvariant())
        );
        Assert.Equal(["Subject 300"], await SubjectsAsync(host, "/dev/mailbox.json?to=other300@example.org"));
        Assert.Equal([], await SubjectsAsync(host, "/dev/mailbox.json?to=unknown@example.org"));

        var page = await host.Client().GetAsync("/dev/mailbox?to=" + to);
        Assert.Equal(("Mailbox", "Subject 201"), (page.Heading, page.Text("tbody td")));
        Assert.Equal(["Subject 1"], (await page.FollowAsync("Next page")).Texts("tbody td:first-child"));
        Assert.Equal(
            3,
            (await host.Client().GetAsync("/dev/mailbox")).Document.QuerySelectorAll("li.govuk-pagination__item").Length
        );
    }

    /// <summary>Of every page, as the header Link leads on.</summary>
    private static async Task<List<string>> SubjectsAsync(Instance host, string path)
    {
        using var client = host.Client();
        var subjects = new List<string>();
        for (string? at = path; at is not null; )
        {
            using var response = await client.RawAsync(new(HttpMethod.Get, at));
            using var page = JsonDocument.Parse(
                await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)
            );
            subjects.AddRange(
                page.RootElement.EnumerateArray().Select(message => message.GetProperty("subject").GetString()!)
            );
            at = response.Headers.TryGetValues("Link", out var links) ? links.Single().Split('<', '>')[1] : null;
        }

        return subjects;
    }
}
