namespace Rollcall.Tests.Web.GovUk;

/// <summary>The patterns of https://design-system.service.gov.uk/components/pagination/</summary>
public sealed class PaginationTests
{
    [Theory]
    [InlineData(1, 10, "[1] 2 … 10 >")]
    [InlineData(2, 10, "< 1 [2] 3 … 10 >")]
    [InlineData(3, 10, "< 1 2 [3] 4 … 10 >")]
    [InlineData(4, 10, "< 1 2 3 [4] 5 … 10 >")]
    [InlineData(5, 10, "< 1 … 4 [5] 6 … 10 >")]
    [InlineData(6, 10, "< 1 … 5 [6] 7 … 10 >")]
    [InlineData(7, 10, "< 1 … 6 [7] 8 9 10 >")]
    [InlineData(8, 10, "< 1 … 7 [8] 9 10 >")]
    [InlineData(9, 10, "< 1 … 8 [9] 10 >")]
    [InlineData(10, 10, "< 1 … 9 [10]")]
    [InlineData(1, 40, "[1] 2 … 40 >")]
    [InlineData(2, 40, "< 1 [2] 3 … 40 >")]
    [InlineData(20, 40, "< 1 … 19 [20] 21 … 40 >")]
    [InlineData(37, 40, "< 1 … 36 [37] 38 39 40 >")]
    [InlineData(40, 40, "< 1 … 39 [40]")]
    [InlineData(1, 100, "[1] 2 … 100 >")]
    [InlineData(4, 100, "< 1 2 3 [4] 5 … 100 >")]
    [InlineData(5, 100, "< 1 … 4 [5] 6 … 100 >")]
    [InlineData(98, 100, "< 1 … 97 [98] 99 100 >")]
    [InlineData(99, 100, "< 1 … 98 [99] 100 >")]
    [InlineData(1, 2, "[1] 2 >")]
    [InlineData(1, 1, "")]
    [InlineData(1, 0, "")]
    [InlineData(99, 3, "< 1 2 [3]")]
    public async Task Pages_are_linked_as_the_guidance_asks(int current, int pages, string expected)
    {
        var page = new Specimen();
        page.Model.CurrentPage = current;
        page.Model.PageCount = pages;
        var section = await page.Section("pagination");
        var items = section
            .QuerySelectorAll("nav > div, nav li")
            .Select(item =>
                item.ClassList.Contains("govuk-pagination__prev") ? "<"
                : item.ClassList.Contains("govuk-pagination__next") ? ">"
                : item.QuerySelector("[aria-current=page]") is not null ? $"[{Specimen.Words(item)}]"
                : Specimen.Words(item).Replace('⋯', '…')
            );

        Assert.Equal(expected, string.Join(' ', items));
        foreach (var link in section.QuerySelectorAll("li a"))
        {
            Assert.Equal($"?page={Specimen.Words(link)}&q=a", link.GetAttribute("href"));
            Assert.Equal($"Page {Specimen.Words(link)}", link.GetAttribute("aria-label"));
        }
    }
}
