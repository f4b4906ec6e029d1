using System.Diagnostics;
using Rollcall.Model;

namespace Rollcall.Tests.Model;

public sealed class AddressListTests
{
    private static readonly Dictionary<string, AddressListCase> Cases = AddressListCase.All.ToDictionary(one => one.Name);

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
            Assert.Equal(AddressKind.Recognised, Assert.Single(AddressList.Parse($"{symbol}name@example.com"), entry => entry.Address!.Display == $"{symbol}name@example.com").Kind);
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
                Assert.True(entries.Count > 2, text);
        }
    }

    [Fact]
    public void C_Half_a_surrogate_pair_is_not_valid()
    {
        var entry = Assert.Single(AddressList.Parse("a\uD800@x.uk"));
        Assert.Equal(AddressKind.NotValid, entry.Kind);
    }

    /// <summary>Texts that would cost a careless scanner the square of their length.</summary>
    public static TheoryData<string, string> Hostile => new()
    {
        { "<", "" }, { "\"", "" }, { "(", "" }, { "a", "" }, { "a@", "" }, { " ", "" }, { ",", "" }, { "\n", "" }, { "\t", "" }, { ".", "" }, { "1.", "" }, { "<", "@" }, { "\"", "@" },
        { "(", "@" }, { "[", "@" }, { "](", "@" }, { "a ", "@" }, { "to:", "@" }, { "mailto:", "a@x.uk" }, { "*", "a@x.uk" }, { "\"a ", "<a@x.uk>" }, { "a,", "<a@x.uk>" }, { "a@ ", "" },
        { "a @", "" }, { "<a@x.uk", "" }, { "a@x.uk <a@x.uk>", "" }, { "a@x,", "" }, { "a@x.uk\t", "" }, { "@", "" }, { "@ ", "" }, { "\u200B", "@" }, { "é", "@é.uk" }, { "x.uk\t", "a@x.uk" },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public void C_A_long_text_costs_in_proportion_to_its_length(string repeated, string end)
    {
        const int Short = 20_000, Long = 320_000;
        // Sixteen times the text takes some sixteen times as long; the square would be 256. The best of several, because the machine is shared.
        var ratio = double.MaxValue;
        for (var attempt = 0; attempt < 8 && ratio > 64; attempt++)
            ratio = Math.Min(ratio, Ticks(repeated, end, Long) / (double)Math.Max(1, Enumerable.Range(0, 3).Min(_ => Ticks(repeated, end, Short))));
        Assert.True(ratio <= 64, $"{ratio}");
    }

    [Fact]
    public void C_Four_megabytes_of_brackets_quotes_or_one_word_cost_about_as_much_as_of_addresses()
    {
        const int Size = 4_000_000;
        var ordinary = Ticks("name.surname@example.com\n", "", Size);
        foreach (var repeated in (string[])["<", "\"", "(", "a", "a@", " ", ",", "a@ "])
        {
            var ratio = double.MaxValue;
            for (var attempt = 0; attempt < 4 && ratio > 8; attempt++)
                ratio = Math.Min(ratio, Ticks(repeated, "", Size) / (double)ordinary);
            Assert.True(ratio <= 8, $"{repeated} {ratio}");
        }
    }

    private static long Ticks(string repeated, string end, int length)
    {
        var text = string.Concat(Enumerable.Repeat(repeated, length / repeated.Length)) + end;
        var begun = Stopwatch.GetTimestamp();
        _ = AddressList.Parse(text);
        return Stopwatch.GetTimestamp() - begun;
    }
}
