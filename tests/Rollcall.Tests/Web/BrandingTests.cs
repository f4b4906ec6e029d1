using System.Net;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Web;

public sealed class BrandingTests(TheApp app)
{
    private static async Task<(HttpStatusCode Status, string Text)> FetchAsync(Instance host, string path)
    {
        using var response = await host.Client().RawAsync(new(HttpMethod.Get, path));
        return (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task C6_The_crown_and_the_font_of_GOV_UK_are_served_only_where_a_setting_says_so()
    {
        var generic = await FetchAsync(app.Main, "/sign-in");
        foreach (var mark in new[] { "GOV.UK", "govuk-logo", "Crown copyright", "/govuk/" })
        {
            Assert.DoesNotContain(mark, generic.Text, StringComparison.Ordinal);
        }

        foreach (var file in new[] { "rollcall.css", "fonts/light-94a07e06a1-v2.woff2", "images/govuk-crest.svg" })
        {
            Assert.Equal(
                HttpStatusCode.NotFound,
                (await FetchAsync(app.Main, "/_content/Rollcall/govuk/" + file)).Status
            );
        }

        await using var govUk = await app.StartAsync(
            new() { ["Rollcall:Branding"] = "GovUk", ["Rollcall:ServiceName"] = "Publish teacher training courses" }
        );
        var page = await FetchAsync(govUk, "/sign-in");
        Assert.Contains(
            "<title>Sign in – Publish teacher training courses – GOV.UK</title>",
            page.Text,
            StringComparison.Ordinal
        );
        Assert.Contains("govuk-logo", page.Text, StringComparison.Ordinal);
        var styles = await FetchAsync(govUk, "/_content/Rollcall/govuk/rollcall.css");
        Assert.Equal(HttpStatusCode.OK, styles.Status);
        Assert.Contains("GDS Transport", styles.Text, StringComparison.Ordinal);
    }
}
