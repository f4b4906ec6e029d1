using Rollcall.Addresses;

namespace Rollcall.Tests.Addresses;

public sealed class AddressListTests
{
    private static readonly Dictionary<string, AddressListCase> Cases = AddressListCase.All.ToDictionary(one =>
        one.Name
    );

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void C_S4_3_S4_4_S4_9_Reads_a_list_as_the_shared_cases_say(string name) =>
        Assert.Equal(Cases[name].Entries, AddressList.Parse(Cases[name].Text).Select(ExpectedEntry.Of));

    [Fact]
    public void A_C_Each_valid_address_is_recognised_as_it_was_typed()
    {
        // The characters that a list may put around an address are allowed in some.
        foreach (var symbol in "!#$%&*+-/=?^_{}~")
        {
            Assert.Equal(
                AddressKind.Recognised,
                Assert
                    .Single(
                        AddressList.Parse($"{symbol}name@example.com"),
                        entry => entry.Address!.Display == $"{symbol}name@example.com"
                    )
                    .Kind
            );
        }
    }

    [Fact]
    public void C_Strings_that_break_forms_break_nothing_and_are_told()
    {
        foreach (var text in NaughtyStrings.All)
        {
            var entries = AddressList.Parse($"a@x.uk\n{text.ReplaceLineEndings(" ")}\nb@x.uk");
            Assert.Equal("a@x.uk", entries[0].Text);
            Assert.Equal((3, "b@x.uk"), (entries[^1].Line, entries[^1].Text));
            if (text.Any(char.IsAsciiLetterOrDigit))
            {
                Assert.True(entries.Count > 2, text);
            }
        }
    }

    [Fact]
    public void C_Half_a_surrogate_pair_is_not_valid()
    {
        var entry = Assert.Single(AddressList.Parse("a\uD800@x.uk"));
        Assert.Equal(AddressKind.NotValid, entry.Kind);
    }

    /// <summary>Texts that would cost a careless scanner the square of their length.</summary>
    public static TheoryData<string, string> Hostile =>
        new()
        {
            { "<", "" },
            { "\"", "" },
            { "(", "" },
            { "a", "" },
            { "a@", "" },
            { " ", "" },
            { ",", "" },
            { "\n", "" },
            { "\t", "" },
            { ".", "" },
            { "1.", "" },
            { "<", "@" },
            { "\"", "@" },
            { "(", "@" },
            { "[", "@" },
            { "](", "@" },
            { "a ", "@" },
            { "to:", "@" },
            { "mailto:", "a@x.uk" },
            { "*", "a@x.uk" },
            { "\"a ", "<a@x.uk>" },
            { "a,", "<a@x.uk>" },
            { "a@ ", "" },
            { "a @", "" },
            { "<a@x.uk", "" },
            { "a@x.uk <a@x.uk>", "" },
            { "a@x,", "" },
            { "a@x.uk\t", "" },
            { "@", "" },
            { "@ ", "" },
            { "\u200B", "@" },
            { "é", "@é.uk" },
            { "x.uk\t", "a@x.uk" },
        };

    /// <summary>
    /// With quadratic time, a megabyte would take an hour. <c>bench/run texts</c> has the figures.
    /// </summary>
    [Theory]
    [MemberData(nameof(Hostile))]
    public void C_A_megabyte_of_anything_is_read_and_shown_in_part(string repeated, string end)
    {
        var entries = AddressList.Parse(string.Concat(Enumerable.Repeat(repeated, 1_000_000 / repeated.Length)) + end);
        Assert.True(entries.All(entry => entry.Text.Length is > 0 and <= 201)); // with the mark that it was cut
        Assert.True(end.Length == 0 || entries.Count > 0);
    }

    [Theory]
    [InlineData("<")]
    [InlineData("\"")]
    [InlineData("(")]
    [InlineData("a")]
    [InlineData("a@")]
    [InlineData(" ")]
    public void C_Four_megabytes_without_an_end_are_one_entry_at_most(string repeated) =>
        Assert.InRange(
            AddressList.Parse(string.Concat(Enumerable.Repeat(repeated, 4_000_000 / repeated.Length))).Count,
            0,
            1
        );
}
