using AngleSharp.Dom;

namespace Rollcall.Tests.Support;

/// <summary>
/// Rules for every page, applied to each page that a <see cref="Client"/> gets, so that a new page needs no new test.
/// </summary>
internal static class HouseRules
{
    private static readonly string[] Unwelcome =
    [
        "please",
        "oops",
        "forbidden",
        "this field is required",
        "e.g.",
        "i.e.",
        "can't",
        "don’t",
        "don't",
        "can’t",
        "won’t",
        "log in",
        "login",
        "sign up",
        "somebody",
        "everybody",
        "nobody",
        "whoever",
        "meanwhile",
        "any more",
    ];

    private static readonly string[] MayBeEmpty =
    [
        "value",
        "alt",
        "novalidate",
        "hidden",
        "checked",
        "selected",
        "disabled",
        "multiple",
        "open",
        "default",
    ];

    public static void Check(Page page)
    {
        var document = page.Document;
        void Rule(bool holds, string rule)
        {
            if (!holds) // only then is the page written out
            {
                Assert.Fail($"{page.Path}: {rule}\n{document.DocumentElement.OuterHtml}");
            }
        }

        Headers(page);
        Rule(document.QuerySelectorAll("h1").Length == 1, "U1: one h1");
        Rule(
            document.Title!.EndsWith(" – Rollcall", StringComparison.Ordinal),
            $"U1: the title ends with the service's name: {document.Title}"
        );
        var heading = Page.Squish(
            string.Concat(
                document
                    .QuerySelector("h1")!
                    .ChildNodes.Where(n => n is not IElement { ClassName: "govuk-caption-l" })
                    .Select(n => n.TextContent)
            )
        );
        Rule(
            document
                .Title.Replace("Error: ", "", StringComparison.Ordinal)
                .StartsWith(heading, StringComparison.Ordinal),
            $"U1: the title begins with the heading: {document.Title}"
        );
        Rule(
            page.Errors.Count > 0 == document.Title.StartsWith("Error: ", StringComparison.Ordinal),
            "U1: the title of a page with errors begins with Error, and only then"
        );
        Rule(page.Errors.Count == 0 || page.Banner is null, "U2: no banner beside an error summary");
        Rule(
            document.QuerySelectorAll("form").All(f => f.HasAttribute("novalidate")),
            "U3: the browser does not validate"
        );
        Rule(document.QuerySelectorAll("[required]").Length == 0, "U3: no required attributes");
        Rule(
            document
                .QuerySelectorAll("form")
                .All(f =>
                    f.GetAttribute("action") is ['/', ..] action && !action.Contains('#', StringComparison.Ordinal)
                ),
            "every form has an address, without a fragment"
        );
        Rule(
            document
                .QuerySelectorAll("*")
                .All(e =>
                    e.Attributes.All(a =>
                        a.Value.Length > 0
                        || MayBeEmpty.Contains(a.Name)
                        || a.Name.StartsWith("data-", StringComparison.Ordinal)
                    )
                ),
            "no empty attribute"
        );
        Rule(
            document.QuerySelectorAll(".govuk-button:not(.govuk-button--secondary):not(.govuk-button--warning)").Length
                <= 1,
            "U7: one primary button"
        );
        Rule(
            document.QuerySelector(".govuk-back-link") is null || document.QuerySelector(".govuk-breadcrumbs") is null,
            "U6: a back link or breadcrumbs, not both"
        );
        Rule(document.QuerySelector("main .govuk-back-link") is null, "U6: the back link stands before main");
        if (document.QuerySelector(".govuk-notification-banner--success") is { } banner)
        {
            Rule(
                banner.CompareDocumentPosition(document.QuerySelector("h1")!).HasFlag(DocumentPositions.Following),
                "U9, S1-6: the banner stands above the heading"
            );
        }

        var ids = document.QuerySelectorAll("[id]").Select(e => e.Id).ToList();
        Rule(ids.Distinct(StringComparer.Ordinal).Count() == ids.Count, "no id twice");
        foreach (var link in document.QuerySelectorAll(".govuk-error-summary__list a"))
        {
            Rule(
                document.GetElementById(link.GetAttribute("href")![1..]) is not null,
                $"U2: the error summary links to a field: {link.GetAttribute("href")}"
            );
        }

        Rule(
            document
                .QuerySelectorAll("form[method=post]")
                .All(f => f.QuerySelector("input[name=__RequestVerificationToken]") is not null),
            "J3: every form has its token"
        );
        Rule(
            document
                .QuerySelectorAll("a[href]")
                .All(a => a.GetAttribute("href")!.Length > 1 || a.GetAttribute("href") == "/"),
            "S0-4: every link leads somewhere"
        );
        Rule(
            document.QuerySelectorAll("main a[href], main button, .govuk-breadcrumbs a, .govuk-back-link").Length > 0,
            "S0-4: a next step"
        );
        var words = page.Text("main").ToLowerInvariant();
        foreach (var word in Unwelcome)
        {
            Rule(!words.Contains(word, StringComparison.Ordinal), $"U4, C5: says “{word}”");
        }

        Rule(
            !document.DocumentElement.OuterHtml.Contains("GDS Transport", StringComparison.Ordinal)
                && document.QuerySelector(".govuk-logo, .govuk-header__logotype") is null,
            "C6: no GOV.UK branding"
        );
        foreach (var element in document.QuerySelectorAll("*"))
        {
            Rule(
                !element.LocalName.StartsWith("govuk-", StringComparison.Ordinal),
                $"<{element.LocalName}> was not rendered"
            );
        }
    }

    private static void Headers(Page page)
    {
        string Header(string name) =>
            page.Response.Headers.TryGetValues(name, out var values)
            || page.Response.Content.Headers.TryGetValues(name, out values)
                ? string.Join(", ", values)
                : "";
        Assert.Contains("default-src 'none'", Header("Content-Security-Policy"), StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", Header("Content-Security-Policy"), StringComparison.Ordinal);
        Assert.Equal("nosniff", Header("X-Content-Type-Options"));
        Assert.Equal("no-referrer", Header("Referrer-Policy"));
        Assert.Contains("no-store", Header("Cache-Control"), StringComparison.Ordinal);
        Assert.Equal("same-origin", Header("Cross-Origin-Opener-Policy"));
        Assert.StartsWith("max-age=31536000", Header("Strict-Transport-Security"), StringComparison.Ordinal);
        Assert.Equal("", Header("Server"));
    }
}
