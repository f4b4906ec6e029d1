using System.Globalization;
using System.Text.Encodings.Web;
using System.Xml.Linq;
using QRCoder;
using Rollcall.Security;

namespace Rollcall.Tests.Security;

public sealed class QrCodeTests
{
    private const string Address =
        "otpauth://totp/Publish%20courses:zoe%40hillview.example"
        + "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Publish%20courses";

    private static XElement Drawn(string text, string name)
    {
        using var writer = new StringWriter();
        QrCode.Svg(text, name).WriteTo(writer, HtmlEncoder.Default);
        return XElement.Parse(writer.ToString());
    }

    [Fact]
    public void Trust39_The_picture_has_every_dark_square_of_the_code_and_no_other_and_a_quiet_margin_of_four()
    {
        var svg = Drawn(Address, "QR code");
        var drawn = svg.Elements()
            .Single(e => e.Name.LocalName == "path")
            .Attribute("d")!
            .Value.Split('M', StringSplitOptions.RemoveEmptyEntries)
            .Select(square => square.Split('h')[0].Split(' '))
            .Select(at =>
                (X: int.Parse(at[0], CultureInfo.InvariantCulture), Y: int.Parse(at[1], CultureInfo.InvariantCulture))
            )
            .ToHashSet();
        using var code = QRCodeGenerator.GenerateQrCode(Address, QRCodeGenerator.ECCLevel.M);
        var size = code.ModuleMatrix.Count;
        var dark =
            from y in Enumerable.Range(0, size)
            from x in Enumerable.Range(0, size)
            where code.ModuleMatrix[y][x]
            select (x, y);
        Assert.Equal([.. dark.Order()], drawn.Order());
        Assert.Equal(
            ((4, 4), (size - 5, size - 5)),
            ((drawn.Min(s => s.X), drawn.Min(s => s.Y)), (drawn.Max(s => s.X), drawn.Max(s => s.Y)))
        ); // ISO/IEC 18004
        Assert.Equal($"0 0 {size} {size}", svg.Attribute("viewBox")!.Value);
    }

    [Fact]
    public void Trust56_It_has_a_name_and_nothing_that_the_policy_of_the_page_forbids()
    {
        var svg = Drawn(Address, "<Code> of \"Zoë\" & co");
        Assert.Equal(
            ("img", "<Code> of \"Zoë\" & co"),
            (svg.Attribute("role")!.Value, svg.Attribute("aria-label")!.Value)
        );
        Assert.All(svg.DescendantsAndSelf(), e => Assert.Contains(e.Name.LocalName, (string[])["svg", "rect", "path"]));
        Assert.All(
            svg.DescendantsAndSelf().Attributes(),
            a => Assert.DoesNotMatch("^(style|class|href|on.*)$", a.Name.LocalName)
        );
    }
}
