namespace Rollcall.Tests.Web.GovUk;

/// <summary>The comparison that the fixtures rest on must be able to fail, and only for what matters.</summary>
public sealed class DomTests
{
    private const string Html = """
        <div class="one two" id="x">
          <p>Some words <a href="/y">here<span> and there</span></a></p>
          <input name="n" disabled>
        </div>
        """;

    [Theory]
    [InlineData("id=\"x\"", "id=\"z\"", "a changed attribute")]
    [InlineData(" disabled", "", "a missing attribute")]
    [InlineData("<input", "<input type=\"text\"", "an attribute too many")]
    [InlineData("one two", "one", "a missing class")]
    [InlineData("<input name=\"n\" disabled>", "", "a missing element")]
    [InlineData("</p>", "</p><hr>", "an element too many")]
    [InlineData("<p>", "<p><b>", "another nesting")]
    [InlineData("Some", "Other", "a changed word")]
    [InlineData("words <a", "words<a", "a missing space between words")]
    [InlineData("here<span> and", "here <span>and", "a space outside a link's hidden words")]
    [InlineData("p>", "div>", "another element")]
    public void A_planted_difference_is_found(string from, string to, string what)
    {
        var difference = Dom.Difference(Html, Html.Replace(from, to, StringComparison.Ordinal));
        Assert.True(difference is not null, what);
        Assert.Contains("  - ", difference, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("one two", "two  one")]
    [InlineData("class=\"one two\" id=\"x\"", "id='x' class='one two'")]
    [InlineData("<p>Some", "<p>\n    Some")]
    [InlineData("</p>\n", "</p>")]
    [InlineData("there</span></a></p>", "there</span> </a>\n</p>")]
    [InlineData("words <a", "words\n\n  <a")]
    public void What_no_reader_sees_is_no_difference(string from, string to) =>
        Assert.Null(Dom.Difference(Html, Html.Replace(from, to, StringComparison.Ordinal)));

    [Fact]
    public void Line_breaks_that_a_user_typed_are_kept() =>
        Assert.NotNull(Dom.Difference("<textarea>a\nb</textarea>", "<textarea>a b</textarea>"));
}
