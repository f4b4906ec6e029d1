using System.Text;
using Rollcall.Addresses;

namespace Rollcall.Tests.Addresses;

public class PersonNameTests
{
    [Theory]
    [InlineData("O'Brien")]
    [InlineData("O’Brien")]
    [InlineData("Zoë")]
    [InlineData("Nguyễn")]
    [InlineData("Jean-Luc")]
    [InlineData("d'Arc")]
    [InlineData("Li")]
    [InlineData("X")]
    [InlineData("van der Berg")]
    [InlineData("محمد")]
    [InlineData("שָׂרָה")]
    [InlineData("علی\u200Cرضا")]
    [InlineData("ශ්\u200Dරී")]
    [InlineData("山田")]
    [InlineData("John 3")]
    [InlineData("Jr.")]
    [InlineData("St. John")]
    [InlineData("Mary J. Smith")]
    [InlineData("J.R.R.")]
    [InlineData("J.R.R")]
    [InlineData("Robert (Bob)")]
    [InlineData("Smith & Sons")]
    [InlineData("Ó Súilleabháin, Jr")]
    [InlineData("😀")]
    [InlineData("Null")]
    public void A_U14_Accepts_and_keeps(string name) =>
        Assert.Equal((name, null), PersonName.Check(name, PersonName.First));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("\t\r\n")]
    [InlineData("\u00A0\u2003\u3000")]
    [InlineData("\u200B\u200D\uFEFF")]
    [InlineData("\0\u0007")]
    [InlineData("\u3164")]
    [InlineData("\u202E")]
    public void S1_20_S1_21_Blank_is_missing(string? typed)
    {
        Assert.Equal((null, "Enter a first name"), PersonName.Check(typed, PersonName.First));
        Assert.Equal((null, "Enter a last name"), PersonName.Check(typed, PersonName.Last));
    }

    [Theory]
    [InlineData("  Zoë  ", "Zoë")]
    [InlineData("Zoe\u0308", "Zo\u00EB")]
    [InlineData("Zoe\u200B\u0308", "Zo\u00EB")]
    [InlineData("van \t der\r\n\u00A0 Berg", "van der Berg")]
    [InlineData("x\r\nBcc: y", "x Bcc: y")]
    [InlineData("Zo\u200De", "Zoe")]
    [InlineData("Ann\u00ADa", "Anna")]
    [InlineData("\u202EnaD", "naD")]
    [InlineData("\u2066Dan\u2069", "Dan")]
    [InlineData("D\0a\u0008n", "Dan")]
    [InlineData("Dan \u200B ", "Dan")]
    [InlineData("a \u200B b", "a b")]
    public void A_Cleans(string typed, string stored) =>
        Assert.Equal((stored, null), PersonName.Check(typed, PersonName.First));

    [Fact]
    public void A_Lone_surrogates_and_noncharacters_are_not_stored()
    {
        // Not inline data: an attribute cannot hold half a surrogate pair.
        Assert.Equal("Dan", PersonName.Check("D\uD800an\uDC00", PersonName.First).Name);
        Assert.Equal("Dan", PersonName.Check("D\uFFFEan\uFDD0\uD83F\uDFFF", PersonName.First).Name);
        Assert.Equal("Enter a first name", PersonName.Check("\uD800", PersonName.First).Error);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("é")]
    [InlineData("😀")]
    public void A_A_hundred_code_points_fit_and_one_more_does_not(string letter)
    {
        Assert.Null(PersonName.Check(Repeat(letter, 100), PersonName.First).Error);
        Assert.Equal(
            "First name must be 100 characters or fewer",
            PersonName.Check(Repeat(letter, 101), PersonName.First).Error
        );
        Assert.Equal(
            "Last name must be 100 characters or fewer",
            PersonName.Check(Repeat(letter, 101), PersonName.Last).Error
        );
    }

    [Theory]
    [InlineData("http://evil.example")]
    [InlineData("Click https://evil")]
    [InlineData("HTTPS://X")]
    [InlineData("evil.com")]
    [InlineData("Evil.Com")]
    [InlineData("win a prize at evil.co.uk now")]
    [InlineData("t.co")]
    [InlineData("bit.ly/abc")]
    [InlineData("www.x")]
    [InlineData("ev\u200Bil.c\u00ADom")]
    [InlineData("evil．com")]
    [InlineData("例え。テスト")]
    [InlineData("me@evil.com")]
    [InlineData("mailto:me")]
    [InlineData("ftp://x")]
    [InlineData("http:evil")]
    [InlineData(@"\\server\share")]
    [InlineData("192.168.10.20")]
    [InlineData("[x](http://y)")]
    public void A_Trust14_Refuses_web_addresses(string typed)
    {
        Assert.Equal((null, "First name must not include a web address"), PersonName.Check(typed, PersonName.First));
        Assert.Equal((null, "Last name must not include a web address"), PersonName.Check(typed, PersonName.Last));
    }

    [Theory]
    [InlineData("[x](y)", "First name must not include [ or ]")]
    [InlineData("[x]", "First name must not include [ or ]")]
    [InlineData("<b>", "First name must not include < or >")]
    [InlineData("a > b", "First name must not include < or >")]
    [InlineData("＜script＞", "First name must not include < or >")]
    [InlineData("<a href='http://evil.com'>", "First name must not include < or >")]
    public void A_Trust14_Refuses_markup(string typed, string error) =>
        Assert.Equal((null, error), PersonName.Check(typed, PersonName.First));

    [Theory]
    [InlineData("Jane", "Doe", "Jane Doe")]
    [InlineData("Jane", null, "Jane")]
    [InlineData(null, "Doe", "Doe")]
    [InlineData(null, null, "jane@example.com")]
    [InlineData("", " ", "jane@example.com")]
    public void C8_The_email_stands_where_the_name_would_be(string? first, string? last, string shown) =>
        Assert.Equal(shown, PersonName.FullName(first, last, "jane@example.com"));

    [Fact]
    public void A_Trust58_Hostile_strings_are_refused_or_cleaned_and_never_throw()
    {
        Assert.True(NaughtyStrings.All.Count >= 150);
        foreach (var hostile in NaughtyStrings.All)
        {
            var (name, error) = PersonName.Check(hostile, PersonName.First);
            Assert.True(name is null ^ error is null);
            if (name is not null)
            {
                AssertStorable(name);
                Assert.Equal(name, PersonName.Check(name, PersonName.First).Name);
                Assert.DoesNotContain(name, c => c is '<' or '>' or '[' or ']');
            }

            var (address, addressError) = EmailAddress.Check(hostile);
            Assert.True(address is null ^ addressError is null);
            if (address is not null)
            {
                AssertStorable(address.Display);
                Assert.Equal(address.Display, EmailAddress.Check(address.Display).Address!.Display);
                Assert.True(Ascii.IsValid(address.Key));
            }
        }
    }

    [Fact]
    public void A_Cleaning_twice_changes_nothing_more()
    {
        // A fixed seed: the same strings each time, made of the pieces that interact.
        var random = new Random(20_220_622);
        string[] pieces =
        [
            "a",
            "Z",
            "e",
            "\u0301",
            "\u0308",
            "\u200B",
            "\u200C",
            "\u200D",
            "\u202E",
            " ",
            "\u00A0",
            "\n",
            "\0",
            "\uD800",
            "\uDC00",
            "😀",
            "ع",
            "ل",
            "ර",
            "්",
            "ᄀ",
            "ᅡ",
            "\u3164",
            "\u115F",
            "\u2126",
            "\u212A",
            "ﬁ",
            "\uFEFF",
            "\u034F",
            "\u2000",
            "\u0344",
            "\u0F73",
            "ª",
            "\uFE0F",
            "\u1FEF",
        ];
        for (var i = 0; i < 20_000; i++)
        {
            var typed = string.Concat(
                Enumerable.Range(0, random.Next(1, 12)).Select(_ => pieces[random.Next(pieces.Length)])
            );
            var once = PlainText.OneLine(typed);
            Assert.Equal(once, PlainText.OneLine(once));
            AssertStorable(once);
        }
    }

    /// <summary>What PostgreSQL can store, a header can carry and a page can show.</summary>
    private static void AssertStorable(string text)
    {
        _ = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetBytes(text);
        Assert.DoesNotContain(text, char.IsControl);
        Assert.Equal(text.Trim(), text);
        Assert.True(text.EnumerateRunes().Count() <= EmailAddress.MaxLength);
    }

    private static string Repeat(string text, int times) => string.Concat(Enumerable.Repeat(text, times));
}
