using System.Globalization;
using Rollcall.Addresses;

namespace Rollcall.Tests.Addresses;

/// <summary>When two spellings are one address, and which domains an address belongs to.</summary>
public class EmailAddressEqualityTests
{
    [Theory]
    [InlineData("A@X.COM", "a@x.com")]
    [InlineData("Info@EXAMPLE.com", "iNFO@example.COM")]
    [InlineData("a@例え.テスト", "a@xn--r8jz45g.xn--zckzah")]
    [InlineData("a@VERMÖGEN.de", "a@vermögen.de")]
    [InlineData("a@vermo\u0308gen.de", "a@verm\u00F6gen.de")]
    [InlineData(" a@x.com\u200B", "a@x.com")]
    public void Trust59_One_address_in_two_spellings_is_equal(string one, string other)
    {
        Assert.Equal(Parse(one).Key, Parse(other).Key);
        Assert.Equal(Parse(one), Parse(other));
        Assert.Equal(Parse(one).GetHashCode(), Parse(other).GetHashCode());
    }

    [Theory]
    [InlineData("a+b@gmail.com", "a@gmail.com")]
    [InlineData("a.b@gmail.com", "ab@gmail.com")]
    [InlineData("a@straße.de", "a@strasse.de")]
    [InlineData("a@ı.com", "a@i.com")]
    [InlineData("a@x.com", "a@x.co")]
    public void Trust59_Two_addresses_are_not_merged(string one, string other) =>
        Assert.NotEqual(Parse(one), Parse(other));

    [Theory]
    [InlineData("straße@x.com")]
    [InlineData("ı@x.com")]
    [InlineData("İ@x.com")]
    [InlineData("\u212A@x.com")]
    [InlineData("a@\u212Aelvin.com")]
    [InlineData("a@ｅxample.com")]
    [InlineData("a@ﬁ.com")]
    public void Trust59_Letters_that_would_fold_into_ascii_are_rejected(string typed) =>
        Assert.False(EmailAddress.TryParse(typed, out _));

    [Theory]
    [InlineData("xn--dca")] // É, which is é
    [InlineData("xn--e-xbb")] // e and a combining accent
    [InlineData("xn--jm6c")] // the ligature fi
    [InlineData("xn--mi7c")] // a full-width a
    [InlineData("xn--kba")] // a soft hyphen
    [InlineData("xn--tda610n")] // ü and a zero-width space
    public void Trust59_Punycode_that_spells_a_domain_in_a_second_way_is_rejected(string label) =>
        Assert.False(EmailAddress.TryParse($"a@{label}.com", out _));

    [Fact]
    public void A_A_Turkish_server_reads_the_same_address()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("tr-TR");
            Assert.Equal("info@istanbul.com", Parse("INFO@ISTANBUL.COM").Key);
            Assert.Null(EmailAddress.Check("a@MAIL.INFO.com", ["INFO.COM"]).Address);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Theory]
    [InlineData("a@gmail.com", true)]
    [InlineData("a@GMAIL.com", true)]
    [InlineData("a@mail.gmail.com", true)]
    [InlineData("a@notgmail.com", false)]
    [InlineData("a@gmail.com.example.org", false)]
    [InlineData("a@BÜCHER.de", true)]
    [InlineData("a@xn--bcher-kva.de", true)]
    [InlineData("a@example.ru", true)]
    public void S1_25_Blocks_the_listed_domains_and_their_sub_domains(string typed, bool blocked) =>
        Assert.Equal(blocked, EmailAddress.Check(typed, ["Gmail.Com", "bücher.de", "@.RU", " "]).Address is null);

    [Fact]
    public void S1_25_A_blocked_domain_is_an_error_that_names_the_rule()
    {
        Assert.Equal(
            (null, "Enter an email address that does not end in gmail.com"),
            EmailAddress.Check("a@mail.Gmail.com", ["hotmail.com", "gmail.com"])
        );
        Assert.Null(EmailAddress.Check("a@gmail.com").Error);
        Assert.Equal(EmailAddress.WrongFormat, EmailAddress.Check("gmail.com", ["gmail.com"]).Error);
    }

    private static EmailAddress Parse(string typed) =>
        EmailAddress.TryParse(typed, out var address) ? address : throw new FormatException(typed);
}
